/**
 * Greedy BatchBALD for class labels: b times the point of largest gain in joint mutual information given those already
 * chosen, exact while the configurations of their labels can be enumerated, sampled beyond.
 *
 * As labels are independent given θ the gains are submodular: JMI of the greedy batch is at least 1 − 1/e of the best
 * batch's. Source: Kirsch, van Amersfoort and Gal, BatchBALD (2019), algorithm 1. O(b N S C^b) while exact, O(b N M S C)
 * beyond, M the number of configurations.
 */
import { chooseLabel, enumerable, gainOfLabel, noLabels } from '../reward/categorical/exact.js';
import { labelInformation } from '../reward/categorical/information.js';
import { type LabelInformation, type Likelihoods, likelihoodsOf } from '../reward/categorical/likelihoods.js';
import {
  chooseSampledLabel,
  type LabelSampling,
  noSampledLabels,
  sampledGain,
} from '../reward/categorical/sampled.js';
import type { CategoricalPosterior } from '../surrogate/categorical-posterior.js';

/** A batch of pool indices (0-based) and what its labels tell, as the reward has it (labelInformation). */
export interface CategoricalBatch extends LabelInformation {
  readonly indices: readonly number[];
}

/** The free point of largest gain; of equal ones the first. */
const bestOf = (points: number, taken: ReadonlySet<number>, gain: (n: number) => number): number => {
  let best = -1;
  let most = -Infinity;
  for (let n = 0; n < points; n++) {
    const own = taken.has(n) ? -Infinity : gain(n);
    if (own > most) [best, most] = [n, own];
  }
  return best;
};

/** How many points can be chosen with exact gains: b, or the largest k with C^k enumerable. */
const exactSteps = (likelihoods: Likelihoods, batchSize: number): number => {
  let steps = 0;
  while (steps < batchSize && enumerable(likelihoods, steps + 1)) steps++;
  return steps;
};

/**
 * b pool indices in the order chosen, all different and none of them in `without` (different points of the pool), and
 * what their labels tell. Throws a RangeError for a batch size that is not a whole number from 0 to the points left.
 */
export const greedyCategoricalBatch = (
  posterior: CategoricalPosterior,
  batchSize: number,
  sampling: LabelSampling,
  without: readonly number[] = [],
): CategoricalBatch => {
  const left = posterior.points - without.length;
  if (!Number.isInteger(batchSize) || batchSize < 0 || batchSize > left)
    throw new RangeError(`greedyCategoricalBatch: a batch of ${batchSize} from a pool of ${left} points`);
  const likelihoods = likelihoodsOf(posterior);
  const best = (chosen: readonly number[], gain: (n: number) => number): number =>
    bestOf(posterior.points, new Set([...chosen, ...without]), gain);
  const steps = exactSteps(likelihoods, batchSize);
  let exact = noLabels(likelihoods);
  while (exact.chosen.length < steps) {
    const state = exact;
    exact = chooseLabel(
      state,
      best(state.chosen, (n) => gainOfLabel(state, n)),
    );
  }
  const indices = [...exact.chosen];
  if (indices.length < batchSize) {
    let sampled = indices.reduce(chooseSampledLabel, noSampledLabels(likelihoods, sampling));
    while (indices.length < batchSize) {
      const state = sampled;
      const next = best(indices, (n) => sampledGain(state, n));
      indices.push(next);
      sampled = chooseSampledLabel(state, next);
    }
  }
  return { indices, ...labelInformation(posterior, sampling)(indices) };
};
