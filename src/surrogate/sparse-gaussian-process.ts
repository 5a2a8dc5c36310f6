/**
 * How does a Gaussian process take in more labels than n³ operations are for? By M inducing points Z among its n labelled rows X:
 * the posterior that is nearest, in KL, of those that know the labels by way of f(Z) alone. With L_Z L_Zᵀ = k(Z, Z),
 * W = k(X, Z) L_Z⁻ᵀ / σ (n×M) and A = I + WᵀW,
 *
 *   mean(x)    = φ(x) A⁻¹ Wᵀ y / σ,             φ(x) = k(x, Z) L_Z⁻ᵀ
 *   cov(x, x') = k(x, x') − φ(x) (I − A⁻¹) φ(x')ᵀ
 *   log p(y) ≥ −½ ( n log 2πσ² + log det A + (|y|² − yᵀ W A⁻¹ Wᵀ y) / σ² + Σ_i (k(x_i, x_i) / σ² − |W_i|²) )
 *
 * That is a process that was conditioned on M labels at Z with noise that hangs together: of the factor L_Z C and the solved
 * targets C⁻¹ G⁻¹ Wᵀ y / σ, G = WᵀW, C Cᵀ = I + G⁻¹. So all that follows from a conditioned process (gaussian-process.ts) follows
 * from this one, more labels too, which are then taken in exactly.
 *
 * Z and W come from the pivoted Cholesky factor of k(X, X) (pivoted-cholesky.ts): the rows of largest variance given those before,
 * until none has more left than a thousandth of the noise. O(n M²) operations.
 *
 * Source: Titsias, Variational Learning of Inducing Variables in Sparse Gaussian Processes (2009); the choice of Z: Burt, Rasmussen
 * and van der Wilk, Convergence of Sparse Variational Inference in Gaussian Processes Regression (2020), arXiv 2008.00323.
 */
import * as E from '#fp-ts/Either';
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import {
  choleskyInSteps,
  inverseInSteps,
  logDeterminantOfFactor,
  solveLower,
} from '../linear-algebra/cholesky.js';
import { type Matrix, rowsAt } from '../linear-algebra/matrix.js';
import {
  applyTo,
  columnGramInSteps,
  columnVector,
  productInSteps,
  transpose,
} from '../linear-algebra/product.js';
import { dot } from '../linear-algebra/vector.js';
import { keyFromSeed, split } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import type { Work } from '../work.js';
import type { ConditionedProcess, GaussianProcess, Labelled } from './gaussian-process.js';
import { affordableRank, pivotedCholeskyInSteps } from './pivoted-cholesky.js';

/** The most labels that are taken in exactly where nobody says otherwise. */
export const maxExactLabels = 2000;

/** M ≤ n where nobody says otherwise: as many as n M² ≤ 2³² operations allow. */
export const inducingPointsOf = (labels: number): number => Math.min(labels, affordableRank(labels));

/** The labels that hyperparameters come from, where labels are taken in by inducing points. */
const maxTrialLabels = 1000;

/** Inputs (n×d) and targets (n) of labels. */
interface Labels {
  readonly inputs: Matrix;
  readonly targets: Float64Array;
}

/** 1,000 of the labels, drawn by the seed and in their order; all where there are no more. */
export const trialLabels = (labels: Labels, seed: number): Labels => {
  const { inputs, targets } = labels;
  if (inputs.rows <= maxTrialLabels) return labels;
  const rows = uniformSubset(split(keyFromSeed(seed), 1), inputs.rows, maxTrialLabels);
  return { inputs: rowsAt(inputs, rows), targets: Float64Array.from(rows, (i) => at(targets, i)) };
};

/** The variance that an inducing point adds to those before, at least, in noise variances. */
const minVariance = 1e-3;

/** A process that knows its labels by way of inducing points. */
export interface SparseProcess<X> {
  readonly process: ConditionedProcess<X>;
  /** The bound on log p(y), nats. */
  readonly logMarginalLikelihood: number;
}

/** A + λ I, written over A. */
const withDiagonal = (a: Matrix, ridge: number): Matrix => {
  for (let i = 0; i < a.rows; i++) a.data[i * a.rows + i] = (a.data[i * a.rows + i] ?? NaN) + ridge;
  return a;
};

/** The bound, from W, the Cholesky factor of A, Wᵀ y and the targets. */
const boundOf = <X>(
  { kernel, noiseVariance }: GaussianProcess<X>,
  labelled: readonly Labelled<X>[],
  w: Matrix,
  factor: Matrix,
  image: Float64Array,
): number => {
  const explained = solveLower(factor, columnVector(image)).data;
  const squares = labelled.reduce((sum, { target }) => sum + target * target, 0);
  const prior = labelled.reduce((sum, { input }) => sum + kernel(input, input) / noiseVariance, 0);
  return (
    -0.5 *
    (labelled.length * Math.log(2 * Math.PI * noiseVariance) +
      logDeterminantOfFactor(factor) +
      (squares - dot(explained, explained)) / noiseVariance +
      Math.max(0, prior - dot(w.data, w.data)))
  );
};

/**
 * The process given labels, by at most `inducing` of their points, in steps. A NumericalFailure where the kernel is not one.
 */
export const sparselyLabelledInSteps = <X>(
  prior: GaussianProcess<X>,
  labelled: readonly Labelled<X>[],
  inducing: number,
) =>
  function* (): Work<E.Either<NumericalFailure, SparseProcess<X>>> {
    const { kernel, noiseVariance } = prior;
    const inputs = labelled.map(({ input }) => input);
    const found = yield* pivotedCholeskyInSteps(
      inputs.length,
      (i, j) => {
        const [x, y] = [inputs[i], inputs[j]];
        return x === undefined || y === undefined ? NaN : kernel(x, y);
      },
      { noiseVariance, tolerance: minVariance, maximalRank: inducing },
    );
    if (E.isLeft(found)) return found;
    const { whitened: w, pivots } = found.right;
    const deviation = Math.sqrt(noiseVariance);
    const gram = yield* columnGramInSteps(w);
    const image = applyTo(
      transpose(w),
      Float64Array.from(labelled, ({ target }) => target),
    );
    const ofGram = yield* choleskyInSteps(gram);
    if (E.isLeft(ofGram)) return ofGram;
    const inverse = yield* inverseInSteps(ofGram.right);
    const corner = yield* choleskyInSteps(withDiagonal({ ...inverse, data: inverse.data.slice() }, 1));
    if (E.isLeft(corner)) return corner;
    const ofSum = yield* choleskyInSteps(withDiagonal({ ...gram, data: gram.data.slice() }, 1));
    if (E.isLeft(ofSum)) return ofSum;
    const triangle = rowsAt(w, pivots);
    const factor = yield* productInSteps(
      { ...triangle, data: triangle.data.map((x) => deviation * x) },
      corner.right,
    );
    return E.right({
      process: {
        process: prior,
        inputs: pivots.flatMap((i) => inputs[i] ?? []),
        factor,
        solved: solveLower(corner.right, columnVector(applyTo(inverse, image))).data.map(
          (x) => x / deviation,
        ),
      },
      logMarginalLikelihood: boundOf(prior, labelled, w, ofSum.right, image),
    });
  };
