/**
 * What does it look like when two chains meet? The batches of a pair that is updated together (gibbs/coupling.ts), update by update: each
 * chain by itself makes Gibbs updates of the target, and from where both hold the same points they never part again.
 *
 * Source: Jacob, O'Leary and Atchadé, Unbiased Markov chain Monte Carlo methods with couplings (2020), arXiv 1708.03625.
 */
import { samePoints, updateTogether } from '../gibbs/coupling.js';
import { uniformBatch } from '../gibbs/population.js';
import { gibbsTargetOf, type Problem } from '../gflownet/problem.js';
import { split, type Key } from '../random/key.js';
import { uniformStream } from '../random/stream.js';

/** The batches of both chains, as pool indices in the order of their places. */
export interface CoupledBatches {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** A pair of chains on its way. */
export interface CoupledPair {
  /** The batches at the beginning, two independent uniform ones, and after each update, until they met or the updates were made. */
  readonly path: readonly CoupledBatches[];
  /** The update after which they were the same; Infinity where they were not yet. */
  readonly met: number;
}

/** A pair of chains on a problem, for so many updates at most. The same key gives the same pair. */
export const coupledPair = (problem: Problem, key: Key, updates: number): CoupledPair => {
  const { target, beta } = gibbsTargetOf(problem);
  const { points, batchFrom } = target.utility;
  const [x, y] = [0, 1].map((i) => batchFrom(uniformBatch(target, split(key, i))));
  if (x === undefined || y === undefined) throw new RangeError('coupledPair: no batches');
  const uniform = uniformStream(split(key, 2));
  const scratches = [new Float64Array(points), new Float64Array(points)] as const;
  const both = (): CoupledBatches => ({ x: [...x.members], y: [...y.members] });
  const path = [both()];
  let step = 0;
  for (; step < updates && !samePoints(x.members, y.members); step++) {
    updateTogether(target, [x, y], beta, step, uniform, scratches);
    path.push(both());
  }
  return { path, met: samePoints(x.members, y.members) ? step : Infinity };
};
