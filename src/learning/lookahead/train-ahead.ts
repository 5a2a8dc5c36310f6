/**
 * Training on what may come, while labels are awaited: batches are drawn (by the policy itself, at random, or now one and
 * now the other), the posterior after each is taken (hypothetical.ts), and the policy trained on it, each at its own
 * default temperature. Once labels have come, carry.ts brings the policy to the posterior that they make.
 *
 * Source: Malik et al., BatchGFN (2023), arXiv 2306.15058, section 3.3, where it is called lookahead.
 */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { greedyBatch } from '../../acquisition/greedy.js';
import { randomBatches } from '../../acquisition/random.js';
import { defaultTemperature } from '../../acquisition/temperature.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { forPool } from '../../gflownet/model-file.js';
import type { Problem } from '../../gflownet/problem.js';
import { batchesOf, draw } from '../../gflownet/sample.js';
import { startTraining } from '../../gflownet/start.js';
import { train } from '../../gflownet/train.js';
import type { TrainingOptions } from '../../gflownet/training-program.js';
import { type Matrix, rowsAt } from '../../linear-algebra/matrix.js';
import { type Key, split, uniforms } from '../../random/key.js';
import { uniformSubset } from '../../random/subset.js';
import { afterBatch } from './hypothetical.js';
import type { Learned } from './carry.js';

/** Where hypothetical batches come from; a mixture draws either with probability ½. */
export type BatchSource = 'policy' | 'random' | 'mixture';

/** How to train ahead. */
export interface LookaheadOptions {
  /** Hypothetical batches, one after the other, each from the posterior of the labels that there are. */
  readonly rounds: number;
  readonly source: BatchSource;
  /** Of each round. */
  readonly training: TrainingOptions;
  readonly key: Key;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/** Batches that the default temperature's random mean is taken over. */
const sample = 32;

/** The problem of drawing batches from a pool at its default temperature (src/acquisition/temperature.ts). */
export const problemAtDefaultTemperature = (whitened: Matrix, batchSize: number, key: Key): Problem => {
  const posterior = { whitened, mean: new Float64Array(whitened.rows), noiseVariance: 1 };
  const random = randomBatches(posterior, { batchSize, count: sample, key });
  return {
    whitened,
    batchSize,
    temperature: defaultTemperature({
      greedy: greedyBatch(posterior, batchSize).jointMutualInformation,
      random: random.reduce((total, batch) => total + batch.jointMutualInformation / sample, 0),
      poolSize: whitened.rows,
      batchSize,
    }),
  };
};

const hypotheticalBatch = (
  engine: Engine,
  { trained: { model, parameters }, whitened }: Learned,
  source: BatchSource,
  key: Key,
): TE.TaskEither<Failure, readonly number[]> => {
  const { batchSize } = model.shape;
  const [coin = 0] = uniforms(split(key, 0), 1);
  if (source === 'random' || (source === 'mixture' && coin < 0.5))
    return TE.right(uniformSubset(split(key, 1), whitened.rows, batchSize));
  const problem = problemAtDefaultTemperature(whitened, batchSize, split(key, 2));
  return pipe(
    draw(engine, forPool({ model, parameters }, whitened.rows).model, problem, parameters, 1, split(key, 3)),
    TE.map((draws) => batchesOf(draws)[0] ?? []),
  );
};

/**
 * The policy after training ahead, on the same pool. The same key gives the same bits on the same engine. Fails as
 * training does, with Interrupted once `signal` is aborted. Throws a RangeError where fewer than two batches fit the pool.
 */
export const trainAhead = (
  engine: Engine,
  learned: Learned,
  { rounds, source, training, key, onProgress, signal }: LookaheadOptions,
): TE.TaskEither<Failure, Learned> => {
  const { batchSize } = learned.trained.model.shape;
  const { rows } = learned.whitened;
  if (rows < 2 * batchSize)
    throw new RangeError(`trainAhead: a pool of ${rows} points has no two batches of ${batchSize}`);
  const ahead = (before: Learned, round: number): TE.TaskEither<Failure, Learned> => {
    const ofRound = split(key, round);
    return pipe(
      hypotheticalBatch(engine, before, source, split(ofRound, 0)),
      TE.chainEitherKW((batch) => afterBatch(learned.whitened, batch)),
      TE.chain(({ whitened }) => {
        const { model, parameters } = forPool(before.trained, whitened.rows);
        const problem = problemAtDefaultTemperature(whitened, batchSize, split(ofRound, 1));
        return pipe(
          startTraining(engine, model, problem, training.forwardLooking, split(ofRound, 2), parameters),
          TE.chain((state) =>
            train(engine, model, problem, training, state, signal === undefined ? {} : { signal }),
          ),
        );
      }),
      TE.map(({ parameters }) => {
        onProgress?.({ done: round + 1, total: rounds });
        return { ...before, trained: { ...before.trained, parameters } };
      }),
    );
  };
  return Array.from({ length: rounds }, (_, round) => round).reduce<TE.TaskEither<Failure, Learned>>(
    (before, round) =>
      pipe(
        before,
        TE.chain((state) => ahead(state, round)),
      ),
    TE.right(learned),
  );
};

/** What was learned, of some of the points alone: those that are still in the pool. */
export const learnedAt = ({ trained, whitened }: Learned, indices: readonly number[]): Learned => ({
  trained: forPool(trained, indices.length),
  whitened: rowsAt(whitened, indices),
});
