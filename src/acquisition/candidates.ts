/**
 * Which points of a large pool are worth training on? M candidates, a part of them by gain and the others at random:
 *
 *   by gain     in b rounds of equal size, round k = 0 … b−1 the points of largest gain(n | s_k) = ½ log(1 + v_n(s_k))
 *               nats that are no candidates yet, s_k the first k points of greedy BatchBALD
 *   at random   of all other points uniformly, without replacement, by the key
 *
 * The first round asks for the gain of a point by itself, ½ log(1 + |φ_n|²). Where the largest of these gains lie in one
 * corner of the pool its points say the same thing, and one round would spend all its candidates there; later rounds go
 * where greedy goes next. So the greedy batch is among the candidates, always, with the points next to it in rank; that of
 * another reward is among them too. The random ones stand for all that greedy does not look at.
 *
 * Measured for b = 10, means of seeds 0, 1, 2, nats: what greedy loses by the candidates, and (T = ½) how much more
 * information a drawn batch has than one drawn from the whole pool.
 *
 *                    corner                      Matérn                      normal
 *   M, by gain       100          300            100          300            100          300
 *   ½, one round     2.24  −1.28  1.21  −0.79    0.75  +2.06  0.01  +2.18    0.00  +1.63  0.00  +1.44
 *   ½, b rounds      0     +1.52  0     +1.22    0     +3.31  0     +2.51    0     +1.63  0     +1.37
 *
 * At the default temperature the best of 256 trained draws then lies 2.2 and 1.2 nats below greedy in the corner pool with
 * one round, and above it with b rounds. Half is the least part of ¼, ½, ¾ that costs a second batch (Proposal, cost) no
 * more than 0.10 nats at M = 100 in all pools; ¼ costs 0.34, ¾ follows the pool's own target less. Choice with probability
 * ∝ |φ_n|² or ∝ gain costs greedy 1.2 to 3.4 nats at M = 100.
 *
 * The pools: maternProblem of 2,000 points; 10,000 points of 32 normal features of deviation 3/√32; 4,000 points of 24
 * normal features of deviation 0.6, the first 800 of which are 6 in the first feature plus deviation 0.1 in all. To repeat
 * it, compare greedyBatch and proposeBatch (kdpp) on posteriorAt(posterior, candidateIndices(…)) with them on the whole.
 *
 * O(N (D + log N) b) time at worst, and O(N) memory: nothing of size N×N or N×M.
 */
import { type Matrix, rowsAt } from '../linear-algebra/matrix.js';
import type { Key } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import { scannedAtOnce, type Scans } from '../reward/scan.js';
import { categoricalAt } from '../surrogate/categorical-posterior.js';
import type { Posterior } from '../surrogate/posterior.js';
import { lazyGains } from './lazy-gains.js';

/** How many candidates, for which batches, and by which law. */
export interface CandidateOptions {
  /** M, from b up. */
  readonly count: number;
  readonly batchSize: number;
  /** Of the random part. */
  readonly key: Key;
  /** The part of them chosen by gain, in [0, 1]: ½ if left out. At least one a round. */
  readonly byGain?: number;
  /** From 1 to M: b if left out, and with 1 the gains of points by themselves decide. */
  readonly rounds?: number;
}

function* chosenByGain(whitened: Matrix, count: number, rounds: number): Scans<ReadonlySet<number>> {
  const taken = new Set<number>();
  const greedy = new Set<number>();
  const { largest, join } = lazyGains(whitened);
  for (let round = 1; ; round++) {
    const due = Math.round((count * round) / rounds) - taken.size;
    for (const n of yield* largest(due, (n) => !taken.has(n))) taken.add(n);
    if (round >= rounds) return taken;
    for (const best of yield* largest(1, (n) => !greedy.has(n))) {
      greedy.add(best);
      join(best);
    }
  }
}

/** Throws a RangeError where so many candidates are no whole number, or fewer than a batch or than rounds. */
export const requireCandidates = ({
  count,
  batchSize,
  rounds = batchSize,
}: Pick<CandidateOptions, 'count' | 'batchSize' | 'rounds'>): void => {
  if (!Number.isInteger(count) || count < Math.max(batchSize, rounds))
    throw new RangeError(
      `candidateIndices: ${count} candidates for batches of ${batchSize} in ${rounds} rounds; give a whole number, at least as many`,
    );
};

/** {@link candidateIndices} by scans; those of `include`, M points at most, are among them whatever their gain. */
export function* candidateScans(
  whitened: Matrix,
  options: CandidateOptions,
  include: readonly number[] = [],
): Scans<readonly number[]> {
  requireCandidates(options);
  const { count, batchSize, key, byGain = 0.5, rounds = batchSize } = options;
  if (count >= whitened.rows) return Array.from({ length: whitened.rows }, (_, n) => n);
  const taken = new Set(include);
  for (const n of yield* chosenByGain(whitened, Math.max(rounds, Math.round(byGain * count)), rounds))
    if (taken.size < count) taken.add(n);
  // Places among the points that are not taken.
  const drawn = new Set(uniformSubset(key, whitened.rows - taken.size, count - taken.size));
  const indices: number[] = [];
  let place = 0;
  for (let n = 0; n < whitened.rows; n++) if (taken.has(n) || drawn.has(place++)) indices.push(n);
  return indices;
}

/**
 * The indices of M candidates among the rows of whitened features (N×D), ascending; all N where M ≥ N. Throws a RangeError
 * where M is no whole number, or smaller than a batch, or than the number of rounds.
 */
export const candidateIndices = (whitened: Matrix, options: CandidateOptions): readonly number[] =>
  scannedAtOnce(candidateScans(whitened, options));

/** The posterior over some points of its pool, in the order given. */
export const posteriorAt = (posterior: Posterior, indices: readonly number[]): Posterior => ({
  mean: Float64Array.from(indices, (n) => posterior.mean[n] ?? NaN),
  whitened: rowsAt(posterior.whitened, indices),
  noiseVariance: posterior.noiseVariance,
  ...(posterior.classes === undefined ? {} : { classes: categoricalAt(posterior.classes, indices) }),
});
