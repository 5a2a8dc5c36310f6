/**
 * Where WebAssembly kernels are tried: a memory full of NaN in which operands lie anywhere and one array ends where the
 * memory ends. A kernel that reads outside of its operands gives NaN or traps, one that writes outside is seen.
 */
import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { createMemory, type WasmMemory } from '../../src/web-assembly.js';
import { everyKernel, type EveryKernel } from './every-kernel.js';

/** An array of any of the element types. */
export type Values = Float32Array | Float64Array | Uint32Array | Int32Array;
/** Makes an array of so many zeros. */
export type Make = (length: number) => Values;
export const f32: Make = (length) => new Float32Array(length);
export const f64: Make = (length) => new Float64Array(length);
export const u32: Make = (length) => new Uint32Array(length);
export const i32: Make = (length) => new Int32Array(length);

const created = createMemory(400);
if (created === undefined) throw new Error('no WebAssembly');
/** The memory of all tries, the kernels over it, and the names of those that were taken by `kernel`. */
export const memory: WasmMemory = created;
const bytes = new Uint8Array(memory.buffer).fill(0xff);
export const kernels = await everyKernel(memory);

export const tried = new Set<string>();
/** A kernel by name, noted in `tried`. */
export const kernel = <K extends keyof EveryKernel>(name: K): EveryKernel[K] => {
  tried.add(name);
  return kernels[name];
};

/** An element; NaN outside. */
export const at = (values: ArrayLike<number>, i: number): number => values[i] ?? NaN;
const bytesIn = (values: Values): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** The order in which arrays lie, whether out is the first operand's place, and bytes of scratch. */
export interface Layout {
  readonly turn: number;
  readonly over?: boolean;
  readonly scratch?: number;
}

/** Lays operands, out and scratch at the end of memory, calls a kernel with their places, and reads out. */
export const through = (
  operands: readonly Values[],
  out: Values,
  { turn, over = false, scratch = 0 }: Layout,
  call: (out: number, ...places: readonly number[]) => void,
): Values => {
  const sizes = [...operands.map((own) => own.byteLength), over ? 0 : out.byteLength, scratch];
  const units = [...operands, out].map((own) => own.BYTES_PER_ELEMENT);
  const places: number[] = [];
  let end = bytes.length;
  for (let k = 0; k < sizes.length; k++) {
    const own = (k + turn) % sizes.length;
    const start = end - at(sizes, own);
    places[own] = start - (start % (units[own] ?? 8));
    end = at(places, own) - 72;
  }
  const [outPlace, scratchPlace] = [at(places, over ? 0 : operands.length), at(places, operands.length + 1)];
  const area = bytes.subarray(end - 256);
  area.fill(0xff);
  operands.forEach((own, k) => bytes.set(bytesIn(own), at(places, k)));
  const before = area.slice();
  call(outPlace, ...operands.map((_, k) => at(places, k)), scratchPlace);
  bytesIn(out).set(bytes.subarray(outPlace, outPlace + out.byteLength));
  for (const [place, size] of [
    [outPlace, out.byteLength],
    [scratchPlace, scratch],
  ] as const) {
    const from = place - area.byteOffset;
    area.set(before.subarray(from, from + size), from);
  }
  assert.ok(Buffer.from(before).equals(area), 'memory outside of out was written');
  return out;
};

/** Numbers by a plain recurrence: integers for integers, all sizes and special values among the floats. */
export const valuesFor = (make: Make, length: number, seed: number, special = true): Values => {
  const out = make(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const real = (state / 2 ** 31 - 1) * (special ? 2 ** ((state >>> 7) % 9) : 1);
    const odd = [0, -0, Infinity, -Infinity, NaN, 1, 1, -1][(state >>> 16) % 48];
    const whole = [0, 1, 2, 3, 0xffffffff, 0x80000000, 7, 7][(state >>> 16) % 24] ?? state;
    const float = (special ? odd : undefined) ?? real;
    out[i] = out instanceof Float32Array || out instanceof Float64Array ? float : whole;
  }
  return out;
};

/** Lengths at the edges of vectors, places of arrays, seeds of values. */
export const sizes = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33),
  fc.nat({ max: 70 }),
);
export const turns = fc.nat({ max: 4 });
export const seeds = fc.nat();
