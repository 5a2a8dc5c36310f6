/**
 * Which strategy draws where none is named, and by what reward? Those of the least error over the pools of experiment/STRATEGIES.md: of
 * numbers greedy by predictive variance, of classes greedy by information or, where that ranks nothing, the margin. Where a reward is asked for, greedy by it; where something is that a
 * sampler alone has a use for, the GFlowNet. Within limits of a batch, of several targets, and of a pool so large that predictive variance
 * would take many times as long as fitting, greedy by information.
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
const mostTargets = { narrow: 5000, wide: 500 };

/** Whether something is asked for that a sampler alone has a use for. */
export const asksForSampler = (asked: Asked): boolean =>
  asked.candidates !== undefined ||
  asked.engine === 'webgpu' ||
  settingNames.some((name) => asked[name] !== undefined);

/** What is asked for, with a strategy, and the reward that goes with it where none was asked for. */
export const withStrategy = <A extends Asked>(
  asked: A,
  { ofClasses, several, limits, points, wide }: AskedOf,
): A & { readonly acquisition: AcquisitionName } => {
  const { acquisition, reward } = asked;
  if (acquisition !== undefined) return { ...asked, acquisition };
  if (asksForSampler(asked)) return { ...asked, acquisition: 'gflownet' };
  if (ofClasses && reward === undefined && !limits) return { ...asked, acquisition: 'greedyOrMargin' };
  const most = mostTargets[wide ? 'wide' : 'narrow'];
  const usual = ofClasses || several || limits || points > most ? undefined : 'predictiveVariance';
  return { ...asked, acquisition: 'greedy', reward: reward ?? usual };
};
