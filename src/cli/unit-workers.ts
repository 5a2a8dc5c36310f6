/**
 * Units of `run` side by side: each in a thread of its own (unit-worker.ts), as many at a time as there are threads. They depend
 * on nothing of each other, so that records are the same, however many threads there are; this thread keeps them, one after the
 * other.
 *
 * Where a unit fails, no later one goes on, and the run fails as its first unit that failed does: as it would one by one.
 */
import { Worker } from 'node:worker_threads';
import * as E from '#fp-ts/Either';
import type * as TE from '#fp-ts/TaskEither';
import type { Progress } from '../acquisition/strategy.js';
import { isLoss } from '../engine/host-threads.js';
import { engineFailure, type Failure } from '../failure.js';
import { interrupted } from '../learning/experiment/simulate.js';
import type { ExperimentSource } from '../learning/experiment/sources.js';
import type { RunRecord } from '../learning/record.js';
import type { Tells, Told, UnitOfWork } from './unit-worker.js';

/** What units are given beside their experiment. */
export interface UnitControl {
  /** Keeps a record: one at a time. */
  readonly onRecord: (record: RunRecord) => TE.TaskEither<Failure, void>;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** Does units in so many threads. Fails as the units do, with Interrupted once the signal is aborted, and where a thread is lost. */
export type UnitWorkers = (
  source: ExperimentSource,
  units: readonly UnitOfWork[],
  threads: number,
  control: UnitControl,
) => TE.TaskEither<Failure, unknown>;

const lost = engineFailure(
  'cpu',
  'a thread of the run ended before its work was done',
  'Start the run again: it goes on from its records. If memory is short, give fewer --threads',
);

/** The end of a unit that a thread works on. Rejects as the unit does. */
const endOf = (worker: Worker, work: UnitOfWork, control: UnitControl): Promise<E.Either<Failure, unknown>> =>
  new Promise((resolve, reject) => {
    const tell = (told: Told): void => worker.postMessage(told);
    const heard = (told: Tells): void => {
      if ('progress' in told) control.onProgress(told.progress);
      else if ('record' in told)
        void control
          .onRecord(told.record)()
          .then((kept) => tell({ kept }), reject);
      else end(() => resolve(told.done));
    };
    const failed = (error: Error): void =>
      end(isLoss(error) ? () => resolve(E.left(lost)) : () => reject(error));
    const gone = (): void => end(() => resolve(E.left(lost)));
    const end = (settle: () => void): void => {
      worker.off('message', heard).off('error', failed).off('exit', gone);
      settle();
    };
    worker.on('message', heard).on('error', failed).on('exit', gone);
    tell({ work });
  });

/** Keeps records one after the other. */
const inOrder = (onRecord: UnitControl['onRecord']): UnitControl['onRecord'] => {
  let last: Promise<unknown> = Promise.resolve();
  return (record) => () => {
    const kept = last.then(() => onRecord(record)());
    last = kept.catch(() => undefined);
    return kept;
  };
};

/** The workers in threads that `start` starts. */
export const unitWorkersOf =
  (start: (source: ExperimentSource) => Worker): UnitWorkers =>
  (source, units, threads, control) =>
  async () => {
    const kept: UnitControl = { ...control, onRecord: inOrder(control.onRecord) };
    const running = new Map<number, Worker>();
    const failures: (Failure | undefined)[] = [];
    let next = 0;
    let done = 0;
    const stopAfter = (place: number): void =>
      running.forEach((worker, other) => {
        if (other > place) worker.postMessage({ stop: true } satisfies Told);
      });
    const serve = async (worker: Worker): Promise<void> => {
      for (let place = next++; failures.length === 0 && !control.signal.aborted; place = next++) {
        const work = units[place];
        if (work === undefined) return;
        running.set(place, worker);
        const end = await endOf(worker, work, kept);
        running.delete(place);
        if (E.isRight(end)) done++;
        else {
          failures[place] = end.left;
          stopAfter(place);
        }
      }
    };
    const stopAll = (): void => stopAfter(-1);
    control.signal.addEventListener('abort', stopAll);
    const workers = Array.from({ length: Math.min(threads, units.length) }, () => start(source));
    try {
      await Promise.all(workers.map(serve));
    } finally {
      control.signal.removeEventListener('abort', stopAll);
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    const failure = failures.find((own) => own !== undefined);
    if (failure !== undefined) return E.left(failure);
    return done < units.length ? E.left(interrupted) : E.right(undefined);
  };

/** The workers as they are. */
export const unitWorkers: UnitWorkers = unitWorkersOf(
  (source) => new Worker(new URL('./unit-worker.js', import.meta.url), { workerData: source }),
);
