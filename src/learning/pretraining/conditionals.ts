/**
 * What a policy should say at a state, by Gibbs draws: with the uniform backward policy the exact policy's probability of n
 * after s is that of n in a position of B ∖ s, of batches B from the target that hold s,
 *
 *   P(n | s) = E[ [n ∈ B ∖ s] / (b − k) | s ⊂ B ]
 *
 * and each Gibbs update of a position outside s draws that position from its conditional given the others. The mean of these
 * conditionals over a few updates has the same expectation and much less variance than what they draw (Rao and Blackwell's
 * theorem; Gelfand and Smith 1990). Fitting a policy to it by cross-entropy is maximum likelihood on exact draws in uniform
 * order, −E Σ_t log P_F(B_σt | B_σ<t), one term at a time.
 *
 * A state is a uniform part of a draw. A part of the states comes from draws at a higher temperature, after which the positions
 * outside are drawn for a while at the right one: a policy visits states that the target seldom does.
 */
import { at } from '../../at.js';
import { annealedBeta, conditionalAt, drawnFrom, updates } from '../../gibbs/update.js';
import type { BatchTarget } from '../../gibbs/target.js';
import { gibbsTargetOf, type Problem } from '../../gflownet/problem.js';
import { permutation, split, type Key } from '../../random/key.js';
import { below, uniformStream, type UniformStream } from '../../random/stream.js';
import { uniformSubset } from '../../random/subset.js';
import type { MutableBatch } from '../../reward/mutable-batch.js';

/** A state and what the exact policy says there, as far as it is known. */
export interface TaughtState {
  /** k members, at least two fewer than the batch will have after one more: r = b − k − 1 ≥ 2. */
  readonly members: readonly number[];
  /** r. */
  readonly remaining: number;
  /** An unbiased estimate of P(n | s), [N]; it sums to one. */
  readonly probabilities: Float64Array;
}

/** Sweeps of b updates: of the annealing from β = 0, at the target, between two states, and after a hotter one. */
const sweeps = { annealing: 6, target: 6, between: 2, after: 4 };
/** Conditionals that are averaged at a state. */
const averaged = 24;
/** The part of the states that comes from a higher temperature. */
const hotter = 0.25;

/** Updates of the positions from `from` on alone. */
const updatesFrom = (
  batch: MutableBatch,
  beta: number,
  from: number,
  count: number,
  uniform: UniformStream,
  weights: Float64Array,
  seen?: Float64Array,
): void => {
  for (let i = 0; i < count; i++) {
    const position = from + below(batch.members.length - from, uniform());
    const conditional = conditionalAt(batch, position, beta, weights);
    if (seen !== undefined)
      for (let n = 0; n < weights.length; n++)
        seen[n] = (seen[n] ?? NaN) + (weights[n] ?? NaN) / (conditional.total * count);
    const drawn = drawnFrom(conditional, uniform());
    if (drawn >= 0 && drawn !== batch.members[position]) batch.replace(position, drawn);
  }
};

/** A batch from about the target. */
const annealed = (
  target: BatchTarget,
  beta: number,
  key: Key,
  uniform: UniformStream,
  weights: Float64Array,
): MutableBatch => {
  const { batchSize, utility } = target;
  const batch = utility.batchFrom(uniformSubset(key, utility.points, batchSize));
  for (let sweep = 1; sweep <= sweeps.annealing + sweeps.target; sweep++)
    updates(
      target,
      batch,
      annealedBeta(beta, sweep, sweeps.annealing),
      { from: 0, count: batchSize },
      uniform,
      weights,
    );
  return batch;
};

/** States of a problem with three points a batch or more. The same key gives the same. */
export const taughtStates = (problem: Problem, count: number, key: Key): readonly TaughtState[] => {
  const { target, beta } = gibbsTargetOf(problem);
  const { batchSize } = problem;
  const uniform = uniformStream(split(key, 0));
  const weights = new Float64Array(problem.whitened.rows);
  const batch = annealed(target, beta, split(key, 1), uniform, weights);
  let isHot = false;
  return Array.from({ length: count }, (_, i): TaughtState => {
    const sweep = isHot ? sweeps.after : sweeps.between;
    isHot = uniform() < hotter;
    const heat = isHot ? 0.2 + 0.7 * uniform() : 1;
    updates(target, batch, beta * heat, { from: 0, count: sweep * batchSize }, uniform, weights);
    const size = below(batchSize - 2, uniform());
    const order = permutation(split(key, 2 + i), batchSize);
    batch.set(Array.from(order, (position) => at(batch.members, position)));
    const outside = batchSize - size;
    if (isHot) updatesFrom(batch, beta, size, sweeps.after * outside, uniform, weights);
    const members = batch.members.slice(0, size);
    const probabilities = new Float64Array(weights.length);
    updatesFrom(batch, beta, size, averaged, uniform, weights, probabilities);
    return { members, remaining: outside - 1, probabilities };
  });
};
