/**
 * The same policy for other features of the same points: after labels have come, or hyperparameters were fitted anew.
 * Whitened features are known up to a rotation only, and a policy reads them by products with its weights, Φ W. With the
 * rotation R that brings the new features closest to those that it learned on (procrustes.ts), it goes on with R W in
 * place of W: what it sees of Φ is then what it would see of Φ R. Neither the covariance nor the reward knows of it.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { NumericalFailure } from '../../failure.js';
import { modelOf } from '../../gflownet/model.js';
import type { TrainedModel } from '../../gflownet/model-file.js';
import { type Matrix, matrixFrom } from '../../linear-algebra/matrix.js';
import { closestRotation } from '../../linear-algebra/procrustes.js';
import { transpose } from '../../linear-algebra/product.js';
import { sizeOf } from '../../tensor/expression.js';
import type { AnchoredPolicy } from './anchored-policy.js';

/** The same with columns of zeros behind, up to `columns`; as it is where it has no fewer. */
export const widened = (a: Matrix, columns: number): Matrix =>
  a.columns >= columns
    ? a
    : matrixFrom(a.rows, columns, (i, j) => (j < a.columns ? (a.data[i * a.columns + j] ?? NaN) : 0));

/**
 * The first `rows` rows of R W, W the first `depth` rows of some weights; R has no fewer. Rows of weights beyond those meet no
 * feature (a constant, say) and stay.
 */
const alignedWeights = (
  rotation: Matrix,
  weights: Float64Array,
  width: number,
  { depth, rows }: { readonly depth: number; readonly rows: number },
): Float64Array => {
  const rest = weights.subarray(depth * width);
  const out = new Float64Array(rows * width + rest.length);
  out.set(rest, rows * width);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < depth; k++) {
      const r = rotation.data[i * rotation.columns + k] ?? NaN;
      for (let j = 0; j < width; j++)
        out[i * width + j] = (out[i * width + j] ?? NaN) + r * (weights[k * width + j] ?? NaN);
    }
  return out;
};

/** The policy with R W in place of its weights W that meet features, for N points of D features: R has rows for D at least. */
const alignedBy = (
  { model, parameters }: TrainedModel,
  rotation: Matrix,
  { rows: poolSize, columns: features }: Pick<Matrix, 'rows' | 'columns'>,
): TrainedModel => {
  const turned = modelOf({ ...model.shape, poolSize, features });
  // The weights that meet features are those that have a row more for one feature more.
  const other = modelOf({ ...model.shape, features: model.shape.features + 1 });
  const into = new Float64Array(turned.size);
  let from = 0;
  let to = 0;
  for (const [name, { shape }] of Object.entries(model.specs)) {
    const own = Float64Array.from(parameters.subarray(from, from + sizeOf(shape)));
    const meetsFeatures = other.specs[name]?.shape[0] !== shape[0];
    const sizes = { depth: model.shape.features, rows: features };
    into.set(meetsFeatures ? alignedWeights(rotation, own, sizeOf(shape.slice(1)), sizes) : own, to);
    from += own.length;
    to += sizeOf(turned.specs[name]?.shape ?? []);
  }
  return { model: turned, parameters: into };
};

/** R, which turns `whitened` to where it is closest to the features that a policy knows. */
const rotationTo = (
  { trained: { model }, whitened: before }: AnchoredPolicy,
  whitened: Matrix,
): E.Either<NumericalFailure, Matrix> => {
  const columns = Math.max(model.shape.features, before.columns, whitened.columns);
  return closestRotation(widened(whitened, columns), widened(before, columns));
};

/**
 * What was learned, for the posterior whose whitened features are `whitened` (N×D′) and whose points are those of `learned`,
 * row by row. A NumericalFailure where a feature is not finite. Throws a RangeError where the numbers of points differ.
 */
export const alignTo = (
  learned: AnchoredPolicy,
  whitened: Matrix,
): E.Either<NumericalFailure, TrainedModel> =>
  pipe(
    rotationTo(learned, whitened),
    E.map((rotation) => alignedBy(learned.trained, rotation, whitened)),
  );

/**
 * The same for a while: features with as many columns as both have at most, the policy for them, and the way back for what
 * becomes of it there, by the same rotation. Fails and throws as {@link alignTo}.
 */
export const alignForAWhile = (
  learned: AnchoredPolicy,
  whitened: Matrix,
): E.Either<
  NumericalFailure,
  {
    readonly whitened: Matrix;
    readonly there: TrainedModel;
    readonly back: (trained: TrainedModel) => TrainedModel;
  }
> =>
  pipe(
    rotationTo(learned, whitened),
    E.map((rotation) => {
      const wide = widened(whitened, rotation.columns);
      return {
        whitened: wide,
        there: alignedBy(learned.trained, rotation, wide),
        back: (trained) => alignedBy(trained, transpose(rotation), learned.whitened),
      };
    }),
  );
