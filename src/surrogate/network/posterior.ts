/**
 * The posterior of a fitted neural surrogate over rows: what its draws say there, as whitened features or as class
 * probabilities. Of M networks f_m with mean f̄, and noise variance σ²,
 *
 *   φ_n = (f_1(x_n) − f̄(x_n), …, f_M(x_n) − f̄(x_n)) / (σ √(M − 1)),         Φ Φᵀ = Cov(f) / σ²
 *
 * the sample covariance of the draws; of class labels p(y_n = c | θ_m) = softmax(β f_m(x_n))_c. On the last layer, features and
 * weights of that layer instead (weight-posterior.ts, laplace.ts). All of it is a fixed function of a row.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../../engine/engine.js';
import { type Failure, noneOf } from '../../failure.js';
import { type Matrix, matrixFrom, rowsBetween } from '../../linear-algebra/matrix.js';
import { productInSteps } from '../../linear-algebra/product.js';
import { keyFromSeed, split } from '../../random/key.js';
import { answeredInTurns, turnCounter, type Work, type WorkControl } from '../../work.js';
import { posteriorOnRows } from '../bayesian-linear.js';
import { categoricalPosteriorInSteps } from '../categorical-posterior.js';
import { logSoftmaxInto } from '../class-labels.js';
import { classPosteriorInSteps } from '../class-posterior.js';
import { momentsOfDraws } from '../from-predictions.js';
import { notFinite } from '../input-faults.js';
import type { Posterior } from '../posterior.js';
import { type Scaling, standardisedColumns } from '../standardise.js';
import { dropoutDraws } from './dropout.js';
import { type NetworkShape, networkValues } from './layers.js';
import type { NetworkModel } from './model.js';

/** The children of a seed's key, each for one use. */
export const networkKey = (seed: number, use: 'start' | 'training' | 'folds' | 'masks' | 'weights') =>
  split(keyFromSeed(seed), ['start', 'training', 'folds', 'masks', 'weights'].indexOf(use));

/** The widths of a model's networks. */
export const shapeOf = (
  model: Pick<NetworkModel, 'hidden' | 'inputs'> & { readonly classes?: number },
): NetworkShape => ({ inputs: model.inputs.length, hidden: model.hidden, outputs: model.classes ?? 1 });

/** φ of the last hidden layer with a constant 1 at its end, N×(H + 1), from [1, N, H]. */
export const lastFeatures = (values: Float64Array, { hidden }: NetworkShape): Matrix => {
  const units = hidden.at(-1) ?? 1;
  return matrixFrom(values.length / units, units + 1, (i, j) =>
    j < units ? (values[i * units + j] ?? NaN) : 1,
  );
};

/** The posterior of a regression from values [M, N] in units of the targets' deviation. */
const ofDraws = (values: Float64Array, draws: number, noiseVariance: number, target: Scaling): Posterior => {
  const unit = target.scale / Math.sqrt(noiseVariance * (draws - 1));
  const { mean, whitened } = momentsOfDraws(
    { rows: draws, columns: values.length / draws, data: values },
    unit,
  );
  return { mean: mean.map((x) => x * target.scale + target.centre), whitened, noiseVariance };
};

/** The posterior of class labels from values [S, N, C] and β, in steps. */
function* ofLogits(
  values: Float64Array,
  draws: number,
  classes: number,
  beta: number,
): Work<E.Either<Failure, Posterior>> {
  const turnOver = turnCounter();
  const logp = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += classes) {
    logSoftmaxInto(values, at, beta, classes, logp, at);
    if (turnOver(64 * classes)) yield;
  }
  const posterior = yield* categoricalPosteriorInSteps(
    [draws, values.length / draws / classes, classes],
    logp,
  );
  return E.isLeft(posterior) ? posterior : yield* classPosteriorInSteps(posterior.right);
}

/** The values [S, N, C] of S drawn softmax layers, [S, H + 1, C], on features N×(H + 1), in steps. */
function* onDrawnWeights(
  phi: Matrix,
  draws: number,
  classes: number,
  weights: Float64Array,
): Work<Float64Array> {
  const out = new Float64Array(draws * phi.rows * classes);
  const size = phi.columns * classes;
  for (let s = 0; s < draws; s++) {
    const own = { rows: phi.columns, columns: classes, data: weights.subarray(s * size, (s + 1) * size) };
    out.set((yield* productInSteps(phi, own)).data, s * phi.rows * classes);
    yield;
  }
  return out;
}

/**
 * The posterior that a model stands for, a decoded one for one, over rows (N×d, raw units). An InputFailure where an entry is
 * not finite, and what the engine fails with; Interrupted, as `control` has it. Throws a RangeError where the columns are not
 * those of the model.
 */
export const networkPosterior = (
  engine: Engine,
  model: NetworkModel,
  control: WorkControl = {},
): ((rows: Matrix) => TE.TaskEither<Failure, Posterior>) => {
  const shape = shapeOf(model);
  const parameters =
    model.head === 'dropout'
      ? dropoutDraws(shape, model.parameters, model.draws, networkKey(model.seed, 'masks'))
      : Float64Array.from(model.parameters);
  const drawn = model.head === 'last-layer' && model.task === 'classes' ? model.weightDraws : [];
  const weights = Float64Array.from(drawn);
  const ofValues = function* (values: Float64Array): Work<E.Either<Failure, Posterior>> {
    if (model.head !== 'last-layer')
      return model.task === 'regression'
        ? E.right(ofDraws(values, model.draws, model.noiseVariance, model.target))
        : yield* ofLogits(values, model.draws, model.classes, model.inverseTemperature);
    const phi = lastFeatures(values, shape);
    if (model.task === 'regression')
      return yield* posteriorOnRows(model, phi.rows, (from, to) => rowsBetween(phi, from, to));
    const { draws, classes, inverseTemperature } = model;
    return yield* ofLogits(
      yield* onDrawnWeights(phi, draws, classes, weights),
      draws,
      classes,
      inverseTemperature,
    );
  };
  return (rows) => {
    const x = standardisedColumns(rows, model.inputs);
    const what = model.head === 'last-layer' ? 'features' : 'outputs';
    return pipe(
      TE.fromEither(noneOf(notFinite('inputs of the pool', rows))),
      TE.chainW(() => networkValues(engine, shape, parameters, x, what, control)),
      TE.chainW((values) => answeredInTurns(() => ofValues(values), control, 'predicting')),
    );
  };
};
