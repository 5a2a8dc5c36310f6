/** A trained model as something that can be asked: its batches as the laws take a sampler, and log P_T of given ones. */
import * as E from '#fp-ts/Either';
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import { showFailure, type Failure } from '../failure.js';
import type { Model } from '../gflownet/model.js';
import { batchSizes, type Problem } from '../gflownet/problem.js';
import { batchesOf, draw } from '../gflownet/sample.js';
import { estimatedLogProbabilities, exactLogProbabilities } from '../gflownet/set-probability.js';
import { keyFromSeed, type Key } from '../random/key.js';
import type { TypedArray } from '../tensor/expression.js';
import type { BatchSampler } from './laws/report.js';

/** A model with its parameters, on a problem and an engine. */
export interface Trained {
  readonly engine: Engine;
  readonly model: Model;
  readonly problem: Problem;
  readonly parameters: TypedArray;
}

/** Batches up to this size have their orders summed exactly: 2^b states a batch. */
const maxSummed = 6;

/** Orders a batch beyond that. */
const orders = 32;

/** log P_T in nats of given batches: exact up to six points a batch, by importance from 32 orders each beyond. */
export const logProbabilitiesOf = (
  { engine, model, problem, parameters }: Trained,
  batches: readonly (readonly number[])[],
  key: Key,
): TaskEither<Failure, Float64Array> =>
  problem.batchSize <= maxSummed
    ? exactLogProbabilities(engine, model, problem, parameters, batches)
    : estimatedLogProbabilities(engine, model, problem, parameters, batches, orders, key);

/** The value of an effect, as the laws want it: a promise that rejects with what failed. */
const promised = async <A>(effect: TaskEither<Failure, A>): Promise<A> => {
  const result = await effect();
  if (E.isLeft(result)) throw new Error(showFailure(result.left));
  return result.right;
};

/**
 * The model's own draws as a sampler that the laws can be run on; with log-probabilities where batches have at most six
 * points. Its promises reject where the engine fails.
 */
export const trainedBatchSampler = (trained: Trained): BatchSampler => {
  const { engine, model, problem, parameters } = trained;
  const [smallest, largest] = batchSizes(problem);
  const sampler = {
    poolSize: problem.whitened.rows,
    batchSize: smallest === largest ? largest : ([smallest, largest] as const),
    sample: async (seed: number, count: number) =>
      batchesOf(await promised(draw(engine, model, problem, parameters, count, keyFromSeed(seed)))),
  };
  return largest > maxSummed
    ? sampler
    : {
        ...sampler,
        logProbability: async (batches) =>
          Array.from(
            await promised(
              exactLogProbabilities(
                engine,
                model,
                problem,
                parameters,
                batches.map((batch) => Array.from(batch)),
              ),
            ),
          ),
      };
};
