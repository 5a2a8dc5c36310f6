// y_i = f(a_i), the operand read through a view; f is chosen by OP.
//
// Formula    src/tensor/primitives/elementwise.ts, the codes of `unary`
// Bindings   0 sizes, 1 operand, 2 output (row-major)
// Invariants tanh is clamped where it has saturated: some drivers give NaN beyond 88. Every element is written once.

struct Sizes {
  shape: vec4<u32>,
  strides: vec4<u32>,
  offset: u32,
  unused0: u32,
  unused1: u32,
  size: u32,
}

override OP: u32;
override FLAT: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> operand: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

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
  let a = operand[sizes.offset + place(i, sizes.strides)];
  var y = a;
  switch (OP) {
    case 0u: { y = -a; }
    case 1u: { y = exp(a); }
    case 2u: { y = log(a); }
    case 3u: { y = tanh(clamp(a, -15.0, 15.0)); }
    case 4u: { y = sqrt(a); }
    case 5u: { y = 1.0 / a; }
    default: {}
  }
  output[i] = y;
}
