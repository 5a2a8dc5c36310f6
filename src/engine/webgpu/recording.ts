/**
 * A plan on a device: buffers of exact size for its slots, one buffer with the uniform blocks of all dispatches,
 * written once, and bind groups, made once for even and once for odd steps.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { at } from '../../at.js';
import { engineFailure, type EngineFailure } from '../../failure.js';
import { bytesOf, showType, sizeOf } from '../../tensor/expression.js';
import { outerSlots, partners, type Plan, type Slot } from '../plan.js';
import { scheduled, type Schedule } from './chains.js';
import { kernelLabel } from './faults.js';
import type { OpenDevice } from './open-device.js';
import { usage } from './memory.js';
import { pipelineName } from './pipelines.js';
import { prologueInputs, workgroupsOf, type Work } from './schedule.js';

/** A dispatch with everything that encoding it takes. */
export interface Recorded {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** The dynamic offset of its uniform block. */
  readonly offset: readonly [number];
  readonly workgroups: readonly [number, number];
}

/** Whether a step is the first, third, … of its program (0) or the second, fourth, … (1). */
export type Parity = 0 | 1;

/** A plan ready to be encoded. */
export interface Recording {
  /** What depends on no carried input: all of it runs again when one of its inputs was set, or none. */
  readonly prologue: { readonly inputs: ReadonlySet<string>; readonly dispatches: readonly Recorded[] };
  /** The dispatches of one step, by its parity. */
  readonly bodies: readonly [readonly Recorded[], readonly Recorded[]];
  /** The buffer of a slot in steps of a parity. */
  readonly bufferOf: (slot: number, parity: Parity) => GPUBuffer;
  /** Frees all memory. */
  readonly release: () => void;
}

/** Bytes that a slot's buffer holds. */
const slotBytes = (slots: readonly Slot[], slot: number): number => {
  const { dtype, size } = slots[slot] ?? { dtype: 'f32', size: 0 };
  return size * bytesOf(dtype);
};

/** Labels of slots: what fills them, for messages. */
const slotLabels = (plan: Plan, works: readonly Work[]): ReadonlyMap<number, string> =>
  new Map([
    ...works.flatMap(({ writes, dispatch }) =>
      writes.map(({ slot }) => [slot, `output of ${kernelLabel(dispatch.kernel)}`] as const),
    ),
    ...plan.constants.map(({ slot }) => [slot, 'constant'] as const),
    ...Object.entries(plan.inputs).map(([name, { slot }]) => [slot, `input '${name}'`] as const),
  ]);

/** The failure of a plan that asks for more in one piece than the device can bind, if it does. */
const tooLarge = (plan: Plan, { prologue, body }: Schedule, largest: number): EngineFailure | undefined => {
  const problem = (what: string, type: Parameters<typeof showType>[0]): string =>
    `${what} ${showType(type)} takes ${sizeOf(type.shape) * bytesOf(type.dtype)} bytes and the adapter binds at most ${largest}`;
  const remedy = 'Use a smaller pool, smaller batches or fewer trajectories at a time, or the cpu engine';
  const over = ({ slot }: { readonly slot: number }): boolean => slotBytes(plan.slots, slot) > largest;
  const given = Object.entries(plan.inputs).find(([, place]) => over(place));
  if (given !== undefined)
    return engineFailure('webgpu', problem(`the input '${given[0]}'`, given[1]), remedy);
  for (const { writes, dispatch } of [...prologue, ...body]) {
    const output = writes.find(over);
    if (output !== undefined)
      return engineFailure('webgpu', problem('a value', output), remedy, dispatch.kernel);
  }
  const held = plan.constants.find(over);
  return held === undefined
    ? undefined
    : engineFailure(
        'webgpu',
        `a constant takes ${slotBytes(plan.slots, held.slot)} bytes and the adapter binds at most ${largest}`,
        remedy,
      );
};

/** Uniform blocks one after another, each at a multiple of the device's alignment. */
const uniformBlocks = (works: readonly Work[], alignment: number) => {
  // As many bytes are bound as the longest block has, also of the last.
  const longest = works.reduce((most, { dispatch }) => Math.max(most, 4 * dispatch.uniforms.length), 16);
  let end = 0;
  const offsets = works.map(({ dispatch }) => {
    const offset = end;
    end = Math.ceil((offset + 4 * dispatch.uniforms.length) / alignment) * alignment;
    return offset;
  });
  const words = new Uint32Array(((offsets.at(-1) ?? 0) + longest) / 4);
  works.forEach(({ dispatch }, i) => words.set(dispatch.uniforms, at(offsets, i) / 4));
  return { words, offsets, longest };
};

/** The slots that need memory: what is given, carried or read from outside, and what dispatches touch. */
const usedSlots = (plan: Plan, works: readonly Work[]): readonly number[] => {
  const touched = works.flatMap(({ reads, writes }) => [...reads, ...writes.map(({ slot }) => slot)]);
  return [...new Set([...outerSlots(plan), ...touched])].sort((a, b) => a - b);
};

/** A buffer for each slot that needs memory, by slot. */
const buffersOf = (
  plan: Plan,
  works: readonly Work[],
  make: (bytes: number, use: number, label: string) => GPUBuffer,
): ReadonlyMap<number, GPUBuffer> => {
  const labels = slotLabels(plan, works);
  const bufferFor = (slot: number): GPUBuffer =>
    make(
      // Kernels that load four words at a time find the last of them whole.
      Math.ceil(slotBytes(plan.slots, slot) / 16) * 16,
      usage.storage | usage.copySource | usage.copyTarget,
      `slot ${slot}, ${labels.get(slot) ?? 'unwritten'}`,
    );
  return new Map(usedSlots(plan, works).map((slot) => [slot, bufferFor(slot)]));
};

/**
 * The bind group of a dispatch, `at` saying where its slots lie. Dispatches on the same buffers share one: the uniform block is
 * chosen by its dynamic offset.
 */
const bindGroups = (
  { device, pipelines }: OpenDevice,
  buffers: ReadonlyMap<number, GPUBuffer>,
  uniforms: GPUBufferBinding,
) => {
  const groups = new Map<string, GPUBindGroup>();
  return ({ dispatch, reads, writes }: Work, at: (slot: number) => number): GPUBindGroup => {
    const bindings = [reads.length, writes.length] as const;
    const bound = [...reads, ...writes.map(({ slot }) => slot)].map(at);
    const key = `${bindings.join()}|${bound.join()}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    const made = device.createBindGroup({
      label: `operands of ${pipelineName(dispatch)}`,
      layout: pipelines.layout(bindings),
      entries: [
        { binding: 0, resource: uniforms },
        ...bound.map((slot, i) => ({ binding: i + 1, resource: { buffer: buffers.get(slot) as GPUBuffer } })),
      ],
    });
    groups.set(key, made);
    return made;
  };
};

/** Makes all that a plan needs on the device; every buffer made is put into `owned`. */
const build = (
  machine: OpenDevice,
  plan: Plan,
  { prologue, body }: Schedule,
  pipelineOf: (work: Work) => GPUComputePipeline,
  owned: GPUBuffer[],
): Omit<Recording, 'release'> => {
  const { device, memory } = machine;
  const works = [...prologue, ...body];
  const make = (bytes: number, use: number, label: string): GPUBuffer => {
    const buffer = memory.make(bytes, use, label);
    owned.push(buffer);
    return buffer;
  };
  const buffers = buffersOf(plan, works, make);
  const partner = partners(plan);
  const placed = (slot: number, parity: Parity): number => (parity === 0 ? slot : (partner[slot] ?? slot));
  const bufferOf = (slot: number, parity: Parity): GPUBuffer =>
    buffers.get(placed(slot, parity)) as GPUBuffer;

  for (const { slot, values } of plan.constants)
    device.queue.writeBuffer(bufferOf(slot, 0), 0, values as GPUAllowSharedBufferSource);

  const { words, offsets, longest } = uniformBlocks(works, device.limits.minUniformBufferOffsetAlignment);
  const uniforms = make(words.byteLength, usage.uniform | usage.copyTarget, 'uniform blocks');
  device.queue.writeBuffer(uniforms, 0, words);

  const groupOf = bindGroups(machine, buffers, { buffer: uniforms, offset: 0, size: longest });
  const recorded = (list: readonly Work[], from: number, parity: Parity): readonly Recorded[] =>
    list.map((work, i) => ({
      pipeline: pipelineOf(work),
      group: groupOf(work, (slot) => placed(slot, parity)),
      offset: [at(offsets, from + i)],
      workgroups: workgroupsOf(work.dispatch),
    }));

  const before = prologue.length;
  return {
    prologue: { inputs: prologueInputs(plan), dispatches: recorded(prologue, 0, 0) },
    bodies: [recorded(body, before, 0), recorded(body, before, 1)],
    bufferOf,
  };
};

/** Puts a plan on a device. Fails where a tensor is too large, a kernel does not compile or memory runs out. */
export const record = (machine: OpenDevice, plan: Plan): TE.TaskEither<EngineFailure, Recording> => {
  const schedule = scheduled(plan, machine.minSaved);
  const refused = tooLarge(plan, schedule, machine.largestBinding);
  if (refused !== undefined) return TE.left(refused);
  return pipe(
    machine.pipelines.prepare([...schedule.prologue, ...schedule.body]),
    TE.chain((pipelineOf) => async () => {
      const owned: GPUBuffer[] = [];
      const release = (): void => {
        for (const buffer of owned.splice(0)) machine.memory.free(buffer);
      };
      const built = await machine.watch.guard('loading a program', () =>
        Promise.resolve(build(machine, plan, schedule, pipelineOf, owned)),
      )();
      if (E.isLeft(built)) release();
      return pipe(
        built,
        E.map((recording) => ({ ...recording, release })),
      );
    }),
  );
};
