/**
 * A trained policy carried over to another posterior of the same points: after labels have come, or hyperparameters were
 * fitted anew. Whitened features are known up to a rotation only, and a policy reads them by column; so the new ones are
 * turned to where they are closest to those that it learned on (procrustes.ts). Turning changes neither the covariance nor
 * the reward.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { NumericalFailure } from '../../failure.js';
import { modelOf } from '../../gflownet/model.js';
import type { TrainedModel } from '../../gflownet/model-file.js';
import { type Matrix, matrixFrom } from '../../linear-algebra/matrix.js';
import { closestRotation } from '../../linear-algebra/procrustes.js';
import { product } from '../../linear-algebra/product.js';
import { sizeOf } from '../../tensor/expression.js';

/** A trained policy and the pool that it was trained on. */
export interface Learned {
  readonly trained: TrainedModel;
  /** Φ, N×D. */
  readonly whitened: Matrix;
}

/** The same with columns of zeros behind, up to `columns`. */
const widened = (a: Matrix, columns: number): Matrix =>
  a.columns === columns
    ? a
    : matrixFrom(a.rows, columns, (i, j) => (j < a.columns ? (a.data[i * a.columns + j] ?? NaN) : 0));

/**
 * The policy for points of more features, of a pool of N: the same function where the added features are zero, for their
 * weights are. Throws a RangeError where the model has more features.
 */
export const forFeatures = (
  { model, parameters }: TrainedModel,
  poolSize: number,
  features: number,
): TrainedModel => {
  if (features < model.shape.features)
    throw new RangeError(`forFeatures: ${features} features for a model of ${model.shape.features}`);
  const wider = modelOf({ ...model.shape, poolSize, features });
  const into = new Float64Array(wider.size);
  let from = 0;
  let to = 0;
  for (const [name, { shape }] of Object.entries(model.specs)) {
    // Weights of the features are matrices [D, …]: new rows stand behind the old ones.
    into.set(parameters.subarray(from, from + sizeOf(shape)), to);
    from += sizeOf(shape);
    to += sizeOf(wider.specs[name]?.shape ?? []);
  }
  return { model: wider, parameters: into };
};

/**
 * What was learned, for the posterior whose whitened features are `whitened` (N×D′) and whose points are those of
 * `learned`, row by row: the policy and the features turned its way, N×max(D, D′). A NumericalFailure where a feature is
 * not finite. Throws a RangeError where the numbers of points differ.
 */
export const carried = (learned: Learned, whitened: Matrix): E.Either<NumericalFailure, Learned> => {
  const columns = Math.max(learned.trained.model.shape.features, learned.whitened.columns, whitened.columns);
  const padded = widened(whitened, columns);
  return pipe(
    closestRotation(padded, widened(learned.whitened, columns)),
    E.map((rotation) => ({
      trained: forFeatures(learned.trained, whitened.rows, columns),
      whitened: product(padded, rotation),
    })),
  );
};
