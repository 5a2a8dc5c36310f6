/**
 * What is known of the target of a sampling problem, whatever samples it: log Z, batches that follow it, and how often each
 * point is in them.
 *
 *  - enumeration   where all batches can be listed: everything, exactly
 *  - kdpp          at T = ½ on a pool of any size: log Z, independent exact draws and inclusion probabilities, from the
 *                  k-DPP, or over several sizes from its mixture by size (src/verify/kdpp)
 *  - gibbs         at any other temperature and by any other utility: draws of Gibbs chains with a certificate, and log Z by
 *                  annealing with its standard error (src/gibbs)
 *
 * Where pairs of Gibbs chains do not meet there is no answer, and it says so.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { batchOrder, type BatchOrder } from '../gflownet/exact/batch-order.js';
import { exactTarget, type Target } from '../gflownet/exact/target.js';
import { at } from '../at.js';
import { batchSizes, gibbsTargetOf, type Problem } from '../gflownet/problem.js';
import { annealedOn, type AnnealingOptions } from '../gibbs/annealing.js';
import { logBatchCount } from '../gibbs/population.js';
import type { Certificate } from '../gibbs/certificate.js';
import { certifiedDrawsOn } from '../gibbs/draws.js';
import type { EngineThreads } from '../gibbs/parts.js';
import { answeredInTurns, type Work, type WorkControl } from '../work.js';
import { firstAbove } from '../linear-algebra/cumulative.js';
import { split, uniforms, type Key } from '../random/key.js';
import { meanOverChains, type MonteCarlo } from './monte-carlo.js';
import { sizedKdppInclusion, sizedKdppInSteps, sizedSamplerInSteps } from './kdpp/sized.js';

/** How an answer was found. */
export type AnswerKind = 'enumeration' | 'kdpp' | 'gibbs';

/** Batches that follow the target. */
export interface TargetDraws {
  readonly kind: AnswerKind;
  /** Independent of each other, but for Gibbs draws: of these draw i is of the chain i mod `certificate.pairs`. */
  readonly batches: readonly (readonly number[])[];
  /** How far the law of each Gibbs draw is from the target; null where draws are exact. */
  readonly certificate: Certificate | null;
}

/** An answer. */
export interface TargetAnswer extends TargetDraws {
  /** log Z, nats. */
  readonly logZ: number;
  /** Of log Z; 0 where it is exact. */
  readonly standardError: number;
  /** P(n ∈ B) of all N points, exactly or from the draws. */
  readonly inclusion: () => readonly MonteCarlo[];
  /** All batches with their order, where they are listed. */
  readonly listed: { readonly order: BatchOrder; readonly target: Target } | undefined;
}

/** No answer: pairs of Gibbs chains did not meet, so that nothing is known of how far they are from the target. */
export interface Uncertified {
  readonly kind: 'uncertified';
  /** Its total variation is 1. */
  readonly certificate: Certificate;
}

/** What is asked for. */
export interface AnswerOptions {
  /** Batches to draw, from 1 up. */
  readonly draws: number;
  readonly key: Key;
  /** How; as the problem allows, in the order of the header, if left out. */
  readonly by?: AnswerKind;
  /** Updates of each chain at each step of annealing (src/gibbs/annealing.ts): 12b, and 120 at least, if left out. */
  readonly updates?: NonNullable<AnnealingOptions['updates']>;
  /** Its threads share the Gibbs updates of large pools, with the same bits; this one makes them all if left out. */
  readonly engine?: EngineThreads;
}

/** Most batches that are listed. */
const maxListed = 200_000;

const canBeListed = (problem: Problem): boolean =>
  logBatchCount(gibbsTargetOf(problem).target) <= Math.log(maxListed);

/** How a problem is answered where nobody says. */
export const answerKind = (problem: Problem): AnswerKind =>
  canBeListed(problem)
    ? 'enumeration'
    : problem.temperature === 0.5 && problem.utility === undefined
      ? 'kdpp'
      : 'gibbs';

/** What is exactly known, before anything is drawn. */
interface Exact extends Pick<TargetAnswer, 'logZ' | 'inclusion' | 'listed'> {
  readonly draw: (key: Key, count: number) => (i: number) => Work<readonly number[]>;
}

const certain = (probabilities: Float64Array): readonly MonteCarlo[] =>
  Array.from(probabilities, (mean) => ({ mean, standardError: 0 }));

function* byListing(problem: Problem): Work<E.Either<Failure, Exact>> {
  yield { stage: 'listing batches', done: 0, total: 1 };
  const { whitened } = problem;
  const order = batchOrder(whitened.rows, batchSizes(problem));
  const target = exactTarget(problem);
  const cumulative = new Float64Array(order.count);
  target.probabilities.reduce((sum, p, i) => (cumulative[i] = sum + p), 0);
  return E.right({
    logZ: target.logZ,
    draw: (key, count) => {
      const places = uniforms(key, count);
      // eslint-disable-next-line require-yield
      return function* (i) {
        return order.batchAt(firstAbove(cumulative, 0, order.count, at(places, i)));
      };
    },
    inclusion: () => {
      const total = new Float64Array(whitened.rows);
      target.probabilities.forEach((p, row) => {
        for (const n of order.batchAt(row)) total[n] = (total[n] ?? NaN) + p;
      });
      return certain(total);
    },
    listed: { order, target },
  });
}

function* byKdpp(problem: Problem): Work<E.Either<Failure, Exact>> {
  const { whitened, pointCost = 0 } = problem;
  yield { stage: 'preparing the k-DPP', done: 0, total: 1 };
  const found = yield* sizedKdppInSteps(whitened, batchSizes(problem), pointCost);
  if (E.isLeft(found)) return found;
  const sampler = yield* sizedSamplerInSteps(found.right);
  return E.right({
    logZ: found.right.logZ,
    draw: (key) => (i) => sampler(split(key, i)),
    inclusion: () => certain(sizedKdppInclusion(found.right)),
    listed: undefined,
  });
}

/** What is exactly known, and batches drawn by it. */
function* drawnExactly(
  problem: Problem,
  kind: Exclude<AnswerKind, 'gibbs'>,
  { draws: total, key }: AnswerOptions,
): Work<E.Either<Failure, Omit<TargetAnswer, 'kind'>>> {
  const found = yield* kind === 'enumeration' ? byListing(problem) : byKdpp(problem);
  if (E.isLeft(found)) return found;
  const { draw, ...known } = found.right;
  const drawAt = draw(key, total);
  const batches: (readonly number[])[] = [];
  while (batches.length < total) {
    yield { stage: 'drawing from the target', done: batches.length, total };
    batches.push(yield* drawAt(batches.length));
  }
  return E.right({ ...known, batches, standardError: 0, certificate: null });
}

const exactly = (
  problem: Problem,
  kind: Exclude<AnswerKind, 'gibbs'>,
  options: AnswerOptions,
  control: WorkControl,
): TE.TaskEither<Failure, TargetAnswer> =>
  pipe(
    answeredInTurns(() => drawnExactly(problem, kind, options), control, 'drawing'),
    TE.map((known) => ({ kind, ...known })),
  );

/** Gibbs draws. Those of chains that did not meet are not given. */
const byGibbs = (
  problem: Problem,
  { draws, key, engine }: AnswerOptions,
  control: WorkControl,
): TE.TaskEither<Failure, TargetDraws | Uncertified> => {
  const { target, beta } = gibbsTargetOf(problem);
  return pipe(
    certifiedDrawsOn(engine, target, beta, { count: draws, key: split(key, 0) }, control),
    TE.map(({ batches, certificate }) =>
      certificate.totalVariation < 1
        ? { kind: 'gibbs', batches, certificate }
        : { kind: 'uncertified', certificate },
    ),
  );
};

/**
 * Batches that follow the target, where log Z is not asked for. The same key gives the same batches. Fails where a feature is
 * not finite at T = ½, and with Interrupted. Throws a RangeError for no draws.
 */
export const targetDraws = (
  problem: Problem,
  options: AnswerOptions,
  control: WorkControl = {},
): TE.TaskEither<Failure, TargetDraws | Uncertified> => {
  const { by: kind = answerKind(problem) } = options;
  return kind === 'gibbs'
    ? byGibbs(problem, options, control)
    : pipe(
        exactly(problem, kind, options, control),
        TE.map(({ batches }) => ({ kind, batches, certificate: null })),
      );
};

/** How often each point is in drawn batches, with the standard error that the chains show. */
const frequenciesOf = (points: number, { batches, certificate }: TargetDraws): readonly MonteCarlo[] => {
  const present = Array.from({ length: points }, () => new Float64Array(batches.length));
  batches.forEach((batch, i) => {
    for (const n of batch) present[n]?.fill(1, i, i + 1);
  });
  return present.map((indicators) => meanOverChains(indicators, certificate?.pairs));
};

/**
 * The answer of a problem, or that there is none. The same key gives the same. Fails where a feature is not finite at T = ½,
 * and with Interrupted. Throws a RangeError for no draws, and as enumeration does where it is asked for and cannot be.
 */
export const answerOf = (
  problem: Problem,
  options: AnswerOptions,
  control: WorkControl = {},
): TE.TaskEither<Failure, TargetAnswer | Uncertified> => {
  const {
    by: kind = answerKind(problem),
    key,
    engine,
    updates = Math.max(120, 12 * problem.batchSize),
  } = options;
  if (kind !== 'gibbs') return exactly(problem, kind, options, control);
  const { target, beta } = gibbsTargetOf(problem);
  return pipe(
    byGibbs(problem, options, control),
    TE.chain((drawn): TE.TaskEither<Failure, TargetAnswer | Uncertified> => {
      if (drawn.kind === 'uncertified') return TE.right(drawn);
      return pipe(
        annealedOn(engine, target, beta, { key: split(key, 1), updates }, control),
        TE.map(({ logPartition, standardError }) => ({
          ...drawn,
          logZ: logPartition,
          standardError,
          inclusion: () => frequenciesOf(target.utility.points, drawn),
          listed: undefined,
        })),
      );
    }),
  );
};
