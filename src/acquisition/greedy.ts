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

/** The free point of largest variance given s, hence of largest gain; of equal ones the first. */
const mostInformative = ({ variances, chosen }: Conditioned): number => {
  const taken = new Set(chosen);
  let best = -1;
  variances.forEach((v, n) => {
    if (!taken.has(n) && (best < 0 || v > (variances[best] ?? 0))) best = n;
  });
  return best;
};

/**
 * b pool indices in the order chosen, all different, and their JMI in nats. Throws a RangeError for a batch
 * size that is not a whole number from 0 to the size of the pool.
 */
export const greedyBatch = ({ whitened }: Posterior, batchSize: number): ScoredBatch => {
  if (!Number.isInteger(batchSize) || batchSize < 0 || batchSize > whitened.rows)
    throw new RangeError(`greedyBatch: a batch of ${batchSize} from a pool of ${whitened.rows} points`);
  let state = noneChosen(whitened);
  for (let i = 0; i < batchSize; i++) state = pipe(state, choose(mostInformative(state)));
  return { indices: state.chosen, jointMutualInformation: state.jointMutualInformation };
};
