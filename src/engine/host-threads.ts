/**
 * How is work of the host that falls into tasks shared by threads? By workers of Node, each of which has a module of a room (its
 * worker file) and the setup that tasks are of, and takes one task at a time, in their order. A task's answer is the same whoever
 * finds it, so that the answers are the same for every number of threads.
 *
 * Workers are started when tasks first come for their module, sleep between them, do not keep the process alive then, and end with
 * the engine. Where there are none (in browsers, or where the worker file is not to be had), who asks does the tasks itself.
 */
import * as E from '#fp-ts/Either';
import type { TaskEither } from '#fp-ts/TaskEither';
import { closedInUse, engineFailure, type Failure } from '../failure.js';
import { builtin } from './cpu/threads/worker.js';

/** What a worker is told: what tasks are of, or a task and its place among them. */
export type HostOrder = { readonly setup: unknown } | { readonly place: number; readonly task: unknown };

/** What it tells: that it is there, or what became of a task. */
export type HostAnswer =
  { readonly ready: true } | { readonly place: number; readonly answer: E.Either<Failure, unknown> };

/** Tasks that do not depend on each other, as plain data. */
export interface HostTasks {
  /** The worker file. */
  readonly module: URL;
  /** The same object for the same setup: it is sent to a worker once. */
  readonly setup: object;
  readonly tasks: readonly unknown[];
  /** What is interrupted where the signal is aborted. */
  readonly stage: string;
  /** Whether the answers to the first tasks are enough; all are wanted if left out. */
  readonly enough?: (answers: readonly unknown[]) => boolean;
  /** Told after each answer: the places of tasks that are done. */
  readonly onDone?: (places: ReadonlySet<number>) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The threads. */
export interface HostThreads {
  /**
   * The answers to the tasks, as many of the first as are enough; undefined where there are no workers. Fails as the first task
   * that fails, with Interrupted, and with an EngineFailure where a worker runs out of memory or
   * the engine is closed. Rejects where one breaks.
   */
  readonly answers: (tasks: HostTasks) => TaskEither<Failure, readonly unknown[] | undefined>;
  /** Ends the workers, and resolves when they are gone. */
  readonly end: () => Promise<void>;
}

/** A worker, whether it has ever answered, and the setup that it was told last. */
interface HostWorker {
  readonly worker: NodeWorker;
  isReady: boolean;
  setup: object | undefined;
}

/** What is used of Node's. */
interface NodeWorker {
  readonly postMessage: (order: HostOrder) => void;
  readonly terminate: () => Promise<number>;
  readonly ref: () => void;
  readonly unref: () => void;
  readonly on: (event: 'message' | 'error', listener: (told: never) => void) => NodeWorker;
  readonly off: (event: 'message' | 'error', listener: (told: never) => void) => NodeWorker;
}

const lost = engineFailure(
  'cpu',
  'a thread ended before its work was done',
  'If memory is short, give fewer --threads',
);

const closed = closedInUse('cpu');

/** Whether an error is that of a thread which ran out of memory, and not of the program. */
export const isLoss = (error: Error & { readonly code?: string }): boolean =>
  error.code === 'ERR_WORKER_OUT_OF_MEMORY';

type Settle = (end: E.Either<Failure, readonly unknown[] | undefined>) => void;

/** Shares tasks out to workers. `settle` is called once, when no worker is at work any more or one has failed. */
const shareOut = (
  workers: readonly HostWorker[],
  { setup, tasks, enough = () => false, onDone }: HostTasks,
  settle: Settle,
  fail: (error: Error, ready: boolean) => void,
): (() => void) => {
  const found: (E.Either<Failure, unknown> | undefined)[] = [];
  const done = new Set<number>();
  let [sent, busy] = [0, workers.length];
  /** The answers to the first tasks, so far as they are known and wanted, or the failure of the next. */
  const first = (): {
    readonly answers: readonly unknown[];
    readonly failure?: Failure;
    readonly over: boolean;
  } => {
    const answers: unknown[] = [];
    for (const one of found) {
      if (enough(answers)) return { answers, over: true };
      if (one === undefined) return { answers, over: false };
      if (E.isLeft(one)) return { answers, failure: one.left, over: true };
      answers.push(one.right);
    }
    return { answers, over: enough(answers) || answers.length === tasks.length };
  };
  const next = (own: HostWorker): void => {
    if (sent < tasks.length && !first().over) {
      if (own.setup !== setup) own.worker.postMessage({ setup: (own.setup = setup) });
      own.worker.postMessage({ place: sent, task: tasks[sent] });
      sent++;
    } else if (--busy === 0) {
      const { answers, failure } = first();
      settle(failure === undefined ? E.right(answers) : E.left(failure));
    }
  };
  const ends = workers.map((own) => {
    const heard = (told: HostAnswer): void => {
      own.isReady = true;
      if ('ready' in told) return;
      found[told.place] = told.answer;
      onDone?.(done.add(told.place));
      next(own);
    };
    const failed = (error: Error): void => fail(error, own.isReady);
    own.worker.on('message', heard).on('error', failed).ref();
    next(own);
    return () => own.worker.off('message', heard).off('error', failed).unref();
  });
  return () => {
    for (const end of ends) end();
  };
};

/** Workers by their files, started when they are asked for; `dismiss` ends all. */
const workerPool = () => {
  const all = new Map<string, HostWorker[]>();
  return {
    dismiss: async (): Promise<void> => {
      const gone = Array.from(all.values()).flat();
      all.clear();
      await Promise.all(gone.map(({ worker }) => worker.terminate()));
    },
    workersOf: (module: URL, count: number): readonly HostWorker[] => {
      const own = all.get(module.href) ?? [];
      all.set(module.href, own);
      const node = builtin('node:worker_threads');
      while (node !== undefined && own.length < count) {
        const worker = new node.Worker(module, {}) as unknown as NodeWorker;
        const made: HostWorker = { worker, isReady: false, setup: undefined };
        // One that ends while nothing is asked of it is not asked again.
        worker.on('error', () => void own.splice(own.indexOf(made), own.includes(made) ? 1 : 0));
        own.push(made);
      }
      return own.slice(0, count);
    },
  };
};

/** So many threads beside the one that asks, which waits. None are started before there is work. */
export const hostThreadsOf = (threads: number): HostThreads => {
  const { workersOf, dismiss } = workerPool();
  let available = threads > 1;
  let last: Promise<unknown> = Promise.resolve();
  let stop: (() => void) | undefined;
  const answered = async (asked: HostTasks): Promise<E.Either<Failure, readonly unknown[] | undefined>> => {
    const { module, tasks, stage, signal } = asked;
    const interrupted: Failure = { _tag: 'Interrupted', during: stage };
    if (signal?.aborted === true) return E.left(interrupted);
    const workers = available && tasks.length > 1 ? workersOf(module, Math.min(threads, tasks.length)) : [];
    if (workers.length === 0) return E.right(undefined);
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        leave();
        stop = undefined;
        signal?.removeEventListener('abort', abort);
      };
      const dismissed = (result: () => void): void => {
        finish();
        void dismiss().then(result);
      };
      const abort = (): void => dismissed(() => resolve(E.left(interrupted)));
      signal?.addEventListener('abort', abort);
      stop = () => dismissed(() => resolve(E.left(closed)));
      const leave = shareOut(
        workers,
        asked,
        (result) => {
          finish();
          resolve(result);
        },
        (error, ready) =>
          dismissed(() => {
            // One that never was there was bundled away, or is forbidden.
            available &&= ready;
            if (isLoss(error)) resolve(E.left(lost));
            else if (ready) reject(error);
            else resolve(E.right(undefined));
          }),
      );
    });
  };
  return {
    // One after the other: a worker answers one who asks.
    answers: (asked) => () => {
      const found = last.then(() => answered(asked));
      last = found.catch(() => undefined);
      return found;
    },
    end: async () => {
      available = false;
      stop?.();
      await dismiss();
    },
  };
};
