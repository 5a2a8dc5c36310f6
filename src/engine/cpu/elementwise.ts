/** Runs of elementwise steps (src/engine/cpu/runs.ts) as records. */
import { bytesOf } from '../../tensor/expression.js';
import { coalesce, wholeView, type View } from '../../tensor/view.js';
import type { Room } from './located.js';
import { kinds, type StepRecord, type Word } from './records.js';
import { tileLength, type Elementwise } from './runs.js';

/** How an operand or output is walked: first byte, bytes from row to row or a table of them, bytes an element, and flags. */
type Stream = readonly [start: number, row: Word, step: number, flags: number];

/** Flags of a stream: the stride that the kernel is told; an address in the thread's own room; a table of rows. */
const inTile = 2;
const byTable = 4;

const none: Stream = [0, 0, 0, 0];

/** The stream of a view over rows of `inner` elements. */
const streamOf = (view: View, width: number, rows: number, inner: number, room: Room): Stream => {
  if (room.tile) return [room.address, 0, 0, 1 | inTile];
  const start = room.address + view.offset * width;
  const { shape, strides } = coalesce([view, wholeView(view.shape)]);
  const own = strides[0] ?? [];
  const last = shape.length - 1;
  const along = own[last] ?? 0;
  const evenly = (row: number): Stream => [start, row * width, along * width, along];
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
  return [start, offsets, along * width, along | byTable];
};

const wordsOf = (
  { step: { operands, output }, kernel }: Elementwise,
  rows: number,
  inner: number,
  roomOf: (slot: number) => Room,
): readonly Word[] => {
  const [a = none, b = none, c = none] = operands.map(({ slot, dtype, view }) =>
    streamOf(view, bytesOf(dtype), rows, inner, roomOf(slot)),
  );
  const out = streamOf(wholeView(output.shape), bytesOf(output.dtype), rows, inner, roomOf(output.slot));
  return [kernel.number, ...out, ...a, ...b, ...c];
};

/** Nanoseconds of a tile of one step beside its elements. */
const costOfTile = 15;

/** A run of steps as one record, a tile a unit. */
export const runRecord = (run: readonly Elementwise[], roomOf: (slot: number) => Room): StepRecord => {
  const size = run[0]?.size ?? 0;
  const inner = run.find((step) => step.inner !== undefined)?.inner ?? size;
  const rows = inner === 0 ? 0 : size / inner;
  const tile = tileLength(run);
  const tiles = Math.max(1, Math.ceil(inner / tile));
  const words: Word[] = [inner, tile, tiles, run.length];
  for (const step of run) words.push(...wordsOf(step, rows, inner, roomOf));
  return {
    kind: kinds.run,
    units: rows * tiles,
    cost: run.reduce((sum, { kernel: { cost } }) => sum + size * cost + costOfTile * rows * tiles, 0),
    words,
  };
};
