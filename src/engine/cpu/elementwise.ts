/** Runs of elementwise steps (src/engine/cpu/runs.ts) as actions on the WebAssembly kernels. */
import { bytesOf } from '../../tensor/expression.js';
import { coalesce, wholeView, type View } from '../../tensor/view.js';
import type { Room } from './located.js';
import { tileLength, type Elementwise } from './runs.js';
import type { WasmKernels } from './wasm/exports.js';

/** n elements: output, then each operand with its stride, 0 or 1. */
type Kernel = (
  n: number,
  out: number,
  a: number,
  as: number,
  b: number,
  bs: number,
  c: number,
  cs: number,
) => void;

/** How an operand or output is walked: its first byte, bytes from row to row and from element to element. */
interface Stream {
  readonly start: number;
  /** Bytes from row to row, or all rows' offsets where they do not lie evenly. */
  readonly row: number | Int32Array;
  readonly step: number;
  /** The stride that the kernel is told. */
  readonly stride: number;
}

const none: Stream = { start: 0, row: 0, step: 0, stride: 0 };

/** The stream of a view over rows of `inner` elements. */
const streamOf = (view: View, width: number, rows: number, inner: number, room: Room): Stream => {
  if (room.tile) return { start: room.address, row: 0, step: 0, stride: 1 };
  const start = room.address + view.offset * width;
  const { shape, strides } = coalesce([view, wholeView(view.shape)]);
  const own = strides[0] ?? [];
  const last = shape.length - 1;
  const along = own[last] ?? 0;
  const evenly = (row: number): Stream => ({ start, row: row * width, step: along * width, stride: along });
  // One stretch of elements, cut into rows by others; or rows of its own.
  if (shape.length <= 1) return evenly(along * inner);
  if (shape.length === 2 && shape[1] === inner) return evenly(own[0] ?? NaN);
  const offsets = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let element = row * inner;
    let offset = 0;
    for (let axis = last; axis >= 0; axis--) {
      const length = shape[axis] ?? 1;
      offset += (element % length) * (own[axis] ?? NaN);
      element = Math.floor(element / length);
    }
    offsets[row] = offset * width;
  }
  return { start, row: offsets, step: along * width, stride: along };
};

const at = ({ start, row }: Stream, i: number): number =>
  start + (typeof row === 'number' ? i * row : (row[i] as number));

/** What a step of a run does to the elements [from, from + n) of a row. */
const tileOf = (
  kernels: WasmKernels,
  { step: { operands, output }, kernel }: Elementwise,
  rows: number,
  inner: number,
  roomOf: (slot: number) => Room,
): ((row: number, from: number, n: number) => void) => {
  const run = kernels[kernel.name] as unknown as Kernel;
  const [a = none, b = none, c = none] = operands.map(({ slot, dtype, view }) =>
    streamOf(view, bytesOf(dtype), rows, inner, roomOf(slot)),
  );
  const out = streamOf(wholeView(output.shape), bytesOf(output.dtype), rows, inner, roomOf(output.slot));
  // Kernels of one operand take no strides.
  if (!kernel.strided)
    return (row, from, n) => {
      run(n, at(out, row) + from * out.step, at(a, row) + from * a.step, 0, 0, 0, 0, 0);
    };
  return (row, from, n) => {
    run(
      n,
      at(out, row) + from * out.step,
      at(a, row) + from * a.step,
      a.stride,
      at(b, row) + from * b.step,
      b.stride,
      at(c, row) + from * c.step,
      c.stride,
    );
  };
};

/** A run of steps as one action. */
export const runOf = (
  kernels: WasmKernels,
  run: readonly Elementwise[],
  roomOf: (slot: number) => Room,
): (() => void) => {
  const size = run[0]?.size ?? 0;
  const inner = run.find((step) => step.inner !== undefined)?.inner ?? size;
  const rows = inner === 0 ? 0 : size / inner;
  const length = tileLength(run);
  const tiles = run.map((step) => tileOf(kernels, step, rows, inner, roomOf));
  return () => {
    for (let row = 0; row < rows; row++)
      for (let from = 0; from < inner; from += length) {
        const n = Math.min(length, inner - from);
        for (const tile of tiles) tile(row, from, n);
      }
  };
};
