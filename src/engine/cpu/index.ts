/**
 * The CPU engine: every primitive in f32 and f64 (and u32, i32), in plain TypeScript, on the thread that calls it.
 * It interprets a plan step by step with each primitive's own meaning.
 */
import * as TE from 'fp-ts/lib/TaskEither.js';
import { allocate, bytesOf, sizeOf, type TypedArray } from '../../tensor/expression.js';
import type { HostCall, HostOperand } from '../../tensor/primitive.js';
import { hostCopy } from '../../tensor/primitives/walk.js';
import { primitives } from '../../tensor/primitives/index.js';
import type { Program } from '../../tensor/program.js';
import { bindInputs, namesToRead, requireInputs, stepsOf } from '../bind.js';
import type { Counters, Engine, LoadedProgram, RunRequest } from '../engine.js';
import { partners, plan, usedSlots, type Place, type Plan, type Step } from '../plan.js';

/** What an engine counts, mutable inside it. */
type Tally = { -readonly [K in keyof Counters]: Counters[K] };

/** A step with its memory looked up once: one for even and one for odd parity. */
type Action = () => void;

const actionOf = (step: Step, memory: readonly TypedArray[], slotAt: (slot: number) => number): Action => {
  const data = memory[slotAt(step.output.slot)] as TypedArray;
  const operands: readonly HostOperand[] = step.operands.map(({ slot, shape, dtype, view }: Place) => ({
    shape,
    dtype,
    view,
    data: memory[slotAt(slot)] as TypedArray,
  }));
  if (step.primitive === 'copy') {
    const [from] = operands;
    return () => {
      if (from !== undefined) hostCopy(from.data, from.view, data, from.dtype);
    };
  }
  const { lowering } = primitives[step.primitive];
  if (lowering.kind !== 'compute') throw new Error(`cpu: ${step.primitive} computes nothing`);
  // The plan pairs each primitive with its own attributes.
  const host = lowering.host as (call: HostCall<never>) => void;
  const call = {
    attributes: step.attributes,
    operands,
    output: { ...step.output, data },
  } as unknown as HostCall<never>;
  return () => host(call);
};

const loadPlan = (planned: Plan, tally: Tally, closing: () => void): LoadedProgram => {
  const used = usedSlots(planned);
  const memory: TypedArray[] = [];
  let bytes = 0;
  for (const slot of used) {
    const { dtype, size } = planned.slots[slot] ?? { dtype: 'f32', size: 0 };
    memory[slot] = allocate(dtype, size);
    bytes += size * bytesOf(dtype);
  }
  for (const { slot, values } of planned.constants) memory[slot]?.set(values);
  tally.buffers += used.length;
  tally.bytes += bytes;

  const partner = partners(planned);
  const even = (slot: number): number => slot;
  const odd = (slot: number): number => partner[slot] ?? slot;
  const actions = (steps: readonly Step[], slotAt: (slot: number) => number) =>
    steps.map((step) => actionOf(step, memory, slotAt));
  const bodies = [actions(planned.body, even), actions(planned.body, odd)] as const;
  const prologue = actions(planned.prologue, even);

  const set = new Set<string>();
  let parity = 0;
  let stale = true;
  let closed = false;

  const readAt = (name: string): TypedArray => {
    const output = planned.outputs[name];
    // Outputs lie where the last step, of the other parity, wrote them; carried inputs where the next step reads them.
    const last = 1 - parity === 0 ? even : odd;
    if (output !== undefined) {
      const { offset } = output.view;
      return (memory[last(output.slot)] as TypedArray).slice(offset, offset + sizeOf(output.shape));
    }
    const current = planned.carry[name]?.current ?? 0;
    return (memory[parity === 0 ? current : odd(current)] as TypedArray).slice();
  };

  const run = (request: RunRequest): Readonly<Record<string, TypedArray>> => {
    if (closed) throw new TypeError('run: the program was closed; load it again');
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
    return Object.fromEntries(names.map((name) => [name, readAt(name)]));
  };

  return {
    run: (request) => TE.fromIO(() => run(request)),
    close: () => {
      if (closed) return;
      closed = true;
      closing();
      memory.length = 0;
      tally.buffers -= used.length;
      tally.bytes -= bytes;
    },
  };
};

/** The CPU engine. Never fails; nothing is started until a program is loaded. */
export const cpuEngine = (): Engine => {
  const loaded = new Set<LoadedProgram>();
  const tally: Tally = { buffers: 0, bytes: 0, pipelines: 0, dispatches: 0, submits: 0, readbacks: 0 };
  return {
    kind: 'cpu',
    description: 'cpu',
    software: false,
    dtypes: ['f32', 'f64', 'u32', 'i32'],
    load: (program: Program) =>
      TE.fromIO(() => {
        const made = loadPlan(plan(program), tally, () => loaded.delete(made));
        loaded.add(made);
        return made;
      }),
    counters: () => ({ ...tally }),
    close: () => {
      for (const made of loaded) made.close();
      return Promise.resolve();
    },
  };
};
