/**
 * Which log-probabilities of a trained policy are compared with log R? Those of all batches where they can be listed, exact
 * by dynamic programming over subsets; elsewhere log P_T of batches that are drawn apart from training: half of them uniform
 * and of uniform sizes, half draws from the target, so that both the bulk and the best are there. Where there are none the
 * second half are the policy's own: then what it never visits is in the first half alone.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { exactDistribution } from '../gflownet/exact/policy.js';
import { batchSizes, logReward, type Problem } from '../gflownet/problem.js';
import { batchesOf, type Draws } from '../gflownet/sample.js';
import { split, uniforms, type Key } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import { spearman } from './rank-correlation.js';
import type { TargetAnswer } from './target-answer.js';
import { logProbabilitiesOf, type Trained } from './trained.js';

/** One of the two, the other is undefined. */
export interface Compared {
  /** Of all batches, in one order. */
  readonly probabilities: { readonly target: Float64Array; readonly learned: Float64Array } | undefined;
  /** Of batches drawn apart from training, where not all can be listed; nats. */
  readonly heldOut: { readonly logReward: Float64Array; readonly logLearned: Float64Array } | undefined;
}

/** How many are held out: their log-probabilities take about as long as two thousand draws do. */
const heldOutBatches = 64;

/** Uniform batches of uniform sizes. */
const uniformBatches = (problem: Problem, key: Key, count: number): readonly (readonly number[])[] => {
  const [smallest, largest] = batchSizes(problem);
  return Array.from(uniforms(split(key, 0), count), (u, i) =>
    uniformSubset(
      split(split(key, 1), i),
      problem.whitened.rows,
      // A u next to 1 must not round up to the size above.
      Math.min(largest, smallest + Math.floor(u * (largest - smallest + 1))),
    ),
  );
};

/** Target and policy side by side. `draws` are the policy's own. Fails where the engine does. */
export const comparedBatches = (
  trained: Trained,
  answer: Pick<TargetAnswer, 'batches' | 'listed'> | undefined,
  draws: Draws,
  key: Key,
): TE.TaskEither<Failure, Compared> => {
  const { engine, model, problem, parameters } = trained;
  if (answer?.listed !== undefined) {
    const target = answer.listed.target.probabilities;
    return pipe(
      exactDistribution(engine, model, problem, parameters),
      TE.map((learned) => ({ probabilities: { target, learned }, heldOut: undefined })),
    );
  }
  const half = heldOutBatches / 2;
  const batches = [
    ...uniformBatches(problem, split(key, 0), half),
    ...(answer?.batches ?? batchesOf(draws)).slice(0, half),
  ];
  return pipe(
    logProbabilitiesOf(trained, batches, split(key, 2)),
    TE.map((logLearned) => ({
      probabilities: undefined,
      heldOut: { logReward: Float64Array.from(batches, (batch) => logReward(problem, batch)), logLearned },
    })),
  );
};

/** Spearman's correlation of the two sides; null for a single batch, or where all of a side are equal. */
export const rankCorrelationOf = ({ probabilities, heldOut }: Compared): number | null => {
  const target = probabilities?.target ?? heldOut?.logReward ?? [];
  const learned = probabilities?.learned ?? heldOut?.logLearned ?? [];
  if (target.length < 2) return null;
  const correlation = spearman(target, learned);
  return Number.isNaN(correlation) ? null : correlation;
};
