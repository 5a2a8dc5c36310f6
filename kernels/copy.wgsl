// output[to(i)] = operand[from(i)]: moves a view of one tensor into a view of another.
//
// Formula    src/tensor/primitives/movement.ts, `copyDispatch`
// Bindings   0 sizes, 1 operand, 2 output; any 32-bit element type
// Invariants The views have one shape; the written view does not overlap itself.

struct Sizes {
  shape: vec4<u32>,
  stridesFrom: vec4<u32>,
  stridesTo: vec4<u32>,
  offsetFrom: u32,
  offsetTo: u32,
  size: u32,
  unused: u32,
}

override FLAT: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> operand: array<u32>;
@group(0) @binding(2) var<storage, read_write> output: array<u32>;

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
  output[sizes.offsetTo + place(i, sizes.stridesTo)] = operand[sizes.offsetFrom + place(i, sizes.stridesFrom)];
}
