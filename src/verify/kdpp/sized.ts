/**
 * Batches of several sizes at T = ½, with a cost c (nats of information) per point. The reward of a batch of k points is
 *
 *   exp((JMI(B) − c k) / ½) = det L_B e^{−2 c k},    L = I + Φ Φᵀ,
 *
 * so that, with Z_k = e_k(λ(L)) that of the k-DPP,
 *
 *   log Z = log Σ_{k=m…b} exp(log e_k(L) − 2 c k),    P(|B| = k) = e_k(L) e^{−2 c k} / Z,
 *
 * and a batch is drawn by drawing its size and then from the k-DPP of that size. Over all sizes 0 … N this is the DPP of
 * e^{−2c} L, whose Z is det(I + e^{−2c} L) (Kulesza and Taskar 2012, arXiv 1207.6083, sections 2.2 and 5). All sizes
 * share one spectrum (oracle.ts).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../../at.js';
import type { Failure } from '../../failure.js';
import { firstAbove } from '../../linear-algebra/cumulative.js';
import { logSumExp } from '../../linear-algebra/log-sum.js';
import { membersOf, requireArray, requireKey, wrongArgument } from '../../misuse.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import { type Key, split, uniforms } from '../../random/key.js';
import { atOnce, type Work } from '../../work.js';
import { inclusionProbabilities } from './inclusion.js';
import { type Kdpp, kdppInSteps, kdppLogProbability, ofSize } from './oracle.js';
import { cumulativeOf, type DrawInSteps, samplersBySize } from './sample.js';

/** The distribution over batches of m … b points. */
export interface SizedKdpp {
  /** The k-DPPs of m, m + 1, … b points. */
  readonly bySize: readonly [Kdpp, ...Kdpp[]];
  /** log P(|B| = k) in nats, for k = m … b. */
  readonly logSizes: Float64Array;
  /** log Z in nats, costs included. */
  readonly logZ: number;
}

/** Throws a TypeError unless a value is such a distribution by its form. */
export const requireSized = (where: string, sized: unknown): void => {
  const wanted = 'what sizedKdpp gives';
  const { bySize, logSizes } = membersOf(where, 'sized', sized, wanted);
  if (!(Array.isArray(bySize) && logSizes instanceof Float64Array && bySize.length === logSizes.length))
    throw wrongArgument(where, 'sized', sized, wanted);
};

/** {@link sizedKdpp} in steps. */
export function* sizedKdppInSteps(
  whitened: Matrix,
  sizes: readonly [smallest: number, largest: number],
  pointCost = 0,
): Work<E.Either<Failure, SizedKdpp>> {
  const where = 'sizedKdpp';
  requireArray(where, 'sizes', sizes);
  const [smallest, largest] = sizes;
  if (!Number.isInteger(smallest) || smallest < 0 || smallest > largest)
    throw new RangeError(
      `${where}: batches of ${smallest} to ${largest} points; give whole numbers from 0 up, the smaller first`,
    );
  if (!Number.isFinite(pointCost))
    throw new RangeError(`${where}: a cost of ${pointCost} per point; give a finite number`);
  return pipe(
    yield* kdppInSteps(whitened, largest, where),
    E.map((dpp): SizedKdpp => {
      const larger = Array.from({ length: largest - smallest }, (_, i) => ofSize(smallest + 1 + i)(dpp));
      const bySize = [ofSize(smallest)(dpp), ...larger] as const;
      const logs = Float64Array.from(bySize, ({ logZ, batchSize }) => logZ - 2 * pointCost * batchSize);
      const logZ = logSumExp(logs);
      return { bySize, logSizes: logs.map((log) => log - logZ), logZ };
    }),
  );
}

/**
 * The distribution from whitened features N×D, over batches from the smallest to the largest size, each point at a cost
 * in nats of information. O(N D² + D³). Fails with a NumericalFailure where a feature is not finite. Throws a RangeError
 * for sizes that are not whole numbers with 0 ≤ smallest ≤ largest ≤ N, or a cost that is not finite.
 */
export const sizedKdpp = (
  whitened: Matrix,
  sizes: readonly [smallest: number, largest: number],
  pointCost = 0,
): E.Either<Failure, SizedKdpp> => atOnce(sizedKdppInSteps(whitened, sizes, pointCost));

/**
 * log P(B) in nats. Throws a RangeError for a batch of a size that is not drawn, with a point outside the pool, or with
 * one that comes twice.
 */
export const sizedKdppLogProbability = (sized: SizedKdpp, batch: readonly number[]): number => {
  const where = 'sizedKdppLogProbability';
  requireSized(where, sized);
  requireArray(where, 'batch', batch);
  const { bySize, logSizes } = sized;
  const at = batch.length - bySize[0].batchSize;
  const dpp = bySize[at];
  if (dpp === undefined) throw new RangeError(`${where}: [${batch.join(', ')}] has a size that is not drawn`);
  return (logSizes[at] ?? -Infinity) + kdppLogProbability(dpp, batch);
};

/** P(n ∈ B) for all N points; they sum to the mean size. O(N D²) a size. */
export const sizedKdppInclusion = (sized: SizedKdpp): Float64Array => {
  requireSized('sizedKdppInclusion', sized);
  const { bySize, logSizes } = sized;
  const total = new Float64Array(bySize[0].whitened.rows);
  bySize.forEach((dpp, k) => {
    const share = Math.exp(logSizes[k] ?? -Infinity);
    inclusionProbabilities(dpp).forEach((p, n) => (total[n] = at(total, n) + share * p));
  });
  return total;
};

/** {@link sizedKdppSampler} in steps, as are its draws. */
export function* sizedSamplerInSteps(sized: SizedKdpp): Work<DrawInSteps> {
  const { bySize, logSizes } = sized;
  const sums = cumulativeOf(logSizes);
  const prepared = yield* samplersBySize(bySize[bySize.length - 1] ?? bySize[0]);
  const samplers = bySize.map(({ batchSize }) => prepared(batchSize));
  return function* (key) {
    // The samplers split their key by 0 and 1.
    const [u = 0.5] = uniforms(split(key, 2), 1);
    const chosen = firstAbove(sums, 0, sums.length, u * at(sums, sums.length - 1));
    const sampler = samplers[chosen];
    return sampler === undefined ? [] : yield* sampler(key);
  };
}

/**
 * A function from keys to batches: different pool indices, ascending, each batch drawn with its probability, independently
 * for independent keys; the same key gives the same batch. It costs what one k-DPP of the largest size does.
 */
export const sizedKdppSampler = (sized: SizedKdpp): ((key: Key) => readonly number[]) => {
  requireSized('sizedKdppSampler', sized);
  const draw = atOnce(sizedSamplerInSteps(sized));
  return (key) => {
    requireKey('sizedKdppSampler', 'key', key);
    return atOnce(draw(key));
  };
};
