/**
 * Memories of the WebAssembly module kernels/cpu/linear-algebra, each with the kernels over it. A piece of work takes one, holds it
 * to its end, between turns too, and hands it back for the next; work that is never ended leaves its memory to the collector.
 */
import { atOnceFrom, createMemory, type WasmMemory } from '../../web-assembly.js';
import { kernelBytes } from './bytes.js';

/** kernels/cpu/linear-algebra says what each does: byte offsets of arrays, bytes from panel to panel, and numbers of panels. */
export interface LinearAlgebraKernels {
  readonly products: (
    ...of: readonly [
      ...[left: number, stride: number, right: number, stride: number, out: number, stride: number],
      ...[depth: number, p0: number, p1: number, q0: number, q1: number],
      ...[shape: number, minus: boolean],
    ]
  ) => void;
  readonly factor: (
    ...of: readonly [
      ...[l: number, stride: number, panels: number, j0: number, j1: number],
      ...[diagonal: number, floor: number],
    ]
  ) => number;
  readonly forward: (
    ...of: readonly [
      ...[l: number, stride: number, x: number, stride: number],
      ...[i0: number, i1: number, p0: number, p1: number, triangular: boolean],
    ]
  ) => void;
  readonly backward: (
    ...of: readonly [
      ...[l: number, stride: number, x: number, stride: number],
      ...[depth: number, i0: number, i1: number, p0: number, p1: number],
    ]
  ) => void;
  readonly updateAndApply: (
    ...of: readonly [
      ...[a: number, stride: number, from: number, to: number],
      ...[v: number, w: number, x: number, p: number],
    ]
  ) => void;
  readonly rotate: (
    ...of: readonly [
      x: number,
      stride: number,
      panels: number,
      sweeps: number,
      count: number,
      rotations: number,
    ]
  ) => void;
}

/** A memory with its kernels, held by one piece of work. */
export interface Room {
  readonly memory: WasmMemory;
  readonly kernels: LinearAlgebraKernels;
}

const page = 65_536;

/** 2 GiB; larger problems are for plain TypeScript. */
const maxPages = 2 ** 15;

/** A memory larger than 128 MiB is not kept. */
const keptBytes = 2 ** 27;

const instantiate = atOnceFrom(kernelBytes) as (memory: WasmMemory) => LinearAlgebraKernels | undefined;

const free: Room[] = [];

const makeRoom = (pages: number): Room | undefined => {
  const memory = createMemory(pages, maxPages);
  const kernels = memory && instantiate(memory);
  return memory && kernels && { memory, kernels };
};

/** Until WebAssembly was found to be missing. */
let available = true;

/** A room of at least so many numbers of 64 bits; undefined where WebAssembly, its SIMD, or the memory is not to be had. */
export const takeRoom = (numbers: number): Room | undefined => {
  const pages = Math.ceil((8 * numbers) / page);
  if (!available || pages > maxPages) return undefined;
  try {
    const room = free.pop() ?? makeRoom(pages);
    available = room !== undefined;
    const missing = pages - (room?.memory.buffer.byteLength ?? 0) / page;
    if (missing > 0) room?.memory.grow(missing);
    return room;
  } catch {
    return undefined;
  }
};

/** Hands a room back. Its arrays must not be used any more. */
export const giveBack = (room: Room): void => {
  if (free.length === 0 && room.memory.buffer.byteLength <= keptBytes) free.push(room);
};

/** Numbers of 64 bits within a room: `count` from the offset `start`, both in numbers. */
export const numbersAt = ({ memory }: Room, start: number, count: number): Float64Array =>
  new Float64Array(memory.buffer, 8 * start, count);
