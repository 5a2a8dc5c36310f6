/**
 * Exact, independent draws from a k-DPP with L = I + Φ Φᵀ, at a cost per draw that hardly grows with N.
 *
 *   1. j with probability e_j(μ) C(N−j, b−j) / Z.
 *   2. A set V of j of the eigenvectors of K = Φ Φᵀ, with probability Π_{i ∈ V} μ_i / e_j(μ): from the last to the
 *      first, i is taken with probability μ_i e_{k−1}(μ_1 … μ_{i−1}) / e_k(μ_1 … μ_i), k those still to take.
 *   3. J from the projection DPP of V: with y_n = (x_ni / √μ_i)_{i ∈ V}, each next point with probability
 *      |y_n|² less its part in the span of the points before, over j − (number of them).
 *   4. b − j of the N − j other points, uniformly.
 *
 * Steps 2 and 3 draw the j-DPP of K (Kulesza and Taskar 2012, arXiv 1207.6083, algorithms 1 and 8), and step 1 is right
 * because det L_B = Σ_{J ⊆ B} det K_J (see oracle.ts): the pair (J, rest) is drawn with probability det K_J / Z, and
 * adding over J gives det L_B / Z.
 *
 * Step 3 rejects: a direction i ∈ V uniformly and then a point with probability x_ni² / μ_i is a point with probability
 * |y_n|² / j, as every column of y has norm 1; accepting it with probability |residual of y_n|² / |y_n|² leaves the
 * points in proportion to their residuals, which is the law wanted, and takes j / (j − t) proposals on average after t
 * points. A point with probability x_ni² / μ_i is found by its block of rows, whose sums aᵢᵀ G_g aᵢ are known, and
 * then by adding up x_ni² within the block: no table of N entries. What is not exact is the rounding of f64.
 */
import { at } from '../../at.js';
import { uniformSubset } from '../../random/subset.js';
import { type Key, split, uniforms } from '../../random/key.js';
import { jointMutualInformation, type ScoredBatch } from '../../reward/exact.js';
import { firstAbove } from '../../linear-algebra/cumulative.js';
import { dotRange } from '../../linear-algebra/vector.js';
import { atOnce, type Work } from '../../work.js';
import { logElementaryPrefixes } from '../elementary-symmetric.js';
import { membersOf, requireKey, requireWhole } from '../../misuse.js';
import { type Kdpp, leftOf, logCompletions, logTerms, requireKdpp } from './oracle.js';

/** One uniform number in (0, 1) after the other. */
type Stream = () => number;

const streamOf = (key: Key): Stream => {
  let chunk = 0;
  let at = 0;
  let ready: Float64Array = new Float64Array(0);
  return () => {
    if (at === ready.length) {
      ready = uniforms(split(key, chunk++), 64);
      at = 0;
    }
    return ready[at++] ?? 0.5;
  };
};

const runningSums = (values: Float64Array): Float64Array => {
  let total = 0;
  return values.map((x) => (total += x));
};

/** Points drawn with probability (a_i·φ_n)² over their sum, given i. */
function* directionSampler({ whitened, axes, grams }: Kdpp): Work<(i: number, next: Stream) => number> {
  const d = whitened.columns;
  const { rowsPerBlock, blocks } = grams;
  const count = blocks.length;
  const sums = new Float64Array(axes.rows * count);
  for (let i = 0; i < axes.rows; i++) {
    let total = 0;
    for (const [g, gram] of blocks.entries()) {
      yield;
      let square = 0;
      for (let l = 0; l < d; l++)
        square += (axes.data[i * d + l] ?? NaN) * dotRange(gram, l * d, axes.data, i * d, d);
      // Rounding must not make the sums descend.
      total += Math.max(0, square);
      sums[i * count + g] = total;
    }
  }
  return (i, next) => {
    const target = next() * at(sums, (i + 1) * count - 1);
    const block = firstAbove(sums, i * count, count, target);
    let left = target - (block === 0 ? 0 : at(sums, i * count + block - 1));
    const end = Math.min(whitened.rows, (block + 1) * rowsPerBlock);
    let last = block * rowsPerBlock;
    for (let n = last; n < end; n++) {
      const x = dotRange(axes.data, i * d, whitened.data, n * d, d);
      if (x === 0) continue;
      last = n;
      left -= x * x;
      if (left < 0) return n;
    }
    return last;
  };
}

/** r less its components along the orthonormal q, in place. */
const removeInto = (r: Float64Array, basis: readonly Float64Array[]): void => {
  for (const q of basis) {
    const along = dotRange(q, 0, r, 0, r.length);
    for (let i = 0; i < r.length; i++) r[i] = (r[i] ?? NaN) - along * (q[i] ?? NaN);
  }
};

const squared = (x: Float64Array): number => dotRange(x, 0, x, 0, x.length);

/** J from the projection DPP of the eigenvectors `taken`, by proposals from `propose`. */
function* projectionDraw(
  { whitened, axes, eigenvalues, chosen }: Kdpp,
  taken: readonly number[],
  propose: (i: number, next: Stream) => number,
  next: Stream,
): Work<readonly number[]> {
  const d = whitened.columns;
  const excluded = new Set(chosen);
  const points = new Set<number>();
  const basis: Float64Array[] = [];
  while (points.size < taken.length) {
    yield;
    const direction = taken[Math.min(taken.length - 1, Math.floor(next() * taken.length))] ?? -1;
    let n = propose(direction, next);
    // Within one direction: the proportions between the directions stay.
    while (excluded.has(n)) n = propose(direction, next);
    const u = next();
    if (points.has(n)) continue;
    const residual = Float64Array.from(
      taken,
      (i) => dotRange(axes.data, i * d, whitened.data, n * d, d) / Math.sqrt(eigenvalues[i] ?? 1),
    );
    const before = squared(residual);
    removeInto(residual, basis);
    if (u * before >= squared(residual)) continue;
    removeInto(residual, basis); // Once more: orthogonal to rounding.
    const norm = Math.sqrt(squared(residual));
    points.add(n);
    basis.push(residual.map((x) => x / norm));
  }
  return Array.from(points);
}

/** Where the i-th of the points that are not in `taken` is: `others` ascending, into their pool indices. */
const amongOthers = (others: readonly number[], taken: readonly number[]): readonly number[] => {
  const gaps = Float64Array.from(taken).sort();
  let passed = 0;
  return others.map((i) => {
    while (passed < gaps.length && (gaps[passed] ?? NaN) <= i + passed) passed++;
    return i + passed;
  });
};

/** The running sums of e^log, in units of the largest: what firstAbove draws from. */
export const cumulativeOf = (logs: Float64Array): Float64Array => {
  const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  return runningSums(logs.map((log) => Math.exp(log - most)));
};

/** Batches from keys, each in steps. */
export type DrawInSteps = (key: Key) => Work<readonly number[]>;

/**
 * {@link kdppSampler} for batches of any size up to that of `dpp`, in steps: a function from a size b ≥ |s| to one from keys to
 * batches. The preparation of the larger part, O(N D² / 8), is done once for all sizes.
 */
export function* samplersBySize(dpp: Kdpp): Work<(batchSize: number) => DrawInSteps> {
  const { eigenvalues, chosen, logElementary } = dpp;
  const [points] = leftOf(dpp);
  const logValues = eigenvalues.map(Math.log);
  const prefixes = logElementaryPrefixes(logValues, logElementary.length - 1);
  const propose = yield* directionSampler(dpp);
  return (batchSize) => {
    const size = batchSize - chosen.length;
    const sums = cumulativeOf(logTerms(logElementary, logCompletions(points, size)));
    return function* (key) {
      const next = streamOf(split(key, 0));
      const j = firstAbove(sums, 0, sums.length, next() * at(sums, sums.length - 1));
      const taken: number[] = [];
      for (let i = eigenvalues.length; i > 0 && taken.length < j; i--) {
        const k = j - taken.length;
        const logTake =
          (logValues[i - 1] ?? NaN) + (prefixes[i - 1]?.[k - 1] ?? NaN) - (prefixes[i]?.[k] ?? NaN);
        // All that are left are needed when there are k of them.
        if (i === k || next() < Math.exp(logTake)) taken.push(i - 1);
      }
      const special = [...chosen, ...(yield* projectionDraw(dpp, taken, propose, next))];
      const others = uniformSubset(split(key, 1), points - j, size - j);
      return [...special, ...amongOthers(others, special)].sort((p, q) => p - q);
    };
  };
}

/**
 * A function from keys to batches: b different pool indices, ascending, the points of s among them, each batch drawn
 * with its probability under the k-DPP, independently for independent keys; the same key gives the same batch. The
 * preparation costs O(N D² / 8), a draw some j log j proposals of O(D²) each, j ≤ min(b, D).
 */
export const kdppSampler = (dpp: Kdpp): ((key: Key) => readonly number[]) => {
  requireKdpp('kdppSampler', dpp);
  const draw = atOnce(samplersBySize(dpp))(dpp.batchSize);
  return (key) => {
    requireKey('kdppSampler', 'key', key);
    return atOnce(draw(key));
  };
};

/** `count` independent exact draws, the i-th from the i-th child of the key, with their JMI in nats. */
export const kdppBatches = (
  dpp: Kdpp,
  options: { readonly count: number; readonly key: Key },
): readonly ScoredBatch[] => {
  const where = 'kdppBatches';
  requireKdpp(where, dpp);
  membersOf(where, 'options', options, '{ count, key }');
  const { count, key } = options;
  requireWhole(where, 'count', count);
  requireKey(where, 'key', key);
  const draw = kdppSampler(dpp);
  return Array.from({ length: count }, (_, i) => {
    const indices = draw(split(key, i));
    return { indices, jointMutualInformation: jointMutualInformation(dpp.whitened, indices) };
  });
};
