// The steps of a program as records of 32-bit words in memory, which src/engine/cpu/records.ts writes, and how some of a
// step's units are done: outputs that are independent of each other, so that threads can share them.
//
//   word 0  the kind    word 1  how many units    word 2  in how many chunks they may be shared out    from word 3: its own
//
// `room` is memory of the thread alone: scratch of products, and tiles of what only one run of steps ever sees.
import { copy } from './elementwise';
import {
  addF32, addF64, addU32, castF32I32, castF32U32, castI32F32, castU32F32, divF32, divF64, divU32, equalF32, equalF64,
  equalU32, expF32, lessF32, lessF64, lessU32, logF32, maximumF32, maximumF64, mulF32, mulF64, mulU32, negF32,
  negF64, reciprocalF32, reciprocalF64, select32, sqrtF32, sqrtF64, subF32, subF64, subU32, tanhF32,
} from './named';
import { block } from './matmul';
import { argmaxRowsF32, maxRows, sumColumns, sumRows } from './reduction';
import { threefry } from './threefry';

@inline
function word(record: usize, i: i32): i32 {
  return load<i32>(record + (<usize>i << 2));
}

/** An elementwise kernel by its number in src/engine/cpu/elementwise-kernels.ts. */
function elementwise(
  op: i32, n: i32, out: usize, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32,
): void {
  switch (op) {
    case 0: return negF32(n, out, a);
    case 1: return negF64(n, out, a);
    case 2: return expF32(n, out, a);
    case 3: return logF32(n, out, a);
    case 4: return tanhF32(n, out, a);
    case 5: return sqrtF32(n, out, a);
    case 6: return sqrtF64(n, out, a);
    case 7: return reciprocalF32(n, out, a);
    case 8: return reciprocalF64(n, out, a);
    case 9: return castU32F32(n, out, a);
    case 10: return castI32F32(n, out, a);
    case 11: return castF32U32(n, out, a);
    case 12: return castF32I32(n, out, a);
    case 13: return addF32(n, out, a, as, b, bs);
    case 14: return addF64(n, out, a, as, b, bs);
    case 15: return addU32(n, out, a, as, b, bs);
    case 16: return subF32(n, out, a, as, b, bs);
    case 17: return subF64(n, out, a, as, b, bs);
    case 18: return subU32(n, out, a, as, b, bs);
    case 19: return mulF32(n, out, a, as, b, bs);
    case 20: return mulF64(n, out, a, as, b, bs);
    case 21: return mulU32(n, out, a, as, b, bs);
    case 22: return divF32(n, out, a, as, b, bs);
    case 23: return divF64(n, out, a, as, b, bs);
    case 24: return divU32(n, out, a, as, b, bs);
    case 25: return maximumF32(n, out, a, as, b, bs);
    case 26: return maximumF64(n, out, a, as, b, bs);
    case 27: return lessF32(n, out, a, as, b, bs);
    case 28: return lessF64(n, out, a, as, b, bs);
    case 29: return lessU32(n, out, a, as, b, bs);
    case 30: return equalF32(n, out, a, as, b, bs);
    case 31: return equalF64(n, out, a, as, b, bs);
    case 32: return equalU32(n, out, a, as, b, bs);
    case 33: return select32(n, out, a, as, b, bs, c, cs);
  }
}

/** Where tile `from` of a row lies of an operand of a run: words start, bytes from row to row, bytes an element, flags. */
function place(words: usize, row: i32, from: i32, room: usize): usize {
  const flags = load<i32>(words, 12);
  // Rows that do not lie evenly have a table of their bytes.
  const way = load<usize>(words, 4);
  const at = flags & 4 ? load<usize>(way + (<usize>row << 2)) : way * row;
  return load<usize>(words) + (flags & 2 ? room : 0) + at + load<usize>(words, 8) * from;
}

/** Elementwise steps, tile by tile: words inner, tile, tiles a row, steps; for each the operation, then out, a, b, c. */
function run(record: usize, unit: i32, end: i32, room: usize): void {
  const inner = word(record, 3), tile = word(record, 4), tiles = word(record, 5), steps = word(record, 6);
  let row = unit / tiles, from = (unit % tiles) * tile;
  for (; unit < end; unit++) {
    const n = min(tile, inner - from);
    let own = record + 28;
    for (let step = 0; step < steps; step++, own += 68) {
      const out = place(own + 4, row, from, room), a = place(own + 20, row, from, room);
      const b = place(own + 36, row, from, room), c = place(own + 52, row, from, room);
      elementwise(load<i32>(own), n, out, a, load<i32>(own, 32) & 1, b, load<i32>(own, 48) & 1, c, load<i32>(own, 64) & 1);
    }
    from += tile;
    if (from >= inner) {
      from = 0;
      row++;
    }
  }
}

/** Blocks of the products of a batch: words width, m, k, n, out, a, b with strides, adds, rows and columns a block. */
function product(record: usize, unit: i32, end: i32, room: usize): void {
  const width = word(record, 3), m = word(record, 4), k = word(record, 5), n = word(record, 6);
  const rows = word(record, 15), columns = word(record, 16), adds = word(record, 14) != 0;
  const across = (n + columns - 1) / columns, each = ((m + rows - 1) / rows) * across;
  for (; unit < end; unit++) {
    const t = unit / each, tile = unit % each;
    const i = (tile / across) * rows, j = (tile % across) * columns;
    const out = <usize>word(record, 7) + <usize>t * <usize>m * <usize>n * width;
    const a = <usize>word(record, 8) + <usize>t * <usize>word(record, 17);
    const b = <usize>word(record, 11) + <usize>t * <usize>word(record, 18);
    const aRow = word(record, 9), aCol = word(record, 10), bRow = word(record, 12), bCol = word(record, 13);
    const i1 = min(i + rows, m), j1 = min(j + columns, n);
    if (width == 4) block<f32>(out, a, aRow, aCol, b, bRow, bCol, m, k, n, room, adds, i, i1, j, j1);
    else block<f64>(out, a, aRow, aCol, b, bRow, bCol, m, k, n, room, adds, i, i1, j, j1);
  }
}

/** Rows that are summed, or their largest: words which, length, out, a, rows side by side, their stride, table of offsets. */
function rows(record: usize, unit: i32, end: i32): void {
  const which = word(record, 3), n = word(record, 4), inner = word(record, 7), stride = word(record, 8);
  while (unit < end) {
    const i = unit % inner, count = min(inner - i, end - unit);
    const out = <usize>word(record, 5) + (<usize>unit << 2);
    const start = <usize>word(record, 6) + load<usize>(<usize>word(record, 9) + (<usize>(unit / inner) << 2));
    const a = start + <usize>i * <usize>stride * 4;
    if (which == 0) sumRows<f32>(count, n, out, a, stride);
    else if (which == 1) maxRows<f32>(count, n, out, a, stride);
    else argmaxRowsF32(count, n, out, a, stride);
    unit += count;
  }
}

/** Columns that are summed, 16 a unit: words length, out, a, columns side by side, stride of rows, table of offsets. */
function columns(record: usize, unit: i32, end: i32): void {
  const inner = word(record, 6), across = (inner + 15) / 16;
  while (unit < end) {
    const outer = unit / across, first = unit % across, count = min(across - first, end - unit);
    const j = first << 4;
    const out = <usize>word(record, 4) + (<usize>(outer * inner + j) << 2);
    const a = <usize>word(record, 5) + load<usize>(<usize>word(record, 8) + (<usize>outer << 2)) + (<usize>j << 2);
    sumColumns<f32>(word(record, 3), min(inner - j, count << 4), out, a, word(record, 7));
    unit += count;
  }
}

/** A view into a box: words length, out, a, stride; sizes of two outer axes; bytes along three of them in a, and in out; width. */
function copies(record: usize, unit: i32, end: i32): void {
  const n = word(record, 3), stride = word(record, 6), second = word(record, 7), third = word(record, 8);
  for (; unit < end; unit++) {
    const z = unit % third, y = (unit / third) % second, x = unit / (third * second);
    const a = <usize>word(record, 5) + <usize>(x * word(record, 9) + y * word(record, 10) + z * word(record, 11));
    const out = <usize>word(record, 4) + <usize>(x * word(record, 12) + y * word(record, 13) + z * word(record, 14));
    if (word(record, 15) == 4) copy<u32>(n, out, a, stride);
    else copy<u64>(n, out, a, stride);
  }
}

/** Rows of a table: words out, table, indices, words a row, rows of the table. */
function gathered(record: usize, unit: i32, end: i32): void {
  const row = word(record, 6);
  let out = <usize>word(record, 3) + <usize>unit * <usize>row * 4;
  for (; unit < end; unit++, out += <usize>row << 2) {
    const index = load<u32>(<usize>word(record, 5) + (<usize>unit << 2));
    const from = <usize>word(record, 4) + <usize>index * <usize>row * 4;
    if (index >= <u32>word(record, 7)) memory.fill(out, 0, <usize>row << 2);
    else if (row == 1) store<i32>(out, load<i32>(from));
    else memory.copy(out, from, <usize>row << 2);
  }
}

/** Units from `unit` to `end` of a step. */
export function perform(record: usize, unit: i32, end: i32, room: usize): void {
  switch (load<i32>(record)) {
    case 0: return run(record, unit, end, room);
    case 1: return product(record, unit, end, room);
    case 2: return rows(record, unit, end);
    case 3: return columns(record, unit, end);
    case 4: return copies(record, unit, end);
    // Zeros, 4096 bytes a unit.
    case 5: {
      const from = <usize>unit << 12;
      memory.fill(<usize>word(record, 3) + from, 0, min(<usize>end << 12, <usize>word(record, 4)) - from);
      return;
    }
    // Random bits, 64 blocks a unit: words blocks, out, counters, key.
    case 6: {
      const from = unit << 6, key = <usize>word(record, 6);
      const out = <usize>word(record, 4) + (<usize>from << 3), counters = <usize>word(record, 5) + (<usize>from << 3);
      return threefry(min(end << 6, word(record, 3)) - from, out, counters, load<i32>(key), load<i32>(key, 4));
    }
    case 7: return gathered(record, unit, end);
  }
}
