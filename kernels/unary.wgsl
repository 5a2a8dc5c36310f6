// y_i = f(a_i), the operand read through a view; f is chosen by OP.
//
// Formula    src/tensor/primitives/elementwise.ts, the codes of `unary`
// Bindings   0 sizes, 1 operand, 2 output (row-major)
// Invariants NaN, infinities and numbers outside of a domain give what src/tensor/primitives/elementwise.ts says, by tests
//            of bits: drivers differ. tanh is clamped where it has saturated: some give NaN beyond 88. Every element is
//            written once.

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

const notANumber = 0x7fc00000u;
const infinity = 0x7f800000u;

// NaN by its bits: a compiler may take a comparison of floats for one without NaN.
fn isNan(x: u32) -> bool {
  return (x & 0x7fffffffu) > 0x7f800000u;
}

// −∞ at zero and at subnormals, which a GPU may take for zero; NaN below.
fn logarithm(a: u32) -> u32 {
  let size = a & 0x7fffffffu;
  if (size < 0x00800000u) {
    return 0xff800000u;
  }
  if (a > infinity) {
    return notANumber;
  }
  return select(bitcast<u32>(log(bitcast<f32>(a))), infinity, a == infinity);
}

fn root(a: u32) -> u32 {
  let size = a & 0x7fffffffu;
  return select(bitcast<u32>(sqrt(bitcast<f32>(a))), notANumber, size > infinity || (a != size && size >= 0x00800000u));
}

// WGSL's own sine may be off by 2^-11. Here a = k π + r with |r| ≤ π / 2 (Cody and Waite's split of π), and the series
// of sin r to r^11, which leaves 6e-8. Of a so large that r is rounding alone, r is clamped: |sin| ≤ 1 holds for all.
fn sine(a: f32) -> f32 {
  let k = round(a * 0.31830988618);
  let r = clamp((a - k * 3.140625) - k * 9.67653589793e-4, -1.5707963, 1.5707963);
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
  let word = operand[sizes.offset + place(i, sizes.strides)];
  let a = bitcast<f32>(word);
  var y = word;
  switch (OP) {
    case 0u: { y = bitcast<u32>(-a); }
    case 1u: { y = select(bitcast<u32>(exp(a)), word, isNan(word)); }
    case 2u: { y = logarithm(word); }
    case 3u: { y = select(bitcast<u32>(tanh(clamp(a, -15.0, 15.0))), word, isNan(word)); }
    case 4u: { y = root(word); }
    case 5u: { y = bitcast<u32>(1.0 / a); }
    case 6u: { y = select(bitcast<u32>(sine(a)), notANumber, (word & 0x7fffffffu) >= infinity); }
    default: {}
  }
  output[i] = y;
}
