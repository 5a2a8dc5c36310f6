/**
 * Which strategy draws a batch while labels say nothing? The one that was asked for, on the prior of the features; one that goes by
 * classes has none yet, and {@link coldStrategy} stands in for it.
 */
import { type AcquisitionName, strategies } from '../acquisition/index.js';
import { unusedSettings, type StrategySettings } from '../acquisition/settings.js';

/** What draws a batch where a strategy of classes has none. */
export const coldStrategy = 'typiClust' satisfies AcquisitionName;

/** A sentence where another strategy stands in for the one that was asked for; none where it draws itself. */
export const standInRemarks = (acquisition: AcquisitionName, coldStart: boolean): readonly string[] =>
  strategyGiven(acquisition, {}, coldStart).acquisition === acquisition
    ? []
    : [
        `${acquisition} goes by classes, and labels say nothing of them yet: the batch is that of ${coldStrategy}.`,
      ];

/** The strategy, of a cold start or not, and those of the settings that it takes. */
export const strategyGiven = <Settings extends StrategySettings>(
  acquisition: AcquisitionName,
  settings: Settings,
  coldStart: boolean,
): Settings & { readonly acquisition: AcquisitionName } => {
  if (!coldStart || strategies[acquisition].ofClasses !== true) return { ...settings, acquisition };
  const unused: readonly string[] = unusedSettings(strategies[coldStrategy], settings);
  return {
    ...(Object.fromEntries(Object.entries(settings).filter(([name]) => !unused.includes(name))) as Settings),
    acquisition: coldStrategy,
  };
};
