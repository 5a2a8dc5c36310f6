/**
 * The CPU engine: every primitive in f32 and f64 (and u32, i32), on the thread that calls it. It runs a plan step by step, on
 * WebAssembly SIMD kernels (kernels/cpu) where they are to be had, and else in plain TypeScript.
 */
import * as TE from '#fp-ts/TaskEither';
import { engineFailure } from '../../failure.js';
import { sizeOf, type TypedArray } from '../../tensor/expression.js';
import type { Program } from '../../tensor/program.js';
import { bindInputs, namesToRead, requireInputs, stepsOf } from '../bind.js';
import type { Engine, LoadedProgram, RunRequest, Values } from '../engine.js';
import { partners, plan, usedSlots, type Plan } from '../plan.js';
import { emptyTally, type Tally } from '../tally.js';
import { actionsOf } from './actions.js';
import { inPlace } from './in-place.js';
import { layOut, layOutAtOnce, layOutPlain, type Memory } from './memory.js';

/** A program in memory that answers at once. */
interface AtOnce {
  readonly run: (request: RunRequest) => Readonly<Record<string, TypedArray>>;
  readonly close: () => void;
}

/** The slot that a step works on for a slot of the plan. */
type SlotOf = (slot: number) => number;

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
const runner = (planned: Plan, laid: Memory, tally: Tally): AtOnce['run'] => {
  const memory = laid.arrays;
  for (const { slot, values } of planned.constants) memory[slot]?.set(values);
  const partner = partners(planned);
  const even: SlotOf = (slot) => slot;
  const odd: SlotOf = (slot) => partner[slot] ?? slot;
  const { groups } = laid;
  const bodies = [actionsOf(groups.body, laid, even), actionsOf(groups.body, laid, odd)] as const;
  const prologue = actionsOf(groups.prologue, laid, even);
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
    if (stale) {
      for (const action of prologue) action();
      tally.dispatches += prologue.length;
      stale = false;
    }
    for (let step = 0; step < steps; step++) {
      for (const action of bodies[parity === 0 ? 0 : 1]) action();
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
): AtOnce => {
  const { bytes } = laid;
  let run: AtOnce['run'] | undefined = runner(planned, laid, tally);
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
}

const wait = 'Close it when what runs on it has ended, or open another';

/** The CPU engine. A run fails where the engine was closed under its program; nothing is started until a program is loaded. */
export const cpuEngine = ({ accelerated = true }: CpuOptions = {}): Engine => {
  const alive = new Set<AtOnce>();
  const tally = emptyTally();
  let shut = false;
  return {
    kind: 'cpu',
    description: 'cpu',
    software: false,
    dtypes: ['f32', 'f64', 'u32', 'i32'],
    load: (program: Program) =>
      TE.fromTask(async (): Promise<LoadedProgram> => {
        const planned = inPlace(plan(program));
        const used = usedSlots(planned);
        const laid = accelerated ? await layOut(planned, used) : layOutPlain(planned, used);
        const made = loaded(planned, used, laid, tally, () => alive.delete(made));
        alive.add(made);
        return {
          ...made,
          // An engine may be closed between two runs of something that goes on.
          run: (request) => async () =>
            shut
              ? TE.left(engineFailure('cpu', 'the engine was closed while it was in use', wait))()
              : TE.right(made.run(request))(),
        };
      }),
    counters: () => ({ ...tally }),
    close: () => {
      shut = alive.size > 0;
      for (const made of alive) made.close();
      return Promise.resolve();
    },
  };
};
