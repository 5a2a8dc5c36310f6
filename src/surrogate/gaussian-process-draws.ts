/**
 * Draws of functions from the posterior of a Gaussian process, by Matheron's rule: a draw of the prior and of the noise,
 * corrected at the labelled rows X,
 *
 *   f(x) = φ(x)·w + k(x, X) (k(X, X) + σ² I)⁻¹ (y − φ(X) w − e),      w ~ N(0, I),   e ~ N(0, σ² I)
 *
 * with random features φ of the kernel (kernel-features.ts). Everything random is drawn once, so a draw is a fixed function of
 * one row: what it is at a row does not depend on the rows asked for beside it, which no factor of a joint covariance gives.
 * Were φ·φ' the kernel, the draws were exact; with 512 pairs it misses it by some 3% of the prior variance, where a mean over
 * S draws misses by 1/√S. The posterior mean is exact.
 *
 * Source: Wilson et al., Efficiently Sampling Functions from Gaussian Process Posteriors (2020), arXiv 2002.09309.
 */
import { solveLower, solveLowerTransposed } from '../linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { product, productInSteps, rowsOf } from '../linear-algebra/product.js';
import { type Key, normals, split } from '../random/key.js';
import type { Work } from '../work.js';
import { type ConditionedProcess, kernelMatrix } from './gaussian-process.js';
import { kernelFeatures } from './kernel-features.js';
import type { KernelKind, KernelParameters } from './kernels.js';

/** What to draw from: quantities that share a kernel, its noise and the labelled rows. */
export interface DrawnProcess {
  readonly kind: KernelKind;
  readonly parameters: KernelParameters;
  /** Of its targets nothing is read. */
  readonly process: ConditionedProcess<Float64Array>;
  /** n×Q: the targets of each quantity less its mean. */
  readonly targets: Matrix;
  readonly draws: number;
  readonly key: Key;
}

const pairs = 512;

/** Operations of the rows that are worked on together: no more memory than they need at a time, and soon stopped. */
const aTurn = 2 ** 26;

/** (L Lᵀ)⁻¹ B, some columns at a time. */
function* solvedInSteps(factor: Matrix, b: Matrix): Work<Matrix> {
  const { rows, columns } = b;
  const data = new Float64Array(rows * columns);
  const size = Math.max(1, Math.floor(aTurn / Math.max(1, rows * rows)));
  for (let from = 0; from < columns; from += size) {
    const count = Math.min(size, columns - from);
    const some = matrixFrom(rows, count, (i, j) => b.data[i * columns + from + j] ?? NaN);
    const solved = solveLowerTransposed(factor, solveLower(factor, some)).data;
    for (let i = 0; i < rows; i++) data.set(solved.subarray(i * count, (i + 1) * count), i * columns + from);
    yield;
  }
  return { rows, columns, data };
}

/**
 * In steps: S draws of Q quantities as a function of rows (N×d): N×(S·Q), of draw s and quantity q in column s·Q + q, means not
 * added.
 */
export function* functionDraws({
  kind,
  parameters,
  process: { process, inputs, factor },
  targets,
  draws,
  key,
}: DrawnProcess): Work<(rows: Matrix) => Work<Matrix>> {
  const n = inputs.length;
  const columns = draws * targets.columns;
  const dimension = inputs[0]?.length ?? 0;
  const phi = kernelFeatures(kind, parameters, dimension, pairs, split(key, 0));
  const known = phi(matrixFrom(n, dimension, (i, j) => inputs[i]?.[j] ?? NaN));
  const weights: Matrix = {
    rows: known.columns,
    columns,
    data: normals(split(key, 1), known.columns * columns),
  };
  yield;
  const prior = (yield* productInSteps(known, weights)).data;
  const noise = normals(split(key, 2), n * columns);
  const deviation = Math.sqrt(process.noiseVariance);
  const surprise = matrixFrom(n, columns, (i, k) => {
    const at = i * columns + k;
    const target = targets.data[i * targets.columns + (k % targets.columns)] ?? NaN;
    return target - (prior[at] ?? NaN) - deviation * (noise[at] ?? NaN);
  });
  const corrections = yield* solvedInSteps(factor, surprise);
  const blockSize = Math.max(1, Math.floor(aTurn / Math.max(1, columns * (weights.rows + n))));
  return function* (rows) {
    const data = new Float64Array(rows.rows * columns);
    for (let from = 0; from < rows.rows; from += blockSize) {
      const count = Math.min(blockSize, rows.rows - from);
      const block: Matrix = {
        rows: count,
        columns: rows.columns,
        data: rows.data.subarray(from * rows.columns, (from + count) * rows.columns),
      };
      const ofPrior = product(phi(block), weights).data;
      const ofData = product(kernelMatrix(process.kernel, rowsOf(block), inputs), corrections).data;
      for (let k = 0; k < ofPrior.length; k++)
        data[from * columns + k] = (ofPrior[k] ?? NaN) + (ofData[k] ?? NaN);
      yield { stage: 'predicting', done: from + count, total: rows.rows, note: 'rows' };
    }
    return { rows: rows.rows, columns, data };
  };
}
