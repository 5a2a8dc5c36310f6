// output[i] = word for every i.
//
// Formula    src/tensor/primitives/movement.ts, `pad`
// Bindings   0 sizes, 1 output; the word is the bits of any 32-bit element
// Invariants Every element is written once.

struct Sizes {
  word: u32,
  size: u32,
  unused0: u32,
  unused1: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64u;
  if (i < sizes.size) {
    output[i] = sizes.word;
  }
}
