/**
 * Where a loaded program's values lie on the CPU: one linear memory for all slots, so that the WebAssembly kernels reach
 * them by address and plain TypeScript by typed arrays over the same bytes. Without WebAssembly, or beyond the 4 GiB that
 * its addresses reach, each slot has an array of its own.
 */
import { allocate, bytesOf, type DType, type TypedArray } from '../../tensor/expression.js';
import type { Plan } from '../plan.js';
import { scratchOf } from './kernels.js';
import { createMemory, instantiateKernels, type WasmKernels } from './wasm/exports.js';

/** Memory that the kernels work in. */
export interface Linear {
  readonly kernels: WasmKernels;
  /** Where each slot begins, in bytes. */
  readonly addresses: readonly number[];
  /** Where the kernels' own room begins. */
  readonly scratch: number;
}

/** Slots in memory. */
export interface Memory {
  /** By slot, those that are used. */
  readonly arrays: readonly TypedArray[];
  readonly linear: Linear | undefined;
  /** Bytes of the slots. */
  readonly bytes: number;
}

const page = 65536;
const mostPages = 65536;
/** A cache line; the widest alignment that any kernel wants. */
const alignment = 64;

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

/** Memory for the used slots of a plan, zeroed; `accelerated` asks for the kernels where they are to be had. */
export const layOut = async (
  planned: Plan,
  used: readonly number[],
  accelerated: boolean,
): Promise<Memory> => {
  const slotOf = (slot: number) => planned.slots[slot] ?? { dtype: 'f32' as const, size: 0 };
  const addresses: number[] = [];
  let end = 0;
  let bytes = 0;
  for (const slot of used) {
    const { dtype, size } = slotOf(slot);
    addresses[slot] = end;
    end += Math.ceil((size * bytesOf(dtype)) / alignment) * alignment;
    bytes += size * bytesOf(dtype);
  }
  const arrays: TypedArray[] = [];
  const apart = (): Memory => {
    for (const slot of used) arrays[slot] = allocate(slotOf(slot).dtype, slotOf(slot).size);
    return { arrays, linear: undefined, bytes };
  };
  const pages = Math.max(1, Math.ceil(end / page));
  if (!accelerated || pages >= mostPages) return apart();
  const memory = createMemory(pages);
  const kernels = memory && (await instantiateKernels(memory));
  if (memory === undefined || kernels === undefined) return apart();
  const more = Math.ceil(scratchBytes(planned, kernels) / page);
  if (pages + more >= mostPages) return apart();
  // Arrays are made after the memory has its size: growing takes them off it.
  memory.grow(more);
  for (const slot of used) {
    const { dtype, size } = slotOf(slot);
    arrays[slot] = arrayAt(memory.buffer, dtype, addresses[slot] ?? 0, size);
  }
  return { arrays, linear: { kernels, addresses, scratch: pages * page }, bytes };
};
