/**
 * Bayesian linear regression on a feature map of standardised inputs: fit on the labelled rows, posterior
 * over a pool.
 *
 *   y = centre + φ(z)·w + e,   z the standardised inputs,   w ~ N(0, p I),   e ~ N(0, σ²)
 *
 * The fitted model is a plain record that survives JSON: what was fitted, and the posterior of the weights in
 * the form of weight-posterior.ts. Hyperparameters that are not given come from evidence-maximum.ts.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { type Failure, type Fault, noneOf } from '../failure.js';
import { type Matrix, rowsBetween } from '../linear-algebra/matrix.js';
import { rowsOf } from '../linear-algebra/product.js';
import { dotRange } from '../linear-algebra/vector.js';
import { lengthScalePrior, maximiseEvidence } from './evidence-maximum.js';
import { type FeatureMap, featureMapCodec, featureMapNames, featuresBy, featuresOf } from './feature-map.js';
import { labelledFaults, notFinite, notPositive } from './input-faults.js';
import type { Posterior } from './posterior.js';
import { onPrincipalAxes } from './principal-axes.js';
import { requireKind, requireLabelled, requireMatrix } from '../misuse.js';
import { aTurn, atOnce, type Work } from '../work.js';
import { columnScalings, scalingCodec, scalingOf, standardised, standardisedColumns } from './standardise.js';
import { type WeightPosterior, weightPosteriorInSteps, whitenedBy } from './weight-posterior.js';
import { present } from '../present.js';

/** Decodes the posterior of the weights. Marked pure, as {@link featureMapCodec} is. */
export const plainWeightsCodec = /* @__PURE__ */ (() => {
  const numbers = t.readonlyArray(t.number);
  /** Mean of the D weights in units of the target; directions Vᵀ, r rows of D; shrinkage, r of them. */
  return t.readonly(t.type({ mean: numbers, directions: t.readonlyArray(numbers), shrinkage: numbers }));
})();

/** Decodes a {@link BayesianLinearModel}, from JSON for one. */
export const bayesianLinearModelCodec = /* @__PURE__ */ (() => {
  return t.readonly(
    t.intersection([
      t.type({
        kind: t.literal('bayesian-linear'),
        featureMap: featureMapCodec,
        /** Rows the model was fitted on. */
        labelledCount: t.number,
        /** σ², in squared units of the target. */
        noiseVariance: t.number,
        /** p, the prior variance of one weight, in squared units of the target. */
        priorVariance: t.number,
        /** log evidence of the centred targets in their own units, nats. */
        logEvidence: t.number,
        inputs: t.readonlyArray(scalingCodec),
        target: scalingCodec,
        weights: plainWeightsCodec,
      }),
      t.partial({
        /** ℓ of the Fourier features, in units of the standardised inputs. */
        lengthScale: t.number,
      }),
    ]),
    'BayesianLinearModel',
  );
})();

/** A fitted model, as plain data. */
export type BayesianLinearModel = t.TypeOf<typeof bayesianLinearModelCodec>;

/** What to fit. A hyperparameter that is given is kept as it is, floors notwithstanding. */
export interface BayesianLinearOptions {
  readonly featureMap: FeatureMap;
  /** σ², in squared units of the target. */
  readonly noiseVariance?: number;
  /** p, in squared units of the target. */
  readonly priorVariance?: number;
  /** ℓ, in units of the standardised inputs. */
  readonly lengthScale?: number;
  /** The unlabelled rows, N×d: they take part in standardising the inputs and in nothing else. */
  readonly pool?: Matrix;
}

const checked = (
  features: Matrix,
  targets: Float64Array,
  options: BayesianLinearOptions,
): E.Either<Failure, void> => {
  const { noiseVariance, priorVariance, lengthScale, pool } = options;
  const fixed =
    noiseVariance !== undefined &&
    priorVariance !== undefined &&
    (lengthScale !== undefined || options.featureMap.kind !== 'fourier');
  const faults: readonly Fault[] = [
    ...labelledFaults(features, targets, pool, fixed && (pool?.rows ?? 0) > 0 ? 0 : 1),
    ...notPositive('noise variance', options.noiseVariance),
    ...notPositive('prior variance', options.priorVariance),
    ...notPositive('length-scale', options.lengthScale),
  ];
  return noneOf(faults);
};

/** The weights as plain data, in units of a target of the given scale. */
export const plainWeights = (
  { mean, directions, shrinkage }: WeightPosterior,
  scale: number,
): BayesianLinearModel['weights'] => ({
  mean: Array.from(mean, (w) => w * scale),
  directions: rowsOf(directions).map((row) => Array.from(row)),
  shrinkage: Array.from(shrinkage),
});

/** {@link fitBayesianLinear} in steps, between which it can be stopped. */
export function* fitBayesianLinearInSteps(
  features: Matrix,
  targets: Float64Array,
  options: BayesianLinearOptions,
): Work<E.Either<Failure, BayesianLinearModel>> {
  requireLabelled('fitBayesianLinear', features, targets, options, {
    featureMap: featureMapNames,
  });
  if (options.pool !== undefined && options.pool.columns !== features.columns)
    throw new RangeError(
      `fitBayesianLinear: ${features.columns} input columns and ${options.pool.columns} in the pool`,
    );
  const sound = checked(features, targets, options);
  if (E.isLeft(sound)) return sound;
  const inputs = columnScalings(options.pool === undefined ? [features] : [features, options.pool]);
  const target = scalingOf(targets);
  const y = standardised(targets, target);
  const unit = target.scale ** 2;
  const inUnits = (variance: number | undefined) => (variance === undefined ? undefined : variance / unit);
  const { featureMap } = options;
  const mapped = featuresOf(featureMap, standardisedColumns(features, inputs));
  if (E.isLeft(mapped)) return mapped;
  const phi = mapped.right;
  const maximum = yield* maximiseEvidence({
    features: phi,
    targets: y,
    lengthScalePrior: featureMap.kind === 'fourier' ? lengthScalePrior(features.columns) : 'none',
    noiseVariance: inUnits(options.noiseVariance),
    priorVariance: inUnits(options.priorVariance),
    lengthScale: options.lengthScale,
  });
  if (E.isLeft(maximum)) return maximum;
  const best = maximum.right;
  return pipe(
    yield* weightPosteriorInSteps(phi(best.lengthScale ?? 1), y, best),
    E.map((weights): BayesianLinearModel => ({
      kind: 'bayesian-linear',
      featureMap,
      labelledCount: features.rows,
      noiseVariance: options.noiseVariance ?? best.noiseVariance * unit,
      priorVariance: options.priorVariance ?? best.priorVariance * unit,
      ...present({ lengthScale: best.lengthScale }),
      logEvidence: best.logEvidence - features.rows * Math.log(target.scale),
      inputs,
      target,
      weights: plainWeights(weights, target.scale),
    })),
  );
}

/**
 * Fits the model on labelled inputs (n×d, raw units) and their n targets. With no rows it is the prior, where all hyperparameters
 * and a pool are given. An InputFailure for no rows otherwise,
 * entries that are not finite, hyperparameters that are not positive, or a feature map that does not fit
 * (feature-map.ts); a NumericalFailure where features overflow. Throws a RangeError where the sizes of the
 * arguments differ.
 */
export const fitBayesianLinear = (
  features: Matrix,
  targets: Float64Array,
  options: BayesianLinearOptions,
): E.Either<Failure, BayesianLinearModel> => atOnce(fitBayesianLinearInSteps(features, targets, options));

/** What of a model its posterior on given features hangs on. */
export type LinearPosteriorModel = Pick<
  BayesianLinearModel,
  'noiseVariance' | 'priorVariance' | 'target' | 'weights'
>;

/** Rows whose features are computed together: as many as there is work for in a turn, and one at least. */
const rowsInATurn = (columns: number, rank: number): number =>
  Math.max(1, Math.floor(aTurn / (columns * (2 * rank + 64))));

/**
 * The posterior over N rows in steps, from the features φ(X) of any rows from one to another, n×D. A NumericalFailure where a
 * feature is not finite.
 */
export function* posteriorOnRows(
  { noiseVariance, priorVariance, target, weights }: LinearPosteriorModel,
  rows: number,
  featuresBetween: (from: number, to: number) => Matrix,
  tolerance?: number,
): Work<E.Either<Failure, Posterior>> {
  const meanWeights = Float64Array.from(weights.mean);
  const [rank, columns] = [weights.shrinkage.length, meanWeights.length];
  const whiten = whitenedBy({
    ...{ noiseVariance, priorVariance },
    directions: { rows: rank, columns, data: Float64Array.from(weights.directions.flat()) },
    shrinkage: Float64Array.from(weights.shrinkage),
  });
  const mean = new Float64Array(rows);
  return pipe(
    yield* onPrincipalAxes(tolerance)({
      ...{ rows, columns, together: rowsInATurn(columns, rank) },
      between: (from, to) => {
        const phi = featuresBetween(from, to);
        // A row's features are made for its mean too.
        for (let i = from; i < to; i++)
          mean[i] = dotRange(phi.data, (i - from) * columns, meanWeights, 0, columns) + target.centre;
        return phi;
      },
      whitening: { whiten, products: 2 * rank },
    }),
    E.map((whitened) => ({ mean, whitened, noiseVariance })),
  );
}

/** {@link posteriorOver} in steps. */
export function* posteriorOverInSteps(
  model: BayesianLinearModel,
  pool: Matrix,
  tolerance?: number,
): Work<E.Either<Failure, Posterior>> {
  requireKind('posteriorOver', 'model', model, ['bayesian-linear']);
  requireMatrix('posteriorOver', 'pool', pool);
  const sound = noneOf(notFinite('inputs of the pool', pool));
  if (E.isLeft(sound)) return sound;
  const features = featuresBy(model.featureMap, pool.columns);
  if (E.isLeft(features)) return features;
  const featuresBetween = (from: number, to: number): Matrix => {
    const some = standardisedColumns(rowsBetween(pool, from, to), model.inputs);
    return features.right(some)(model.lengthScale ?? 1);
  };
  return yield* posteriorOnRows(model, pool.rows, featuresBetween, tolerance);
}

/**
 * The posterior over the noise-free function values of a pool (N×d, raw units): means in units of the target,
 * and whitened features on their principal axes, N×D' with D' ≤ min(N, D), each point short of at most
 * `tolerance` noise variances (principal-axes.ts). A Failure where an entry of the pool is not finite or its
 * features overflow. Throws a RangeError where the pool has another number of columns than the model.
 */
export const posteriorOver = (
  model: BayesianLinearModel,
  pool: Matrix,
  tolerance?: number,
): E.Either<Failure, Posterior> => atOnce(posteriorOverInSteps(model, pool, tolerance));
