/**
 * The memory of the WebAssembly module kernels/cpu/conditional, and its kernels: one for all batches and pools. It grows; a block
 * that nothing refers to any more goes to the next one of its size, a power of two.
 */
import { atOnceFrom, createMemory, type WasmMemory } from '../../web-assembly.js';
import { kernelBytes } from './bytes.js';

/** n, N; byte offsets of weights, v and W_j; 1 / P_jj; the byte offset of what is taken, and how many. */
export type AtPosition = readonly [number, number, number, number, number, number, number, number];

/** kernels/cpu/conditional/index.ts says what each does. */
export interface PointKernels {
  readonly conditional: (
    ...at: readonly [...AtPosition, power: number, floor: number, largest: number]
  ) => number;
  readonly gains: (...at: readonly [...AtPosition, floor: number]) => void;
  /** n; byte offsets of v, W, r, covariances, shares, regression; b, j, and the factors of v. */
  readonly exchange: (
    ...change: readonly [...AtPosition, position: number, leaving: number, joining: number, terms: number]
  ) => void;
  /** n; byte offsets of the row, of the features in panels and of one point's; D. */
  readonly products: (...of: readonly [number, number, number, number, number]) => void;
}

/** The memory with its kernels. Mutable. */
export interface Room {
  readonly memory: WasmMemory;
  readonly kernels: PointKernels;
  /** Where blocks start that nothing refers to any more, by their bytes. */
  readonly free: Map<number, number[]>;
  readonly registry: FinalizationRegistry<Block>;
  /** Bytes that blocks have been made of. */
  end: number;
}

/** A part of the memory, from its first byte. */
export interface Block {
  readonly start: number;
  readonly bytes: number;
}

const page = 65_536;

/** 2 GiB; batches beyond are on plain arrays. */
const maxPages = 2 ** 15;

const instantiate = atOnceFrom(kernelBytes) as (memory: WasmMemory) => PointKernels | undefined;

const makeRoom = (): Room | undefined => {
  try {
    const memory = createMemory(1, maxPages);
    const kernels = memory && instantiate(memory);
    if (memory === undefined || kernels === undefined) return undefined;
    const free = new Map<number, number[]>();
    const registry = new FinalizationRegistry<Block>(({ start, bytes }) => {
      const others = free.get(bytes);
      if (others === undefined) free.set(bytes, [start]);
      else others.push(start);
    });
    return { memory, kernels, free, registry, end: 0 };
  } catch {
    return undefined;
  }
};

/** Of all batches; null where it is not to be had. */
let shared: Room | null | undefined;

/** The memory of all; undefined where WebAssembly or its SIMD is not there. */
export const sharedRoom = (): Room | undefined => {
  if (shared === undefined) shared = makeRoom() ?? null;
  return shared ?? undefined;
};

/** A block of zeros of so many bytes at least, or undefined where memory is at its end. Arrays seen so far may be detached. */
export const blockOf = (room: Room, least: number): Block | undefined => {
  const bytes = 2 ** Math.ceil(Math.log2(least));
  let start = room.free.get(bytes)?.pop();
  if (start === undefined) {
    const missing = Math.ceil((room.end + bytes - room.memory.buffer.byteLength) / page);
    try {
      if (missing > 0) room.memory.grow(missing);
    } catch {
      return undefined;
    }
    start = room.end;
    room.end += bytes;
  }
  new Float64Array(room.memory.buffer, start, bytes / 8).fill(0);
  return { start, bytes };
};

/** Gives a block back once nothing refers to its owner any more. */
export const keptBy = ({ registry }: Room, owner: object, block: Block): void => {
  registry.register(owner, block);
};
