// y[r, c] = Σ over i with index_i = r of updates[i, c]. TYPE: 0 f32, 1 u32, 2 i32.
//
// Formula    src/tensor/primitives/gather.ts, `scatterAdd`
// Bindings   0 sizes, 1 updates, 2 indices, 3 output (row-major [rows, row]); 32-bit words, reinterpreted
// Invariants A thread owns an output and adds in the order of i: no atomics, results repeat bit for bit.

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

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> updates: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = id.x + id.y * groups.x * 64u;
  if (at >= sizes.rows * sizes.row) {
    return;
  }
  let r = at / sizes.row;
  let c = at % sizes.row;
  var real = 0.0;
  var whole = 0u;
  for (var i = 0u; i < sizes.count; i++) {
    if (indices[sizes.offsetIndices + i] == r) {
      let word = updates[sizes.offsetUpdates + i * sizes.row + c];
      if (TYPE == 0u) {
        real += bitcast<f32>(word);
      } else {
        whole += word;
      }
    }
  }
  output[at] = select(whole, bitcast<u32>(real), TYPE == 0u);
}
