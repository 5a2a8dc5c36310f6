/**
 * Greedy BatchBALD: b times the point of largest gain given those already chosen.
 *
 * As the gains are submodular, its JMI is at least 1 − 1/e of the best batch's. Source: Kirsch, van
 * Amersfoort and Gal, BatchBALD (2019), algorithm 1; the gains by the rank-one updates of reward/exact.ts,
 * O(b N (D + b)) in all.
 */
import { pipe } from '#fp-ts/function';
import { choose, type Conditioned, noneChosen, type ScoredBatch } from '../reward/exact.js';
import type { Posterior } from '../surrogate/posterior.js';

/** The free point of largest variance given s, hence of largest gain; of equal ones the first. −1 where none is free. */
export const mostInformative = (
  { variances, chosen }: Conditioned,
  without: readonly number[] = [],
): number => {
  const taken = new Set([...chosen, ...without]);
  let best = -1;
  variances.forEach((v, n) => {
    if (!taken.has(n) && (best < 0 || v > (variances[best] ?? 0))) best = n;
  });
  return best;
};

/**
 * b pool indices in the order chosen, all different and none of them in `without` (different points of the pool), and
 * their JMI in nats. Throws a RangeError for a batch size that is not a whole number from 0 to the number of points left.
 */
export const greedyBatch = (
  { whitened }: Posterior,
  batchSize: number,
  without: readonly number[] = [],
): ScoredBatch => {
  const left = whitened.rows - without.length;
  if (!Number.isInteger(batchSize) || batchSize < 0 || batchSize > left)
    throw new RangeError(`greedyBatch: a batch of ${batchSize} from a pool of ${left} points`);
  let state = noneChosen(whitened);
  for (let i = 0; i < batchSize; i++) state = pipe(state, choose(mostInformative(state, without)));
  return { indices: state.chosen, jointMutualInformation: state.jointMutualInformation };
};
