/**
 * What is a strategy of a run called? By its acquisition; behind an @ by its reward, where that is not joint mutual
 * information; and behind a colon by how many batches it draws, where that is not as many as usual: `random:16`,
 * `greedy@predictiveVariance`, `stochasticBatchBald@predictiveVariance:256`. The best draw by the reward is asked for.
 */
import * as O from '#fp-ts/Option';
import { type AcquisitionName, strategies } from '../../acquisition/index.js';
import type { Strategy } from '../../acquisition/strategy.js';
import { type RewardName, rewards } from '../../reward/index.js';
import { present } from '../../present.js';

type Unnumbered = AcquisitionName | `${AcquisitionName}@${RewardName}`;

/** The name of a strategy of a run, which its records have. */
export type StrategyName = Unnumbered | `${Unnumbered}:${number}`;

/** What a name says. */
export interface NamedStrategy {
  readonly name: StrategyName;
  readonly acquisition: AcquisitionName;
  /** Joint mutual information if left out. */
  readonly reward?: RewardName;
  /** The batches drawn. */
  readonly draws: number;
}

const MOST_DRAWS = 1_000_000;

const isAcquisition = (word: string): word is AcquisitionName => Object.hasOwn(strategies, word);
const isReward = (word: string): word is RewardName => Object.hasOwn(rewards, word);

/**
 * The strategy of a name; none where it is no name, as with a number of draws that is not from 1 to a million. A strategy has
 * one name: joint mutual information is not said.
 */
export const strategyOf = (word: string): O.Option<NamedStrategy> => {
  const [, acquisition = '', reward, number] =
    /^([A-Za-z]+)(?:@([A-Za-z]+))?(?::([1-9]\d{0,6}))?$/.exec(word) ?? [];
  if (!isAcquisition(acquisition)) return O.none;
  if (reward !== undefined && (!isReward(reward) || reward === 'information')) return O.none;
  const strategy: Strategy = strategies[acquisition];
  const draws = Number(number ?? strategy.drawsOfRun ?? 1);
  if (draws > MOST_DRAWS) return O.none;
  const unnumbered: Unnumbered = reward === undefined ? acquisition : `${acquisition}@${reward}`;
  return O.some({
    name: number === undefined ? unnumbered : `${unnumbered}:${draws}`,
    ...{ acquisition, draws },
    ...present({ reward }),
  });
};
