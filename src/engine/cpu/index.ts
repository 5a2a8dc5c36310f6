/**
 * The CPU engine: every primitive in f32 and f64 (and u32, i32). It runs a plan step by step, on WebAssembly SIMD kernels
 * (kernels/cpu) where they are to be had, and else in plain TypeScript; long steps on several threads, where there can be such.
 */
import * as E from '#fp-ts/Either';
import { closedInUse, engineFailure, type Failure } from '../../failure.js';
import { requireWhole } from '../../misuse.js';
import { sizeOf, type TypedArray } from '../../tensor/expression.js';
import type { Program } from '../../tensor/program.js';
import { bindInputs, namesToRead, requireInputs, stepsOf } from '../bind.js';
import type { Engine, LoadedProgram, RunRequest, Values } from '../engine.js';
import { hostThreadsOf } from '../host-threads.js';
import { partners, plan, usedSlots, type Plan } from '../plan.js';
import { emptyTally, type Tally } from '../tally.js';
import type { SlotOf } from './actions.js';
import { inPlace } from './in-place.js';
import { layOut, layOutAtOnce, layOutPlain, type Memory } from './memory.js';
import { sharedFrom } from './records.js';
import { threadPoolOf, patience, type ThreadPool, type Patience } from './threads/thread-pool.js';
import { threadFault } from './threads/shared-program.js';
import { defaultThreads, mayShare, type Thread } from './threads/worker.js';

/** A program in memory that answers at once. */
interface AtOnce {
  readonly run: (request: RunRequest) => Readonly<Record<string, TypedArray>>;
  readonly close: () => void;
}

/**
 * A copy of a named value after a step, `odd` saying where slots lie in steps of parity 1: outputs lie where the last step, of
 * the other parity, wrote them; carried inputs where the next step reads them.
 */
const valueAt = (
  { outputs, carry }: Plan,
  memory: readonly TypedArray[],
  odd: SlotOf,
  parity: number,
  name: string,
): TypedArray => {
  const output = outputs[name];
  const slot = output?.slot ?? carry[name]?.current ?? -1;
  const array = memory[(output === undefined) === (parity === 0) ? slot : odd(slot)] as TypedArray;
  return output === undefined
    ? array.slice()
    : array.slice(output.view.offset, output.view.offset + sizeOf(output.shape));
};

/** Runs requests one after another on the memory of a plan. */
const runner = (
  planned: Plan,
  laid: Memory,
  tally: Tally,
  threadPool: ThreadPool | undefined,
): AtOnce['run'] => {
  const { arrays: memory, actions, shared } = laid;
  for (const { slot, values } of planned.constants) memory[slot]?.set(values);
  const partner = partners(planned);
  const odd: SlotOf = (slot) => partner[slot] ?? slot;
  const set = new Set<string>();
  let parity = 0;
  let stale = true;

  return (request) => {
    const steps = stepsOf(request);
    const names = namesToRead(planned, request);
    const bound = bindInputs(planned, request);
    // Refused before anything is set.
    requireInputs(planned, new Set([...set, ...bound.map(({ name }) => name)]));
    for (const { name, slot, values } of bound) {
      const carried = planned.carry[name] !== undefined;
      memory[carried && parity === 1 ? odd(slot) : slot]?.set(values);
      set.add(name);
      if (!carried) stale = true;
    }
    if (shared !== undefined)
      threadPool?.call(shared, (stale ? shared.cost.prologue : 0) + steps * shared.cost.step);
    if (stale) {
      for (const action of actions.prologue) action();
      tally.dispatches += actions.prologue.length;
      stale = false;
    }
    for (let step = 0; step < steps; step++) {
      for (const action of parity === 0 ? actions.even : actions.odd) action();
      parity = 1 - parity;
    }
    tally.dispatches += steps * planned.body.length;
    tally.readbacks += names.length;
    return Object.fromEntries(names.map((name) => [name, valueAt(planned, memory, odd, parity, name)]));
  };
};

const loaded = (
  planned: Plan,
  used: readonly number[],
  laid: Memory,
  tally: Tally,
  closing: () => void,
  threadPool?: ThreadPool,
): AtOnce => {
  const { bytes, shared } = laid;
  let run: AtOnce['run'] | undefined = runner(planned, laid, tally, threadPool);
  tally.buffers += used.length;
  tally.bytes += bytes;
  return {
    run: (request) => {
      if (run === undefined) throw new TypeError('run: the program was closed; load it again');
      return run(request);
    },
    close: () => {
      if (run === undefined) return;
      // With it goes the memory.
      run = undefined;
      if (shared !== undefined) threadPool?.leave(shared);
      closing();
      tally.buffers -= used.length;
      tally.bytes -= bytes;
    },
  };
};

/**
 * A small program that answers when it is called, no engine and no promise between: its outputs for inputs, in the dtypes
 * of the program, by the CPU engine's kernels where they can be compiled at once. What was set before stays. Throws a
 * TypeError as LoadedProgram.run does.
 */
export const programAtOnce = (
  program: Program,
): ((inputs: Values) => Readonly<Record<string, TypedArray>>) => {
  const planned = inPlace(plan(program));
  const used = usedSlots(planned);
  const { run } = loaded(planned, used, layOutAtOnce(planned, used), emptyTally(), () => undefined);
  return (inputs) => run({ inputs });
};

/** Settings of the CPU engine. */
export interface CpuOptions {
  /** Whether to use the WebAssembly kernels where they are to be had; true if left out. Without them all is TypeScript. */
  readonly accelerated?: boolean;
  /**
   * How many threads share long steps, with the one that calls: the machine's cores if left out, at most 8. Every number gives
   * the same bits. It is 1 in a browser's window, which must not wait, and in pages that are not cross-origin isolated.
   */
  readonly threads?: number;
}

const closed = closedInUse('cpu');
const broken = engineFailure(
  'cpu',
  'a thread of the engine failed',
  'Open another engine, with one thread if it fails again',
);

/** When steps are shared, and threads used. */
export interface Tuning extends Patience {
  /** Nanoseconds of a step from which on it is shared. */
  readonly from: number;
}

const tuned: Tuning = { ...patience, from: sharedFrom };

/** The CPU engine with its tuning, and what it has of threads: for specs and measurements. */
export const tunedEngine = (
  { accelerated = true, threads = defaultThreads() }: CpuOptions,
  tuning: Tuning,
  start?: () => Thread | undefined,
): Engine & { readonly threadPool: ThreadPool } => {
  requireWhole('cpuEngine', 'threads', threads, 1, 64);
  const alive = new Set<AtOnce>();
  const tally = emptyTally();
  const threadPool = threadPoolOf(threads, tuning, start);
  const hostThreads = hostThreadsOf(threads);
  let over = false;
  let failed = false;
  return {
    ...{ kind: 'cpu', description: 'cpu', software: false, dtypes: ['f32', 'f64', 'u32', 'i32'], threadPool },
    hostThreads,
    load: (program: Program) => async (): Promise<E.Either<Failure, LoadedProgram>> => {
      const planned = inPlace(plan(program));
      const used = usedSlots(planned);
      const laid = accelerated
        ? await layOut(planned, used, { threads: mayShare() ? threads : 1, from: tuning.from })
        : layOutPlain(planned, used);
      if (over) return E.left(closed);
      const made = loaded(planned, used, laid, tally, () => alive.delete(made), threadPool);
      alive.add(made);
      return E.right({
        ...made,
        // An engine may be closed between two runs of something that goes on, and while a run waits for its threads.
        run: (request) => async () => {
          if (failed) return E.left(broken);
          if (tuning.together && laid.shared !== undefined) {
            threadPool.call(laid.shared, 0);
            await threadPool.gathered(laid.shared);
          }
          if (over) return E.left(closed);
          try {
            return E.right(made.run(request));
          } catch (error) {
            if (error !== threadFault) throw error;
            failed = true;
            return E.left(broken);
          }
        },
      });
    },
    counters: () => ({ ...tally }),
    close: async () => {
      over = true;
      for (const made of alive) made.close();
      await Promise.all([threadPool.end(), hostThreads.end()]);
    },
  };
};

/**
 * The CPU engine. A run fails where the engine was closed under its program, or a thread of it failed; nothing is started until
 * a program is loaded, and no thread until there is work for it. Throws a TypeError for a number of threads that is not whole,
 * or not from 1 to 64.
 */
export const cpuEngine = (options: CpuOptions = {}): Engine => tunedEngine(options, tuned);
