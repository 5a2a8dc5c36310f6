/**
 * What is the next batch expected to do for predictions, and is it worth its labels? Over points t of the pool, before and after the
 * labels of a batch B, by the model itself:
 *
 *   numbers   error = σ √(1 + mean v_t),   after the batch  σ √(1 + mean v_t(B)),   at least  σ     in units of the target
 *   classes   error = 1 − mean max_c p_tc,   after it  1 − E_y mean max_c p(y_t = c | y_B),   at least  1 − E_θ mean max_c p(y_t = c | θ)
 *
 * v_t variances of the function in noise variances, which no label of a Gaussian model changes but by where it was taken; E_y over
 * configurations of the batch's labels, drawn (reward/categorical/sampled.ts). A batch is worth its labels while each of them is
 * expected to lower the error by a thousandth of it: {@link leastFall}. Who stops there has an
 * error less than 1% above what a further batch of ten was expected to reach.
 *
 * Source: expected error reduction, Roy and McCallum, Toward optimal active learning through sampling estimation of error reduction
 * (2001); a rule on the expected fall, Ishibashi and Hino, Stopping criterion for active learning based on deterministic generalization
 * bounds (2020), arXiv 2005.07402, whose bound this is not.
 */
import { requireArray, requirePosterior } from '../misuse.js';
import * as t from '#io-ts';
import { at } from '../at.js';
import { posteriorAt } from '../acquisition/candidates.js';
import { finite } from '../data/ranges.js';
import { dotRange } from '../linear-algebra/vector.js';
import { keyFromSeed } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import { likelihoodsOf, labelsOf, type Likelihoods } from '../reward/categorical/likelihoods.js';
import { chooseSampledLabel, noSampledLabels } from '../reward/categorical/sampled.js';
import { choose, noneChosen } from '../reward/exact.js';
import type { CategoricalPosterior } from '../surrogate/categorical-posterior.js';
import type { Posterior } from '../surrogate/posterior.js';
import { atOnce, type Work } from '../work.js';

/** Decodes an {@link Expectation}. Marked pure: a bundle that decodes none drops it. */
export const expectationCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.type({
      /** Of a label's prediction: root mean square in units of the target, or the part of classes that is wrong. */
      error: finite,
      /** Once the batch is labelled. */
      after: finite,
      /** What the batch takes of all that labels could take, in [0, 1]. */
      share: finite,
      worthwhile: t.boolean,
    }),
  ))();

/** What a batch is expected to do for predictions. */
export type Expectation = t.TypeOf<typeof expectationCodec>;

/** The part of the error that each label of a batch must be expected to take, for the batch to be worth them. */
export const leastFall = 1e-3;

/** Points of the pool at which errors are looked at: of a larger one some, the same ones every time. */
const mostPoints = 1024;
const mostPointsOfClasses = 256;

/** Configurations of a batch's labels. */
const samples = 256;

interface Errors {
  readonly error: number;
  readonly after: number;
  /** What no label of the model's takes away. */
  readonly least: number;
}

const meanOf = (values: Float64Array): number => values.reduce((sum, x) => sum + x / values.length, 0);

/** What becomes of a state once all points are chosen. */
function* inTheirOrder<S>(points: Iterable<number>, start: S, chosen: (state: S, n: number) => S): Work<S> {
  let state = start;
  for (const n of points) {
    state = chosen(state, n);
    yield;
  }
  return state;
}

function* ofNumbers(posterior: Posterior, batch: readonly number[]): Work<Errors> {
  const { whitened, noiseVariance } = posterior;
  const before = noneChosen(whitened);
  const { variances } = yield* inTheirOrder(batch, before, (state, n) => choose(n)(state));
  const errorOf = (v: Float64Array): number => Math.sqrt(noiseVariance * (1 + meanOf(v)));
  return { error: errorOf(before.variances), after: errorOf(variances), least: Math.sqrt(noiseVariance) };
}

/** mean over weights w, Q rows of S draws, of max_c Σ_s w_s p(y_n = c | θ_s); `together` the weights are one, their mean. */
const surest = (likelihoods: Likelihoods, n: number, weights: Float64Array, together: boolean): number => {
  const { draws, classes } = likelihoods;
  const labels = labelsOf(likelihoods, n);
  const rows = weights.length / draws;
  const sums = new Float64Array(classes);
  let total = 0;
  for (let q = 0; q < rows; q++) {
    let most = 0;
    for (let c = 0; c < classes; c++) {
      const p = dotRange(weights, q * draws, labels, c * draws, draws);
      sums[c] = at(sums, c) + p / rows;
      most = Math.max(most, p);
    }
    total += most / rows;
  }
  return together ? sums.reduce((a, b) => Math.max(a, b)) : total;
};

function* ofClasses(classes: CategoricalPosterior, size: number): Work<Errors> {
  const likelihoods = likelihoodsOf(classes);
  const { draws, points } = classes;
  const start = noSampledLabels(likelihoods, { key: keyFromSeed(0), samples });
  const { weights } = yield* inTheirOrder(Array.from({ length: size }).keys(), start, chooseSampledLabel);
  const known = Float64Array.from({ length: draws * draws }, (_, i) => (i % (draws + 1) === 0 ? 1 : 0));
  const wrong = function* (by: Float64Array, together: boolean): Work<number> {
    const each = new Float64Array(points);
    for (let n = 0; n < points; n++) {
      each[n] = surest(likelihoods, n, by, together);
      yield;
    }
    return 1 - meanOf(each);
  };
  // By the same configurations, so that what is drawn does not look like a fall.
  return {
    error: yield* wrong(weights, true),
    after: yield* wrong(weights, false),
    least: yield* wrong(known, false),
  };
}

/** The points of a batch, and then some of the pool. */
const within = (posterior: Posterior, batch: readonly number[]): Posterior => {
  const { rows } = posterior.whitened;
  const most = posterior.classes === undefined ? mostPoints : mostPointsOfClasses;
  const chosen = new Set(batch);
  const some =
    rows <= most
      ? Array.from({ length: rows }, (_, n) => n)
      : Array.from(uniformSubset(keyFromSeed(0), rows, most));
  return posteriorAt(posterior, [...batch, ...some.filter((n) => !chosen.has(n))]);
};

/** {@link expectationOf} in steps. */
export function* expectationInSteps(posterior: Posterior, batch: readonly number[]): Work<Expectation> {
  const some = within(posterior, batch);
  const { error, after, least } = yield* some.classes === undefined
    ? ofNumbers(some, Array.from(batch.keys()))
    : ofClasses(some.classes, batch.length);
  return {
    error,
    after,
    share: error > least ? Math.min(1, Math.max(0, (error - after) / (error - least))) : 1,
    worthwhile: error - after >= leastFall * batch.length * error,
  };
}

/** What a batch of different points of a posterior's pool is expected to do, of at least one. */
export const expectationOf = (posterior: Posterior, batch: readonly number[]): Expectation => {
  requirePosterior('expectationOf', posterior);
  requireArray('expectationOf', 'batch', batch);
  return atOnce(expectationInSteps(posterior, batch));
};
