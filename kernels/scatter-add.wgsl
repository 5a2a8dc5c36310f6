// y[r, c] = Σ over i with index_i = r of updates[i, c]. TYPE: 0 f32, 1 u32, 2 i32.
//
// Formula    src/tensor/primitives/gather.ts, `scatterAdd`
// Bindings   0 sizes, 1 updates, 2 indices, 3 output (row-major [rows, row]); 32-bit words, reinterpreted
// Invariants A workgroup owns a row of the output and adds in one order: no atomics, results repeat bit for bit. Its
//            threads look through 32 indices each, mark those of the row, and then add a column each.
//            BY_UPDATE, for more rows than updates: a workgroup an update, which owns its row if no earlier update has
//            the same; the output must hold zeros before. Else a workgroup a row. FEW, of few updates: a thread an element
//            of an update, which looks through all indices by itself.

struct Sizes {
  count: u32,
  row: u32,
  rows: u32,
  unused0: u32,
  offsetUpdates: u32,
  offsetIndices: u32,
  unused1: u32,
  unused2: u32,
}

override TYPE: u32;
override BY_UPDATE: bool;
override FEW: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> updates: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> output: array<u32>;

// Bit b of word l: whether index number 64 b + l of the tile is the row's.
var<workgroup> marks: array<u32, 64>;

const tile = 64u * 32u;

fn plus(a: u32, b: u32) -> u32 {
  if (TYPE == 0u) {
    return bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b));
  }
  return a + b;
}

// Element c of update i, if no earlier update is of its row.
fn few(i: u32, c: u32) {
  let r = indices[sizes.offsetIndices + i];
  var first = r < sizes.rows;
  for (var j = 0u; j < i && first; j++) {
    first = indices[sizes.offsetIndices + j] != r;
  }
  if (!first) {
    return;
  }
  var total = 0u;
  for (var j = i; j < sizes.count; j++) {
    if (indices[sizes.offsetIndices + j] == r) {
      total = plus(total, updates[sizes.offsetUpdates + j * sizes.row + c]);
    }
  }
  output[r * sizes.row + c] = total;
}

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  if (FEW) {
    let thread = (group.x + group.y * groups.x) * 64u + lane;
    if (thread < sizes.count * sizes.row) {
      few(thread / sizes.row, thread % sizes.row);
    }
    return;
  }
  let owner = group.x + group.y * groups.x;
  var r = owner;
  if (BY_UPDATE) {
    r = indices[sizes.offsetIndices + min(owner, sizes.count - 1u)];
  }
  let inside = r < sizes.rows && (!BY_UPDATE || owner < sizes.count);
  // The first update of this row, as far as it is known.
  var first = sizes.count;
  for (var start = 0u; start < sizes.count; start += tile) {
    var mark = 0u;
    for (var b = 0u; b < 32u && start + 64u * b + lane < sizes.count; b++) {
      mark |= select(0u, 1u, indices[sizes.offsetIndices + start + 64u * b + lane] == r) << b;
    }
    workgroupBarrier();
    marks[lane] = mark;
    workgroupBarrier();
    for (var c = lane; c < sizes.row && inside; c += 64u) {
      var total = 0u;
      for (var l = 0u; l < min(64u, sizes.count - start); l++) {
        for (var left = marks[l]; left != 0u; left &= left - 1u) {
          let i = start + 64u * firstTrailingBit(left) + l;
          first = min(first, i);
          total = plus(total, updates[sizes.offsetUpdates + i * sizes.row + c]);
        }
      }
      let place = r * sizes.row + c;
      if (!BY_UPDATE) {
        if (start > 0u) {
          total = plus(output[place], total);
        }
        output[place] = total;
      } else if (first == owner) {
        output[place] = plus(output[place], total);
      }
    }
  }
}
