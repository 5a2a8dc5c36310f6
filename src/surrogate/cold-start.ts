/**
 * What is known before the first label? The prior of the Bayesian linear surrogate at the medians of its hyperparameters' priors
 * (evidence-maximum.ts), of the inputs alone and in a target's unknown unit. The joint information of a batch is then that of a design
 * before an experiment: batches that fill the pool.
 *
 * Source: the design, Krause, Singh and Guestrin, Near-optimal sensor placements in Gaussian processes (2008), whose kernel is fixed
 * too.
 */
import type * as E from '#fp-ts/Either';
import type { Failure } from '../failure.js';
import { type Matrix, rowsBetween } from '../linear-algebra/matrix.js';
import type { Work } from '../work.js';
import { type BayesianLinearModel, fitBayesianLinearInSteps } from './bayesian-linear.js';
import { lengthScalePrior, noisePrior, signalPrior } from './evidence-maximum.js';
import { defaultFeatureMap } from './feature-map.js';

/**
 * The model of no labels on a pool (N×d, N ≥ 1), in steps; it predicts 0 everywhere. Where rows n×d are labelled and say nothing, as
 * all are of one class, it is the prior given that they were looked at. Fails as fitBayesianLinear does.
 */
export const coldStartInSteps = (
  pool: Matrix,
  labelled: Matrix = rowsBetween(pool, 0, 0),
): Work<E.Either<Failure, BayesianLinearModel>> =>
  fitBayesianLinearInSteps(labelled, new Float64Array(labelled.rows), {
    featureMap: defaultFeatureMap,
    noiseVariance: noisePrior.median,
    priorVariance: signalPrior.median,
    lengthScale: lengthScalePrior(pool.columns).median,
    pool,
  });
