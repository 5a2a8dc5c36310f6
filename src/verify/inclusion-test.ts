/**
 * Does every point of a large pool enter the drawn batches as often as it should? Where batches are too many to
 * count, the points are not; but the points of one batch are not independent (they are b in number, and may attract
 * or repel), so Σ (O − E)² / E is not chi-square. The test makes no assumption on how they depend:
 *
 *   w_k = Λ Σ_{j in block k} (x_j − π) / √L     x_j: indicators of batch j; L draws in a block; Λ fixed scales
 *   U = (1/K) Σ_{j≠k} ⟨w_j, w_k⟩                K blocks
 *
 * Under the null hypothesis the w are independent with mean 0 and some covariance C, so that, whatever C is,
 *
 *   E U = 0,   Var U = 2 (1 − 1/K) tr C²   (exactly: the terms of U are uncorrelated)
 *   U → Σ_i λ_i (χ²_1 − 1)                 λ the eigenvalues of C, as K grows
 *
 * and tr C = E ⟨w_k, w_k⟩, tr C² = E ⟨w_j, w_k⟩² (j ≠ k) are estimated without bias from the blocks themselves. The
 * weighted sum is replaced by a χ²_ν with its first two moments, a = tr C² / tr C, ν = (tr C)² / tr C²:
 *
 *   ν + U / a ~ χ²_ν
 *
 * Leaving out j = k (Chen and Qin, Annals of Statistics 38, 2010) keeps rare points from swelling the variance; the
 * matching of moments is Satterthwaite's, as Rao and Scott (JASA 76, 1981) use it on clustered counts.
 *
 * Assumed: blocks are independent. Independent draws: L = 1. Draws of a chain: L well beyond the time τ in which it
 * forgets (batch means; 10 τ or more), K of 200 or more; C is then the covariance of the chain's blocks. Neighbouring
 * blocks still touch, by a part τ / L of their covariance, which a large pool would show: for L > 1 the sum leaves out
 * |j − k| = 1 too. Points that expect fewer than `minimumExpected` draws are gathered into one cell.
 */
import { at } from '../at.js';
import type { TestResult } from './goodness-of-fit.js';
import { chiSquareSurvival } from './special-functions.js';

/** Settings of the inclusion tests. */
export interface InclusionOptions {
  /** Consecutive draws that make one independent block; 1 (independent draws) where it is not given. */
  readonly blockLength?: number;
  /** Points that expect fewer draws share a cell; 5 where it is not given. */
  readonly minimumExpected?: number;
  /** Pairs of blocks from which tr C² is estimated; 200,000 at most where it is not given. */
  readonly pairs?: number;
}

/** A sum of signed indicators: its cells, ascending, and their values. */
interface Sparse {
  readonly cells: readonly number[];
  readonly values: readonly number[];
}

const sparse = (entries: Iterable<readonly [cell: number, value: number]>): Sparse => {
  const sums = new Map<number, number>();
  for (const [cell, value] of entries) sums.set(cell, (sums.get(cell) ?? 0) + value);
  const cells = Array.from(sums.keys())
    .filter((cell) => sums.get(cell) !== 0)
    .sort((a, b) => a - b);
  return { cells, values: cells.map((cell) => sums.get(cell) ?? NaN) };
};

const dot = (a: Sparse, b: Sparse, scales: Float64Array): number => {
  let total = 0;
  for (let i = 0, j = 0; i < a.cells.length && j < b.cells.length;) {
    const cell = a.cells[i] ?? -1;
    const other = b.cells[j] ?? -1;
    if (cell === other) total += (a.values[i++] ?? NaN) * (b.values[j++] ?? NaN) * (scales[cell] ?? NaN);
    else if (cell < other) i++;
    else j++;
  }
  return total;
};

/** The test that independent block sums have mean L μ: `scales` are Λ², by cell. */
const meanTest = (
  blocks: readonly Sparse[],
  length: number,
  means: Float64Array,
  scales: Float64Array,
  maxPairs: number,
): TestResult => {
  const K = blocks.length;
  const minBlocks = length === 1 ? 2 : 4;
  if (K < minBlocks)
    throw new RangeError(`the inclusion test needs at least ${minBlocks} blocks of draws, not ${K}`);
  const constant = length * means.reduce((sum, mean, i) => sum + mean * mean * at(scales, i), 0);
  const linear = Float64Array.from(blocks, ({ cells, values }) =>
    cells.reduce(
      (sum, cell, i) => sum + (values[i] ?? NaN) * (means[cell] ?? NaN) * (scales[cell] ?? NaN),
      0,
    ),
  );
  const product = (j: number, k: number): number =>
    dot(blocks[j] as Sparse, blocks[k] as Sparse, scales) / length -
    (linear[j] ?? NaN) -
    (linear[k] ?? NaN) +
    constant;
  let squares = 0;
  for (let k = 0; k < K; k++) squares += product(k, k);
  const totals = new Float64Array(means.length);
  for (const { cells, values } of blocks)
    cells.forEach((cell, i) => (totals[cell] = at(totals, cell) + at(values, i)));
  const whole = totals.reduce(
    (sum, count, i) => sum + (count - K * length * at(means, i)) ** 2 * at(scales, i),
    0,
  );
  let adjacent = 0;
  if (length > 1) for (let k = 1; k < K; k++) adjacent += product(k - 1, k);
  const u = (whole / length - squares - 2 * adjacent) / K;
  // Pairs (k, k + stride mod K) for strides spread over half the circle: every block is used equally often.
  const nearest = length > 1 ? 2 : 1;
  const span = Math.max(1, Math.floor((K - 1) / 2) - nearest + 1);
  const strides = Math.max(1, Math.min(span, Math.ceil(maxPairs / K)));
  let pairs = 0;
  let fourth = 0;
  for (let s = 0; s < strides; s++) {
    const stride = nearest + Math.floor((s * span) / strides);
    for (let k = 0; k < K; k++, pairs++) fourth += product(k, (k + stride) % K) ** 2;
  }
  const trace = squares / K;
  const traceOfSquare = fourth / pairs;
  if (!(traceOfSquare > 0) || !(trace > 0))
    return { statistic: 0, degreesOfFreedom: 0, pValue: u > 0 ? 0 : 1 };
  const degreesOfFreedom = (trace * trace) / traceOfSquare;
  const statistic = Math.max(0, degreesOfFreedom + (u * trace) / traceOfSquare);
  return { statistic, degreesOfFreedom, pValue: chiSquareSurvival(statistic, degreesOfFreedom) };
};

const inBlocks = (
  length: number,
  draws: number,
  entriesOf: (draw: number) => readonly (readonly [number, number])[],
): readonly Sparse[] => {
  if (!Number.isInteger(length) || length < 1)
    throw new RangeError(`blockLength must be a whole number from 1, not ${length}`);
  return Array.from({ length: Math.floor(draws / length) }, (_, k) => {
    const entries: (readonly [number, number])[] = [];
    for (let j = 0; j < length; j++) entries.push(...entriesOf(k * length + j));
    return sparse(entries);
  });
};

/**
 * Tests drawn batches (indices into the pool) against exact inclusion probabilities π_i = P(i ∈ batch), one a point.
 * Null distribution: see the header; `degreesOfFreedom` is the matched ν, not whole. p is 0 where a point of π = 0
 * was drawn. The draws that do not fill the last block are left out. Throws a RangeError for fewer than two blocks,
 * an index outside the pool, or a π outside [0, 1].
 */
export const inclusionTest = (
  batches: readonly ArrayLike<number>[],
  inclusion: ArrayLike<number>,
  { blockLength = 1, minimumExpected = 5, pairs = 200_000 }: InclusionOptions = {},
): TestResult => {
  const wrong = Array.from(inclusion).find((p) => !(p >= 0 && p <= 1 + 1e-9));
  if (wrong !== undefined)
    throw new RangeError(`inclusionTest: inclusion probabilities lie in [0, 1], not ${wrong}`);
  // Cell i is point i; the one after the last gathers the rare points.
  const rare = inclusion.length;
  const means = new Float64Array(rare + 1);
  const cells = Array.from(inclusion, (p, i) => (p * batches.length < minimumExpected ? rare : i));
  cells.forEach((cell, i) => (means[cell] = at(means, cell) + at(inclusion, i)));
  const blocks = inBlocks(blockLength, batches.length, (draw) =>
    Array.from(batches[draw] ?? [], (point) => {
      const cell = cells[point];
      if (cell === undefined)
        throw new RangeError(`inclusionTest: point ${point} is not in a pool of ${rare} points`);
      return [cell, 1] as const;
    }),
  );
  // Λ² = 1 / variance of an indicator; of the rare cell, of a Poisson count. A certain point has none and no weight.
  const scales = means.map((mean, i) => {
    const variance = i === rare ? mean : mean * (1 - mean);
    return variance > 1e-12 ? 1 / variance : 0;
  });
  const certain = Array.from(inclusion, (_, i) => i).filter((i) => at(inclusion, i) > 1 - 1e-12);
  const refuted = batches.some((batch) => {
    for (let k = 0; k < batch.length; k++) if (inclusion[batch[k] ?? -1] === 0) return true;
    return certain.some((i) => !Array.prototype.includes.call(batch, i));
  });
  if (refuted) return { statistic: Infinity, degreesOfFreedom: 0, pValue: 0 };
  return meanTest(blocks, blockLength, means, scales, pairs);
};

/** Settings where two samples are compared. */
export interface TwoSampleOptions extends InclusionOptions {
  /** The same of the first sample, where its blocks have another length than those of the second. */
  readonly firstBlockLength?: number;
}

/**
 * Tests whether two samplers include the points of a pool equally often: the differences of their blocks' means, taken in
 * pairs, have mean 0 under the null hypothesis, and are tested as in {@link inclusionTest}. Throws a RangeError for
 * fewer than two blocks or an index outside the pool.
 */
export const twoSampleInclusionTest = (
  first: readonly ArrayLike<number>[],
  second: readonly ArrayLike<number>[],
  poolSize: number,
  {
    blockLength = 1,
    firstBlockLength = blockLength,
    minimumExpected = 5,
    pairs = 200_000,
  }: TwoSampleOptions = {},
): TestResult => {
  const inWhole = (draws: number, length: number): number => {
    if (!Number.isInteger(length) || length < 1)
      throw new RangeError(`blockLength must be a whole number from 1, not ${length}`);
    return Math.floor(draws / length);
  };
  const count = Math.min(inWhole(first.length, firstBlockLength), inWhole(second.length, blockLength));
  const samples = [
    { batches: first.slice(0, count * firstBlockLength), length: firstBlockLength, sign: 1 },
    { batches: second.slice(0, count * blockLength), length: blockLength, sign: -1 },
  ] as const;
  const draws = count * Math.min(firstBlockLength, blockLength);
  const frequencies = new Float64Array(poolSize);
  for (const { batches } of samples)
    for (const batch of batches)
      for (const point of Array.from(batch)) {
        if (!(point >= 0 && point < poolSize))
          throw new RangeError(
            `twoSampleInclusionTest: point ${point} is not in a pool of ${poolSize} points`,
          );
        frequencies[point] = (frequencies[point] ?? NaN) + 1 / (2 * batches.length);
      }
  const cells = Array.from(frequencies, (p, i) => (p * draws < minimumExpected ? poolSize : i));
  const sums = new Float64Array(poolSize + 1);
  cells.forEach((cell, i) => (sums[cell] = at(sums, cell) + at(frequencies, i)));
  const blocks = Array.from({ length: count }, (_, k) =>
    sparse(
      samples.flatMap(({ batches, length, sign }) =>
        batches
          .slice(k * length, (k + 1) * length)
          .flatMap((batch) =>
            Array.from(batch, (point) => [cells[point] ?? poolSize, (sign * blockLength) / length] as const),
          ),
      ),
    ),
  );
  const scales = sums.map((mean) => (mean > 0 ? 1 / mean : 0));
  return meanTest(blocks, blockLength, new Float64Array(poolSize + 1), scales, pairs);
};
