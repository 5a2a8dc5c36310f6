/**
 * The threads of an engine: workers that are started when the engine has had enough to do for them, serve one program at a
 * time, stay for the next, and end with the engine. While nothing is to be done they sleep. Nobody waits for a worker that is
 * on its way: who is there takes part (kernels/cpu/threads.ts).
 */
import { chunksDone, lineOf, servingIn, type SharedProgram } from './shared-program.js';
import { startWorker, type Order, type Thread } from './worker.js';

/** When threads are used, for specs and measurements. */
export interface Patience {
  /** Nanoseconds of work that an engine has had before threads are started. */
  readonly start: number;
  /** Nanoseconds of a run for which they change from another program. */
  readonly change: number;
  /** Whether runs wait until all are there. */
  readonly together: boolean;
}

/** A worker is some 30 ms of work until it is there. */
export const patience: Patience = { start: 30_000_000, change: 200_000, together: false };

/** The threads of an engine. */
export interface ThreadPool {
  /** Before a run of so many nanoseconds of shared work. */
  readonly call: (program: SharedProgram, cost: number) => void;
  /** Resolves when all serve a program that they were called to. */
  readonly gathered: (program: SharedProgram) => Promise<void>;
  /** A program is closed. */
  readonly leave: (program: SharedProgram) => void;
  /** Ends the threads, and resolves when they are gone. */
  readonly end: () => Promise<void>;
  /** How many workers there are, and how many chunks of the program that they serve they have done. */
  readonly count: () => number;
  readonly done: () => number;
}

/** Ends the workers of engines that were dropped without being closed. */
const dropped = new FinalizationRegistry<readonly Thread[]>((workers) => {
  for (const worker of workers) void worker.end();
});

/** What a thread is told that is to serve a program. */
const orderFor = (shared: SharedProgram, program: number, call: number, thread: number): Order => {
  const { module, memory, control, rooms, roomBytes } = shared;
  return {
    ...{ program, module, memory, control, call },
    line: lineOf(shared, thread),
    room: rooms + thread * roomBytes,
  };
};

/** Starts workers until there are so many, or none is to be had. */
const startUpTo = (count: number, workers: Thread[], start: () => Thread | undefined): void => {
  while (workers.length < count) {
    const worker = start();
    if (worker === undefined) return;
    workers.push(worker);
  }
};

const dismiss = ({ kernels, control }: SharedProgram): number => kernels.dismiss(control);

/** A pool of so many threads, with the one that runs programs; `start` starts a worker. */
export const threadPoolOf = (
  threads: number,
  { start: startsAt, change }: Patience,
  start: () => Thread | undefined = startWorker,
): ThreadPool => {
  const workers: Thread[] = [];
  const numbers = new Map<SharedProgram, number>();
  let wanted = threads - 1;
  let programs = 0;
  let spent = 0;
  let current: SharedProgram | undefined;

  const enlist = (program: SharedProgram): void => {
    if (current !== undefined) dismiss(current);
    current = program;
    const call = dismiss(program);
    const number = numbers.get(program) ?? programs++;
    numbers.set(program, number);
    workers.forEach((worker, i) => worker.send(orderFor(program, number, call, i + 1)));
  };

  const threadPool: ThreadPool = {
    call: (program, cost) => {
      spent += cost;
      if (spent < startsAt || wanted === 0 || current === program) return;
      startUpTo(wanted, workers, start);
      // Where none is to be had, it is not asked for again.
      wanted = workers.length;
      if (wanted > 0 && (current === undefined || cost >= change)) enlist(program);
    },
    gathered: async (program) => {
      while (current === program && servingIn(program) < workers.length)
        await new Promise((resolve) => setTimeout(resolve, 1));
    },
    leave: (program) => {
      if (current === program) {
        dismiss(program);
        current = undefined;
      }
      const number = numbers.get(program);
      numbers.delete(program);
      if (number !== undefined) for (const worker of workers) worker.send({ program: number });
    },
    end: async () => {
      if (current !== undefined) dismiss(current);
      current = undefined;
      wanted = 0;
      await Promise.all(workers.splice(0).map((worker) => worker.end()));
    },
    count: () => workers.length,
    done: () => {
      const program = current;
      return program === undefined ? 0 : workers.reduce((sum, _, i) => sum + chunksDone(program, i + 1), 0);
    },
  };
  dropped.register(threadPool, workers);
  return threadPool;
};
