/**
 * How fast are batches drawn? From a `gain` policy (untrained: its weights cost the same), against greedy BatchBALD and exact
 * draws from the k-DPP, all on the same pool of random features at T = ½, in turns.
 *
 *   first        plan, load, draw one batch, close: what a caller waits for who draws once
 *   one          one batch from a program that is loaded already
 *   many         all draws at once, 256 side by side, with planning and loading
 *   greedy       one batch, from nothing, in f64 on the host
 *   kdpp         one exact batch from a prepared sampler, in f64 on the host; its preparation is told apart
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { greedyBatch } from '../acquisition/greedy.js';
import type { Engine } from '../engine/engine.js';
import { withProgram } from '../engine/with-program.js';
import type { Failure } from '../failure.js';
import { firstParameters, problemValues } from '../gflownet/model.js';
import { draw, drawProgram } from '../gflownet/sample.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { keyFromSeed, keyWords, split } from '../random/key.js';
import { kdpp, kdppSampler } from '../verify/kdpp/index.js';
import { clock } from '../clock.js';
import {
  keysOf,
  measure,
  onHost,
  share,
  type BenchControl,
  type Run,
  type Sampling,
  type Timing,
} from './measure.js';
import { randomProblem, type PolicySizes } from './pools.js';

/** Times of a pool of a size; those of `perBatch` are of one batch. */
export interface DrawResult {
  readonly poolSize: number;
  readonly batchSize: number;
  /** Batches that `many` draws. */
  readonly draws: number;
  /** The very first draw of this process, seconds: nothing has been compiled yet. */
  readonly coldSeconds: number;
  readonly perBatch: {
    readonly first: Timing;
    readonly one: Timing;
    readonly many: Timing;
    readonly greedy: Timing;
    readonly kdpp: Timing;
  };
  /** Batches a second of `many`. */
  readonly batchesPerSecond: number;
  /** Kernels dispatched for one batch of a loaded program, and for all draws at once. */
  readonly dispatches: { readonly one: number; readonly many: number };
  /** Seconds to prepare the exact sampler. */
  readonly kdppPreparation: number;
}

const repeated =
  (work: () => TE.TaskEither<Failure, unknown>): Run =>
  (calls) =>
  async () => {
    for (let call = 0; call < calls; call++) {
      const done = await work()();
      if (E.isLeft(done)) return done;
    }
    return E.right(undefined);
  };

/** How many kernels work dispatches. */
const dispatchesOf = (
  engine: Engine,
  work: TE.TaskEither<Failure, unknown>,
): TE.TaskEither<Failure, number> =>
  pipe(
    TE.fromIO<number, Failure>(() => engine.counters().dispatches),
    TE.chain((before) =>
      pipe(
        work,
        TE.map(() => engine.counters().dispatches - before),
      ),
    ),
  );

/** A sampler of the k-DPP, and how many seconds it took to prepare. Fails where it cannot be prepared. */
const preparedKdpp = (whitened: Matrix, batchSize: number) => {
  const started = clock();
  return pipe(
    kdpp(whitened, batchSize),
    E.map(kdppSampler),
    E.map((sampler) => ({ sampler, seconds: clock() - started })),
  );
};

/** Times all ways to draw. Fails where the engine does, where the k-DPP cannot be prepared, and with Interrupted. */
export const measureDraws = (
  engine: Engine,
  sizes: PolicySizes,
  draws: number,
  sampling: Sampling,
  seed: number,
  control: BenchControl,
): TE.TaskEither<Failure, DrawResult> => {
  const { problem, model } = randomProblem(sizes, seed);
  const { poolSize, batchSize } = sizes;
  const { whitened } = problem;
  const parameters = firstParameters(model, keyFromSeed(seed));
  const next = keysOf(split(keyFromSeed(seed), 3));
  const drawing = (count: number) => draw(engine, model, problem, parameters, count, next());
  return async () => {
    const begun = clock();
    const cold = await drawing(1)();
    if (E.isLeft(cold)) return cold;
    const coldSeconds = clock() - begun;
    const exact = preparedKdpp(whitened, batchSize);
    if (E.isLeft(exact)) return exact;
    const { sampler, seconds: kdppPreparation } = exact.right;
    const posterior = { whitened, mean: new Float64Array(poolSize), noiseVariance: 1 };
    return withProgram(engine, drawProgram(model, 1), (loaded) => {
      const one = () => loaded.run({ inputs: { keys: keyWords(next()) } });
      const ways = {
        first: repeated(() => drawing(1)),
        one: repeated(one),
        many: repeated(() => drawing(draws)),
        greedy: onHost(() => greedyBatch(posterior, batchSize)),
        kdpp: onHost(() => sampler(next())),
      };
      const inputs = { ...problemValues(model, problem), parameters, keys: keyWords(next()) };
      return pipe(
        loaded.run({ inputs }),
        TE.chain(() => dispatchesOf(engine, one())),
        TE.bindTo('ofOne'),
        TE.bind('ofMany', () => dispatchesOf(engine, drawing(draws))),
        TE.bind('timings', () => measure(`draws at N = ${poolSize}`, ways, sampling, control)),
        TE.map(({ ofOne, ofMany, timings }): DrawResult => {
          const many = share(timings.many, draws);
          return {
            ...{ poolSize, batchSize, draws, coldSeconds, kdppPreparation },
            perBatch: { ...timings, many },
            batchesPerSecond: 1 / many.seconds,
            dispatches: { one: ofOne, many: ofMany },
          };
        }),
      );
    })();
  };
};
