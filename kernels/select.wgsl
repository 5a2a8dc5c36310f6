// y_i = mask_i ≠ 0 ? a_i : b_i, operands read through views.
//
// Formula    src/tensor/primitives/elementwise.ts, `select`
// Bindings   0 sizes, 1 mask, 2 and 3 operands, 4 output (row-major); any 32-bit element type
// Invariants Neither branch is computed with: infinities and NaN in the one not taken do no harm.

struct Sizes {
  shape: vec4<u32>,
  stridesMask: vec4<u32>,
  stridesA: vec4<u32>,
  stridesB: vec4<u32>,
  offsetMask: u32,
  offsetA: u32,
  offsetB: u32,
  size: u32,
}

override FLAT: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> mask: array<u32>;
@group(0) @binding(2) var<storage, read> left: array<u32>;
@group(0) @binding(3) var<storage, read> right: array<u32>;
@group(0) @binding(4) var<storage, read_write> output: array<u32>;

fn place(i: u32, strides: vec4<u32>) -> u32 {
  if (FLAT) {
    return i * strides.w;
  }
  let row = i / sizes.shape.w;
  let plane = row / sizes.shape.z;
  let block = plane / sizes.shape.y;
  // Remainders by multiplication: division is the slow part of a view.
  let at = vec4<u32>(block, plane - block * sizes.shape.y, row - plane * sizes.shape.z, i - row * sizes.shape.w);
  return dot(at, strides);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= sizes.size) {
    return;
  }
  if (mask[sizes.offsetMask + place(i, sizes.stridesMask)] != 0u) {
    output[i] = left[sizes.offsetA + place(i, sizes.stridesA)];
  } else {
    output[i] = right[sizes.offsetB + place(i, sizes.stridesB)];
  }
}
