/**
 * Of many points at once, the entropy that their label adds to weighted configurations of labels: what greedy selection
 * asks of all points of a pool in every step,
 *
 *   E_n = −Σ_q Σ_c p_qc log p_qc,     p_qc = Σ_s a_qs p(y_n = c | θ_s)        nats
 *
 * from weights a of Q rows and S draws. It is a product of matrices, Q × S × N C, so the CPU engine's kernels in f32 do it, on
 * its threads where there is an engine (scan.ts), tens of times as fast as loops here; what is left of p log p to 24 bits is
 * below a millionth of a nat in E / Q.
 */
import { input, matmul, mul, neg, reshape, sum, transpose } from '../../tensor/operations.js';
import { program } from '../../tensor/program.js';
import type { Scans } from '../scan.js';
import { logOf } from './expression.js';
import type { Likelihoods } from './likelihoods.js';

/** What no sum of p misses; a product of two of them is no subnormal number, which takes a processor many times as long. */
const least = 1e-18;

const withoutLeast = (values: Float64Array): Float64Array => values.map((a) => (a < least ? 0 : a));

/** Numbers of one p, 16 MiB: points are looked at in blocks. */
const maxNumbers = 2 ** 22;

/** E of all N points for weights [Q, S] of few enough rows that Q times C numbers are held. */
export function* addedEntropies(
  { points, classes, draws, probabilities }: Likelihoods,
  weights: Float64Array,
): Scans<Float64Array> {
  const rows = weights.length / draws;
  const side = Math.max(1, Math.min(points, Math.floor(maxNumbers / (rows * classes))));
  const p = matmul(
    input('weights', 'f32', [rows, draws]),
    transpose(input('labels', 'f32', [side * classes, draws])),
  );
  // The floor keeps the logarithm finite where p is 0, and p log p 0.
  const terms = reshape(sum(mul(p, logOf(p)), [0]), [side, classes]);
  const scan = program({ entropies: neg(sum(terms, [1])) });
  const width = classes * draws;
  const block = new Float64Array(side * width);
  const out = new Float64Array(points);
  for (let from = 0; from < points; from += side) {
    const end = Math.min(points, from + side);
    // The last block is filled up with what stood there before, whose answers are dropped.
    block.set(withoutLeast(probabilities.subarray(from * width, end * width)));
    const inputs = { labels: block, ...(from === 0 ? { weights: withoutLeast(weights) } : {}) };
    const { entropies = [] } = yield { program: scan, inputs };
    for (let n = from; n < end; n++) out[n] = entropies[n - from] ?? NaN;
  }
  return out;
}
