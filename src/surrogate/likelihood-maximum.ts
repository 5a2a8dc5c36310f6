/**
 * The hyperparameters θ of largest marginal likelihood times prior (marginal-likelihood.ts). The likelihood has several maxima: much
 * noise and a long length-scale explain what little noise and a short one do. So ascents begin at several starts: the medians of the
 * priors; the same with little noise and, of few labels, one that draws from the priors seldom come near; and the best of draws.
 *
 * What costs n³ is asked for no more often than it must be:
 *
 *   - a start is ranked by its value alone; slopes cost twice as much again and are for points that a step arrives at
 *   - of more than 128 labels the starts ascend on 128 of them, drawn by the seed, and not to their end; the best two ends that are
 *     not of one maximum are where ascents on all labels begin. Of one are ends that are near each other, or half-way between which
 *     the objective does not fall: a length-scale that says little leaves a ridge, along which ends lie far apart
 *   - these ascents know the curvature from the last steps on the 128, which all n labels make n / 128 times as much
 *
 * On 48 problems of 200 labels (three public tables and drawn ones, 3 to 8 features) a second ascent came to the first one's
 * maximum wherever the objective had not fallen by half a nat half-way; on 125 the maximum is that of both ascents within 1e-4 nats,
 * but once, where it is 0.017 lower.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { at } from '../at.js';
import type { NumericalFailure } from '../failure.js';
import { rowsAt } from '../linear-algebra/matrix.js';
import { keyFromSeed, normals, permutation, split } from '../random/key.js';
import type { Work } from '../work.js';
import { ascend, type Ascended, type Change, clipped, scaledChanges } from './bounded-ascent.js';
import { type KernelParameters, unpacked } from './kernels.js';
import {
  type LikelihoodAt,
  likelihoodBounds,
  likelihoodValueAt,
  type LikelihoodProblem,
  priorsOf,
} from './marginal-likelihood.js';

/** The hyperparameters that a maximum stands for. */
export interface LikelihoodMaximum {
  readonly noiseVariance: number;
  readonly kernel: KernelParameters;
  /** m, one a quantity. */
  readonly means: readonly number[];
  /** log N(y; m 1, K), nats, summed over the quantities. */
  readonly logLikelihood: number;
  /** With the log priors: the quantity that is largest here. */
  readonly logPosterior: number;
  /** log posterior of the starts that ascents on all labels began at. */
  readonly starts: readonly number[];
}

/** How many ascents, and the seed that chooses where they begin. */
export interface LikelihoodStarts {
  readonly starts: number;
  readonly seed: number;
}

/** Labels that starts are tried out on where there are more. */
const trialRows = 128;

/** The gain in nats that an ascent must promise to go on: of a trial, and of one that is to end where the objective is level. */
const trialGain = 1e-2;
const lastGain = 1e-9;

/** Points drawn from the priors for each start that is taken. */
const drawnForEach = 4;

/** Of the noise's range between floor and median, in the logarithm, how far down the second start is. */
const quietly = 0.8;

/** An end that is so many nats below the best of the trial is not gone on from: all labels tell the two further apart. */
const hopeless = 5;

/**
 * How far the objective may fall half-way between two ends of one maximum, in nats: of two maxima of one ridge it falls by half
 * a nat and more.
 */
const level = 0.1;

/** Points whose every coordinate differs by less are one maximum. */
const apart = 0.1;

/** The medians of the priors; the same with little noise; and draws from the priors: in the ranges. */
const candidates = (problem: LikelihoodProblem, count: number, seed: number): readonly Float64Array[] => {
  const key = keyFromSeed(seed);
  const priors = priorsOf(problem);
  const bounds = likelihoodBounds(problem);
  return Array.from({ length: count }, (_, k) => {
    const z = k < 2 ? new Float64Array(priors.length) : normals(split(key, k), priors.length);
    const point = Float64Array.from(
      priors,
      ({ median, deviation }, i) => Math.log(median) + deviation * at(z, i),
    );
    const [noise] = priors;
    if (k === 1 && noise !== undefined)
      point[0] = Math.log(noise.median) + quietly * Math.log(noise.floor / noise.median);
    return clipped(bounds, point);
  });
};

/** The objective, and how far the fit has come: ascents that are done, and how often the objective was asked for. */
interface Counted {
  readonly total: number;
  done: number;
  evaluations: number;
}

type Objective = ReturnType<typeof likelihoodValueAt>;

/** The objective of a problem, counted. */
const countedObjective = (problem: LikelihoodProblem, counted: Counted): Objective => {
  const valueAt = likelihoodValueAt(problem);
  return function* (point) {
    const { done, total } = counted;
    yield { stage: 'fitting', done, total, note: `ascents, ${counted.evaluations++} likelihoods` };
    return yield* valueAt(point);
  };
};

type Top = Ascended<LikelihoodAt> & { readonly from: number };

/** Where an ascent from a point ends. */
function* ascended(
  problem: LikelihoodProblem,
  valueAt: Objective,
  point: Float64Array,
  leastGain: number,
  known: readonly Change[] = [],
): Work<E.Either<NumericalFailure, Top>> {
  let from = NaN;
  const top = yield* ascend(
    function* (x, least) {
      const found = yield* valueAt(x);
      if (E.isLeft(found)) return found;
      if (Number.isNaN(from)) from = found.right.value;
      return E.right(found.right.value >= least ? yield* found.right.withSlopes() : undefined);
    },
    likelihoodBounds(problem),
    point,
    leastGain,
    known,
  );
  return pipe(
    top,
    E.map((visited) => ({ ...visited, from })),
  );
}

/** Points to begin at: the first two candidates, and the best of the others. A NumericalFailure where all fail. */
function* startsOf(
  problem: LikelihoodProblem,
  valueAt: Objective,
  { starts, seed }: LikelihoodStarts,
): Work<E.Either<NumericalFailure, readonly Beginning[]>> {
  const free = likelihoodBounds(problem).some(({ low, high }) => low < high);
  const all = candidates(problem, !free || starts === 1 ? 1 : 2 + drawnForEach * (starts - 2), seed);
  const good: { readonly point: Float64Array; readonly value: number; readonly named: boolean }[] = [];
  let failure: E.Either<NumericalFailure, never> | undefined;
  for (const [k, point] of all.entries()) {
    const found = yield* valueAt(point);
    if (E.isRight(found)) good.push({ point, value: found.right.value, named: k < 2 });
    else failure ??= found;
  }
  if (good.length === 0 && failure !== undefined) return failure;
  return E.right(
    good
      .sort((a, b) => Number(b.named) - Number(a.named) || b.value - a.value)
      .slice(0, starts)
      .map(({ point }) => ({ point, known: [] })),
  );
}

const isNear = (a: Float64Array, b: Float64Array): boolean =>
  a.every((x, i) => Math.abs(x - at(b, i)) < apart);

/** Whether two ends are of one maximum: near each other, or half-way between them the objective is not below both. */
function* isOne(valueAt: Objective, a: Top, b: Top): Work<boolean> {
  if (isNear(a.point, b.point)) return true;
  const middle = yield* valueAt(a.point.map((x, i) => (x + at(b.point, i)) / 2));
  return E.isRight(middle) && middle.right.value > Math.min(a.at.value, b.at.value) - level;
}

/** Where an ascent begins, with steps that tell of the curvature there. */
interface Beginning {
  readonly point: Float64Array;
  readonly known: readonly Change[];
}

/** Ends of ascents on some of the labels, the best two that are not one. */
function* triedOut(
  problem: LikelihoodProblem,
  starts: LikelihoodStarts,
  counted: Counted,
): Work<E.Either<NumericalFailure, readonly Beginning[]>> {
  const { rows: n } = problem.inputs;
  const order = Array.from(permutation(split(keyFromSeed(starts.seed), 0), n));
  const rows = order.slice(0, trialRows).sort((a, b) => a - b);
  const some: LikelihoodProblem = {
    ...problem,
    inputs: rowsAt(problem.inputs, rows),
    targets: problem.targets.map((y) => Float64Array.from(rows, (i) => at(y, i))),
  };
  const valueAt = countedObjective(some, counted);
  const begun = yield* startsOf(some, valueAt, starts);
  if (E.isLeft(begun)) return begun;
  const tops: Top[] = [];
  for (const { point } of begun.right) {
    const top = yield* ascended(some, valueAt, point, trialGain);
    if (E.isRight(top)) tops.push(top.right);
  }
  const [best, ...others] = tops.sort((a, b) => b.at.value - a.at.value);
  if (best === undefined) return begun;
  const ends = [best];
  for (const other of others)
    if (ends.length < 2 && other.at.value > best.at.value - hopeless && !(yield* isOne(valueAt, best, other)))
      ends.push(other);
  // All labels bend the objective as many times as much as they are more.
  return E.right(ends.map(({ point, changes }) => ({ point, known: scaledChanges(changes, n / trialRows) })));
}

/**
 * The best maximum that ascents from `starts` points lead to. The same seed gives the same bits. A NumericalFailure where the
 * covariance is positive definite at none of the points.
 */
export function* maximiseLikelihood(
  problem: LikelihoodProblem,
  starts: LikelihoodStarts,
): Work<E.Either<NumericalFailure, LikelihoodMaximum>> {
  const counted: Counted = { total: starts.starts, done: 0, evaluations: 0 };
  const valueAt = countedObjective(problem, counted);
  const chosen = yield* problem.inputs.rows > trialRows && starts.starts > 1
    ? triedOut(problem, starts, counted)
    : startsOf(problem, valueAt, starts);
  if (E.isLeft(chosen)) return chosen;
  const tops: Top[] = [];
  for (const { point, known } of chosen.right) {
    const top = yield* ascended(problem, valueAt, point, lastGain, known);
    if (E.isLeft(top)) return top;
    tops.push(top.right);
    counted.done++;
  }
  const { point, at: best } = tops.reduce((most, top) => (top.at.value > most.at.value ? top : most));
  const [noiseVariance = NaN, ...rest] = point.map((x, i) => problem.fixed[i] ?? Math.exp(x));
  return E.right({
    noiseVariance,
    kernel: unpacked(problem.kernel, rest),
    means: best.means,
    logLikelihood: best.logLikelihood,
    logPosterior: best.value,
    starts: tops.map(({ from }) => from),
  });
}
