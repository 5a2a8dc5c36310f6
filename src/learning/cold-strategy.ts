/**
 * Which strategy draws a batch while labels say nothing? Of classes {@link coldStrategy}, in place of the default and of those that
 * go by classes, which have none yet: what is dense stands for a class sooner than what is far from all else. Any other, and every
 * one of numbers, draws as it was asked to, by the prior of the features.
 */
import { type AcquisitionName, strategies } from '../acquisition/index.js';
import { requireObjects } from '../misuse.js';
import { unusedSettings, type StrategySettings } from '../acquisition/settings.js';

/** What draws the first batches of classes. */
export const coldStrategy = 'typiClust' satisfies AcquisitionName;

/** Whether no label has a say, and whether labels will be classes. */
export interface Beginning {
  readonly coldStart: boolean;
  readonly ofClasses: boolean;
}

/**
 * The strategy that draws a batch where `acquisition` was asked for, and those of the settings that it takes: {@link coldStrategy} takes
 * the place of `gflownet` and of strategies of classes while labels say nothing of classes yet.
 */
export const strategyGiven = <Settings extends StrategySettings>(
  acquisition: AcquisitionName,
  settings: Settings,
  beginning: Beginning,
): Settings & { readonly acquisition: AcquisitionName } => {
  requireObjects('strategyGiven', { settings, beginning });
  const asked = { ...settings, acquisition };
  if (!beginning.coldStart || !beginning.ofClasses) return asked;
  if (acquisition !== 'gflownet' && strategies[acquisition].ofClasses !== true) return asked;
  const unused: readonly string[] = unusedSettings(strategies[coldStrategy], settings);
  return {
    ...(Object.fromEntries(Object.entries(settings).filter(([name]) => !unused.includes(name))) as Settings),
    acquisition: coldStrategy,
  };
};

/** A sentence where another strategy stands in for the one that was asked for; none where it draws itself. */
export const standInRemarks = (acquisition: AcquisitionName, beginning: Beginning): readonly string[] =>
  strategyGiven(acquisition, {}, beginning).acquisition === acquisition
    ? []
    : [
        `labels say nothing of classes yet: the batch is that of ${coldStrategy}, and ${acquisition} goes on from there.`,
      ];
