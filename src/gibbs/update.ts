/**
 * Updates of a batch that leave π_β as it is (target.ts).
 *
 * A position anew: of a member m at a position drawn uniformly, whose point is left out and drawn from its exact conditional,
 *
 *   p(n | B ∖ m) ∝ exp( β · (U(B ∖ m + n) − U(B ∖ m)) ),   n ∉ B ∖ m
 *
 * Where sizes vary, every second update adds a point or drops one, by a fair coin. With Z(s) = Σ_{n ∉ s} exp(β (U(s + n) − U(s)
 * − cost)) and k = |s|, a point n is added with probability ∝ its term in Z(s), and a member dropped uniformly; both are
 * accepted by Metropolis and Hastings' rule, whose ratio does not depend on which point it is:
 *
 *   add      min(1, Z(s) / (k + 1))              drop, to s ∖ m of k − 1 points      min(1, k / Z(s ∖ m))
 *
 * Sources: Geman and Geman (1984) for the first; Hastings, Biometrika 57 (1970), Green, Biometrika 82 (1995) for the other.
 */
import { numericalFailure } from '../failure.js';
import { breakOff } from '../work.js';
import { below, type UniformStream } from '../random/stream.js';
import { type Conditional, conditionalByGains, type MutableBatch } from '../reward/mutable-batch.js';
import type { BatchTarget } from './target.js';

/** β of the update after `done` of a chain that is annealed from uniform batches in `heating` of them: β (done / heating)², then β. */
export const annealedBeta = (beta: number, done: number, heating: number): number =>
  beta * Math.min(1, done / heating) ** 2;

/**
 * The law of what stands at a position of a batch, −1 for one more, at β ≥ 0, into `weights` [N]. Ends the work with a
 * NumericalFailure where it is none.
 */
export const conditionalAt = (
  batch: MutableBatch,
  position: number,
  beta: number,
  weights: Float64Array,
): Conditional => {
  const conditional =
    batch.conditional?.(position, beta, weights) ?? conditionalByGains(batch.gains, position, beta, weights);
  // The likeliest point has a weight of 1.
  return conditional.total > 0 && conditional.total < Infinity ? conditional : breakOff(beyondPrecision);
};

/** Why numbers of a pool's batches are not finite. */
export const beyondPrecision = numericalFailure(
  'drawing',
  'gains are not finite: features of points that are alike are too large beside the noise, or the temperature is too low for 64-bit numbers',
  'Leave out repeated points, raise the noise variance, or take a higher temperature',
);

/** The point at which the sum of weights passes a uniform part of their total. */
export const drawnFrom = (
  { weights, total }: Pick<Conditional, 'weights' | 'total'>,
  uniform: number,
): number => {
  let left = uniform * total;
  let last = -1;
  for (let n = 0; n < weights.length; n++) {
    const weight = weights[n] ?? NaN;
    if (weight <= 0) continue;
    last = n;
    left -= weight;
    if (left < 0) break;
  }
  return last;
};

/** Draws one position anew. */
const anew = (batch: MutableBatch, beta: number, uniform: UniformStream, scratch: Float64Array): void => {
  const position = below(batch.members.length, uniform());
  const drawn = drawnFrom(conditionalAt(batch, position, beta, scratch), uniform());
  if (drawn !== batch.members[position] && drawn >= 0) batch.replace(position, drawn);
};

/** log Z(s) of one more point, the cost included. */
export const logMass = ({ largest, total }: Conditional, beta: number, cost: number): number =>
  beta * (largest - cost) + Math.log(total);

/** Adds a point or drops one, or leaves the batch as it is. */
const resized = (
  batch: MutableBatch,
  { batchSize, smallestBatch = batchSize, pointCost = 0 }: BatchTarget,
  beta: number,
  uniform: UniformStream,
  scratch: Float64Array,
): void => {
  const size = batch.members.length;
  const grows = uniform() < 0.5;
  const coin = Math.log(uniform());
  if (grows) {
    if (size >= batchSize) return;
    const next = conditionalAt(batch, -1, beta, scratch);
    if (coin < logMass(next, beta, pointCost) - Math.log(size + 1)) batch.add(drawnFrom(next, uniform()));
    return;
  }
  if (size <= smallestBatch) return;
  const position = below(size, uniform());
  if (coin < Math.log(size) - logMass(conditionalAt(batch, position, beta, scratch), beta, pointCost))
    batch.remove(position);
};

/** Whether an update resizes a batch: every second does, where sizes vary. */
export const resizes = ({ batchSize, smallestBatch = batchSize }: BatchTarget, step: number): boolean =>
  smallestBatch < batchSize && step % 2 === 1;

/** One update of a batch, the `step`-th, at β ≥ 0. `scratch` has room for N numbers. */
export const update = (
  target: BatchTarget,
  batch: MutableBatch,
  beta: number,
  step: number,
  uniform: UniformStream,
  scratch: Float64Array,
): void => {
  if (resizes(target, step)) resized(batch, target, beta, uniform, scratch);
  else anew(batch, beta, uniform, scratch);
};

/** Several updates in a row, the first of which is the `from`-th of its chain. */
export const updates = (
  target: BatchTarget,
  batch: MutableBatch,
  beta: number,
  { from, count }: { readonly from: number; readonly count: number },
  uniform: UniformStream,
  scratch: Float64Array,
): void => {
  for (let step = from; step < from + count; step++) update(target, batch, beta, step, uniform, scratch);
};
