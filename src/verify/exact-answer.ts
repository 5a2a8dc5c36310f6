/**
 * What is known exactly of a sampling problem, whatever samples it:
 *
 *  - where all its batches can be listed: everything, by enumeration;
 *  - at T = ½ on a pool of any size: log Z, exact draws and inclusion probabilities, from the k-DPP, or over several sizes
 *    from its mixture by size (src/verify/kdpp).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { Failure } from '../failure.js';
import { batchOrder, type BatchOrder } from '../gflownet/exact/batch-order.js';
import { logBinomial } from '../linear-algebra/binomial.js';
import { exactTarget, type Target } from '../gflownet/exact/target.js';
import { batchSizes, type Problem } from '../gflownet/problem.js';
import { firstAbove } from '../linear-algebra/cumulative.js';
import { logSumExp } from '../linear-algebra/log-sum.js';
import { split, uniforms, type Key } from '../random/key.js';
import { sizedKdpp, sizedKdppInclusion, sizedKdppSampler } from './kdpp/index.js';

/** An exact answer. */
export interface ExactAnswer {
  /** log Z in nats. */
  readonly logZ: number;
  /** Independent exact draws. */
  readonly sample: (key: Key, count: number) => readonly (readonly number[])[];
  /** P(n ∈ B) of all N points. */
  readonly inclusion: () => Float64Array;
  /** All batches with their order, where they can be listed. */
  readonly listed: { readonly order: BatchOrder; readonly target: Target } | undefined;
}

/** Most batches that are listed. */
const mostListed = 200_000;

const byListing = (problem: Problem): ExactAnswer => {
  const { whitened } = problem;
  const order = batchOrder(whitened.rows, batchSizes(problem));
  const target = exactTarget(problem);
  const cumulative = new Float64Array(order.count);
  target.probabilities.reduce((sum, p, i) => (cumulative[i] = sum + p), 0);
  return {
    logZ: target.logZ,
    sample: (key, count) =>
      Array.from(uniforms(key, count), (u) => order.batchAt(firstAbove(cumulative, 0, order.count, u))),
    inclusion: () => {
      const total = new Float64Array(whitened.rows);
      target.probabilities.forEach((p, row) => {
        for (const n of order.batchAt(row)) total[n] = (total[n] ?? 0) + p;
      });
      return total;
    },
    listed: { order, target },
  };
};

/** Sizes alone say whether anything exact is known. */
interface ProblemSizes extends Pick<Problem, 'batchSize' | 'smallestBatch' | 'temperature' | 'utility'> {
  readonly whitened: { readonly rows: number };
}

const canBeListed = (problem: ProblemSizes): boolean => {
  const { whitened, batchSize, smallestBatch = batchSize } = problem;
  const logCounts = Array.from({ length: batchSize - smallestBatch + 1 }, (_, i) =>
    logBinomial(whitened.rows, smallestBatch + i),
  );
  return logSumExp(logCounts) <= Math.log(mostListed);
};

const isKdpp = ({ temperature, utility }: ProblemSizes): boolean =>
  temperature === 0.5 && utility === undefined;

/** Whether {@link exactAnswer} knows one: from the sizes and the temperature of a problem, without its features. */
export const hasExactAnswer = (problem: ProblemSizes): boolean => canBeListed(problem) || isKdpp(problem);

/** The exact answer of a problem, undefined where none is known. Fails where a feature is not finite. */
export const exactAnswer = (problem: Problem): E.Either<Failure, ExactAnswer | undefined> => {
  const { whitened, pointCost = 0 } = problem;
  if (canBeListed(problem)) return E.right(byListing(problem));
  if (!isKdpp(problem)) return E.right(undefined);
  return pipe(
    sizedKdpp(whitened, batchSizes(problem), pointCost),
    E.map((dpp) => {
      const draw = sizedKdppSampler(dpp);
      return {
        logZ: dpp.logZ,
        sample: (key, count) => Array.from({ length: count }, (_, i) => draw(split(key, i))),
        inclusion: () => sizedKdppInclusion(dpp),
        listed: undefined,
      };
    }),
  );
};
