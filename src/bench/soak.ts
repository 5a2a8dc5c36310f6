/**
 * Does memory stay flat over a long training, and does it end in the same bits again? A small problem is trained twice; every
 * so many iterations the engine's live buffers, its bytes and the resident memory of the process are told, this last once what
 * is garbage has been collected. Flat is: the same buffers and bytes at every mark, and resident memory at the last mark within
 * a tenth, and 8 MiB, of the median of the marks.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { defaultModel, defaultTraining } from '../gflownet/defaults.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { Problem } from '../gflownet/problem.js';
import { startTraining } from '../gflownet/start.js';
import { train } from '../gflownet/train.js';
import { keyFromSeed, split } from '../random/key.js';
import { maternProblem } from '../surrogate/matern.js';
import { clock } from '../clock.js';
import { median, type BenchControl } from './measure.js';

/** What is trained for how long. */
export interface SoakOptions {
  readonly policy: PolicyName;
  readonly poolSize: number;
  readonly batchSize: number;
  readonly trajectories: number;
  readonly iterations: number;
  /** Iterations between two marks. */
  readonly every: number;
}

/** What is held after so many iterations. */
export interface Mark {
  readonly iterations: number;
  readonly buffers: number;
  readonly bytes: number;
  readonly residentBytes: number;
  /** Of the last iteration. */
  readonly loss: number;
}

/** Two trainings. */
export interface SoakResult extends SoakOptions {
  readonly marks: readonly Mark[];
  /** Whether marks of the second training have the first one's losses, bit for bit. */
  readonly sameBits: boolean;
  readonly flat: { readonly buffers: boolean; readonly bytes: boolean; readonly residentBytes: boolean };
  /** Resident memory at the last mark over the median of the marks. */
  readonly residentRatio: number;
  /** Buffers and bytes that the engine holds afterwards. */
  readonly left: { readonly buffers: number; readonly bytes: number };
  /** Of the first training. */
  readonly seconds: number;
}

/** Collects garbage, by the function that `node --expose-gc` would give. */
const collect = ((): (() => void) => {
  let made: (() => void) | undefined;
  return () => {
    if (made === undefined) {
      setFlagsFromString('--expose-gc');
      made = runInNewContext('gc') as () => void;
    }
    made();
  };
})();

/** Growth of resident memory that counts as none, bytes: what allocators keep to themselves. */
const slack = 8 * 2 ** 20;

/** Whether marks are flat; resident memory over a median that no single mark moves. */
export const flatness = (
  marks: readonly Pick<Mark, 'buffers' | 'bytes' | 'residentBytes'>[],
): Pick<SoakResult, 'flat' | 'residentRatio'> => {
  const constant = (part: 'buffers' | 'bytes'): boolean =>
    marks.every((mark) => mark[part] === marks[0]?.[part]);
  const middle = median(marks.map(({ residentBytes }) => residentBytes));
  const last = marks.at(-1)?.residentBytes ?? NaN;
  return {
    flat: {
      buffers: constant('buffers'),
      bytes: constant('bytes'),
      residentBytes: last <= 1.1 * middle + slack,
    },
    residentRatio: last / middle,
  };
};

/** Steps between two turns of signals: at most 100, and marks fall between them. */
const chunkOf = (every: number): number => {
  let chunk = Math.min(every, 100);
  while (every % chunk !== 0) chunk--;
  return chunk;
};

const oneTraining = (
  engine: Engine,
  problem: Problem,
  { policy, trajectories, iterations, every }: SoakOptions,
  seed: number,
  stage: string,
  { progress, signal }: BenchControl,
): TE.TaskEither<Failure, readonly Mark[]> => {
  const model = defaultModel(policy, problem);
  const training = { ...defaultTraining(policy), trajectories, iterations };
  const key = split(keyFromSeed(seed), 4);
  const marks: Mark[] = [];
  return pipe(
    startTraining(engine, model, problem, training, key),
    TE.chain((state) =>
      train(engine, model, problem, training, state, {
        signal,
        chunk: chunkOf(every),
        onProgress: ({ done, total, loss }) => {
          progress({ stage, done, total, note: '' });
          if (done % every !== 0 && done !== total) return;
          collect();
          const { buffers, bytes } = engine.counters();
          marks.push({ iterations: done, buffers, bytes, residentBytes: process.memoryUsage.rss(), loss });
        },
      }),
    ),
    TE.map(() => marks),
  );
};

/** Trains twice. Fails where training does, where the pool cannot be made, and with Interrupted. */
export const soak = (
  engine: Engine,
  options: SoakOptions,
  seed: number,
  control: BenchControl,
): TE.TaskEither<Failure, SoakResult> =>
  pipe(
    TE.fromEither(maternProblem({ poolSize: options.poolSize, seed })),
    TE.mapLeft((failure): Failure => failure),
    TE.map(({ posterior: { whitened } }) => ({
      whitened,
      batchSize: options.batchSize,
      temperature: 0.5,
    })),
    TE.chain((problem) => async () => {
      const start = clock();
      const first = await oneTraining(engine, problem, options, seed, 'training', control)();
      if (E.isLeft(first)) return first;
      const seconds = clock() - start;
      const again = await oneTraining(engine, problem, options, seed, 'training again', control)();
      if (E.isLeft(again)) return again;
      const marks = first.right;
      const { buffers, bytes } = engine.counters();
      return E.right({
        ...options,
        marks,
        sameBits: marks.every(({ loss }, i) => Object.is(loss, again.right[i]?.loss)),
        ...flatness(marks),
        left: { buffers, bytes },
        seconds,
      });
    }),
  );
