/**
 * A thread of `run` (unit-workers.ts): given an experiment, it works on the units that it is told one after the other, on an engine of
 * one thread, and hands over each record before it goes on. Its file is found by its address, beside who starts it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type * as E from '#fp-ts/Either';
import type { Progress } from '../acquisition/strategy.js';
import { cpuEngine } from '../engine/index.js';
import type { Failure } from '../failure.js';
import type { Unit } from '../learning/experiment/experiment.js';
import { simulate } from '../learning/experiment/simulate.js';
import { experimentFrom, type ExperimentSource } from '../learning/experiment/sources.js';
import type { RunRecord } from '../learning/record.js';

/** A unit, and the records that there are of it. */
export interface UnitOfWork {
  readonly unit: Unit;
  readonly recorded: readonly RunRecord[];
}

/** What the thread is told: what to do, how the record that it handed over was kept, or to stop. */
export type Told =
  { readonly work: UnitOfWork } | { readonly kept: E.Either<Failure, void> } | { readonly stop: true };

/** What it tells. */
export type Tells =
  | { readonly record: RunRecord }
  | { readonly progress: Progress }
  | { readonly done: E.Either<Failure, unknown> };

const experiment = experimentFrom(workerData as ExperimentSource);
const engine = cpuEngine({ threads: 1 });

let stop = new AbortController();
let onKept: (kept: E.Either<Failure, void>) => void = () => undefined;

const tell = (told: Tells): void => parentPort?.postMessage(told);

const work = async ({ unit, recorded }: UnitOfWork): Promise<void> => {
  stop = new AbortController();
  const done = await simulate(engine, experiment, unit, {
    recorded,
    onRecord: (record) => () =>
      new Promise((resolve) => {
        onKept = resolve;
        tell({ record });
      }),
    onProgress: (progress) => tell({ progress }),
    signal: stop.signal,
  })();
  // The records are kept already.
  tell({ done: done._tag === 'Left' ? done : { _tag: 'Right', right: undefined } });
};

parentPort?.on('message', (told: Told) => {
  if ('work' in told) void work(told.work);
  else if ('kept' in told) onKept(told.kept);
  else stop.abort();
});
