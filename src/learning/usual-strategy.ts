/**
 * Which strategy draws where none is named, and by what reward? Those of the least error over the pools of experiment/STRATEGIES.md: of
 * numbers greedy by predictive variance, of classes greedy by information or, where that ranks nothing, the margin. Where a reward is
 * asked for, greedy by it; where something is that a sampler alone has a use for, the GFlowNet. Within limits of a batch, of several
 * targets, and of a pool so large that predictive variance would take many times as long as fitting, greedy by information.
 */
import type { AcquisitionName } from '../acquisition/index.js';
import { settingNames, type SettingValues } from '../acquisition/settings.js';
import type { EngineChoice } from '../engine/index.js';
import type { RewardName } from '../reward/index.js';

/** What is asked for. */
export interface Asked extends SettingValues {
  readonly acquisition?: AcquisitionName | undefined;
  readonly reward?: RewardName | undefined;
  readonly candidates?: number | undefined;
  readonly engine?: EngineChoice;
}

/** What labels will be, and of how many points. */
export interface AskedOf {
  readonly ofClasses: boolean;
  /** Whether a row has several labels. */
  readonly several: boolean;
  /** Whether a batch has limits in place of a size (acquisition/batch-limits.ts). */
  readonly limits: boolean;
  readonly points: number;
  /** Whether a posterior may have as many features as points. */
  readonly wide: boolean;
}

/** The most points N of which all are targets of predictive variance, O(N D²) of D features: some hundreds, or as many as points. */
const mostTargets = (wide: boolean): number => (wide ? 500 : 5000);

/** Whether something is asked for that a sampler alone has a use for. */
const asksForSampler = (asked: Asked): boolean =>
  asked.candidates !== undefined ||
  asked.engine === 'webgpu' ||
  settingNames.some((name) => asked[name] !== undefined);

/** The strategy as far as options alone tell: `greedy` where labels decide ({@link withStrategy}). */
export const strategyOfOptions = (asked: Asked): AcquisitionName =>
  asked.acquisition ?? (asksForSampler(asked) ? 'gflownet' : 'greedy');

/** What is asked for, with a strategy, and the reward that goes with it where none was asked for. */
export const withStrategy = <A extends Asked>(
  asked: A,
  { ofClasses, several, limits, points, wide }: AskedOf,
): A & { readonly acquisition: AcquisitionName } => {
  const { reward } = asked;
  const acquisition = strategyOfOptions(asked);
  if (asked.acquisition !== undefined || acquisition !== 'greedy') return { ...asked, acquisition };
  if (ofClasses && reward === undefined && !limits) return { ...asked, acquisition: 'greedyOrMargin' };
  const usual =
    ofClasses || several || limits || points > mostTargets(wide) ? undefined : 'predictiveVariance';
  return { ...asked, acquisition, reward: reward ?? usual };
};
