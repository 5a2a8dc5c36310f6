/**
 * Where a loaded program's values lie on the CPU: one linear memory for all slots, so that the WebAssembly kernels reach
 * them by address and plain TypeScript by typed arrays over the same bytes. Without WebAssembly, or beyond the 4 GiB that
 * its addresses reach, the memory is an ArrayBuffer and all is plain TypeScript.
 */
import { at } from '../../at.js';
import type { DType, TypedArray } from '../../tensor/expression.js';
import type { Plan } from '../plan.js';
import type { Step } from '../step.js';
import { addressesOf, type Grouped } from './addresses.js';
import { scratchOf } from './kernels.js';
import type { Room } from './located.js';
import { groupsOf, tileSlots, type Group } from './runs.js';
import { instantiateKernels, instantiateKernelsAtOnce, type WasmKernels } from './wasm/exports.js';
import { createMemory, type WasmMemory } from '../../web-assembly.js';

/** Memory that the kernels work in. */
export interface Linear {
  readonly kernels: WasmKernels;
  /** Where each slot is. */
  readonly roomOf: (slot: number) => Room;
  /** Where the kernels' own room begins. */
  readonly scratch: number;
}

/** Slots in memory. */
export interface Memory {
  /** By slot, those that are used and are more than room for a tile. */
  readonly arrays: readonly TypedArray[];
  readonly linear: Linear | undefined;
  /** The steps in groups. */
  readonly groups: Grouped;
  /** Bytes of it. */
  readonly bytes: number;
}

const page = 65536;
const maxPages = 65536;

const arrayAt = (buffer: ArrayBuffer, dtype: DType, address: number, size: number): TypedArray => {
  switch (dtype) {
    case 'f32':
      return new Float32Array(buffer, address, size);
    case 'f64':
      return new Float64Array(buffer, address, size);
    case 'u32':
      return new Uint32Array(buffer, address, size);
    case 'i32':
      return new Int32Array(buffer, address, size);
  }
};

/** Most room of their own that the kernels want for a step of the plan, bytes. */
const scratchBytes = ({ prologue, body }: Plan, kernels: WasmKernels): number =>
  [...prologue, ...body].reduce((most, step) => Math.max(most, scratchOf(kernels, step)), 0);

const alone = (steps: readonly Step[]): readonly Group[] => steps.map((step) => ({ kind: 'step', step }));

/** The slots as arrays over their bytes. */
const arraysOver = (
  planned: Plan,
  buffer: ArrayBuffer,
  own: readonly number[],
  addresses: readonly number[],
): readonly TypedArray[] => {
  const arrays: TypedArray[] = [];
  for (const slot of own) {
    const { dtype, size } = planned.slots[slot] ?? { dtype: 'f32' as const, size: 0 };
    arrays[slot] = arrayAt(buffer, dtype, at(addresses, slot), size);
  }
  return arrays;
};

/** Memory for the used slots of a plan, zeroed, without kernels. */
export const layOutPlain = (planned: Plan, used: readonly number[]): Memory => {
  const groups = { prologue: alone(planned.prologue), body: alone(planned.body) };
  const { addresses, end } = addressesOf(planned, used, groups);
  return {
    arrays: arraysOver(planned, new ArrayBuffer(end), used, addresses),
    linear: undefined,
    groups,
    bytes: end,
  };
};

/** Memory for the kernels, before they are there; undefined where there can be none. */
interface Prepared {
  readonly memory: WasmMemory;
  /** The memory with the kernels over it; undefined where it cannot hold what they need. */
  readonly over: (kernels: WasmKernels) => Memory | undefined;
}

const prepared = (planned: Plan, used: readonly number[]): Prepared | undefined => {
  const { prologue, body } = planned;
  const groups = { prologue: groupsOf(prologue), body: groupsOf(body) };
  const tiles = tileSlots(planned, [...groups.prologue, ...groups.body]);
  const own = used.filter((slot) => !tiles.offsets.has(slot));
  const { addresses, end } = addressesOf(planned, own, groups);
  const pages = Math.max(1, Math.ceil((end + tiles.bytes) / page));
  if (pages >= maxPages) return undefined;
  const memory = createMemory(pages);
  if (memory === undefined) return undefined;
  const roomOf = (slot: number): Room => {
    const offset = tiles.offsets.get(slot);
    return offset === undefined
      ? { address: at(addresses, slot), tile: false }
      : { address: end + offset, tile: true };
  };
  return {
    memory,
    over: (kernels) => {
      const more = Math.ceil(scratchBytes(planned, kernels) / page);
      if (pages + more >= maxPages) return undefined;
      // Arrays are made after the memory has its size: growing takes them off it.
      memory.grow(more);
      return {
        arrays: arraysOver(planned, memory.buffer, own, addresses),
        linear: { kernels, roomOf, scratch: pages * page },
        groups,
        bytes: end + tiles.bytes,
      };
    },
  };
};

/** The same with the kernels, where they are to be had. */
export const layOut = async (planned: Plan, used: readonly number[]): Promise<Memory> => {
  const room = prepared(planned, used);
  const kernels = room && (await instantiateKernels(room.memory));
  return (kernels && room.over(kernels)) ?? layOutPlain(planned, used);
};

/** The same without waiting. */
export const layOutAtOnce = (planned: Plan, used: readonly number[]): Memory => {
  const room = prepared(planned, used);
  const kernels = room && instantiateKernelsAtOnce(room.memory);
  return (kernels && room.over(kernels)) ?? layOutPlain(planned, used);
};
