// y[i, c] = table[index_i, c]; zeros where the index lies outside the table.
//
// Formula    src/tensor/primitives/gather.ts, `gather`
// Bindings   0 sizes, 1 table, 2 indices, 3 output (row-major [count, row]); any 32-bit element type
// Invariants Every element is written once.

struct Sizes {
  count: u32,
  row: u32,
  rows: u32,
  unused0: u32,
  offsetTable: u32,
  offsetIndices: u32,
  unused1: u32,
  unused2: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> table: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= sizes.count * sizes.row) {
    return;
  }
  let index = indices[sizes.offsetIndices + i / sizes.row];
  var word = 0u;
  if (index < sizes.rows) {
    word = table[sizes.offsetTable + index * sizes.row + i % sizes.row];
  }
  output[i] = word;
}
