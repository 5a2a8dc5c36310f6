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

// WGSL's own sine may be off by 2^-11. Here a = k π + r with |r| ≤ π / 2 (Cody and Waite's split of π), and the series
// of sin r to r^11, which leaves 6e-8.
fn sine(a: f32) -> f32 {
  let k = round(a * 0.31830988618);
  let r = (a - k * 3.140625) - k * 9.67653589793e-4;
  let s = r * r;
  let series = 1.0 + s * (-1.6666667e-1 + s * (8.3333333e-3 + s * (-1.9841270e-4 + s * (2.7557319e-6 - s * 2.5052108e-8))));
  return select(r * series, -r * series, (i32(k) & 1) != 0);
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
    case 6u: { y = sine(a); }
    default: {}
  }
  output[i] = y;
}
