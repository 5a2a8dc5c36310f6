// y_i = a_i in another element type, the operand read through a view. FROM and TO: 0 f32, 1 u32, 2 i32.
//
// Formula    src/tensor/primitives/elementwise.ts, `cast`
// Bindings   0 sizes, 1 operand, 2 output (row-major); 32-bit words, reinterpreted
// Invariants Floats are truncated towards zero; beyond the integer's range they give its nearest end, and NaN gives 0.

struct Sizes {
  shape: vec4<u32>,
  strides: vec4<u32>,
  offset: u32,
  unused0: u32,
  unused1: u32,
  size: u32,
}

override FROM: u32;
override TO: u32;
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

// NaN by its bits: a compiler may take a comparison of floats for one without NaN.
fn isNan(x: u32) -> bool {
  return (x & 0x7fffffffu) > 0x7f800000u;
}

// The bounds are the floats that just lie outside.
fn toUnsigned(word: u32) -> u32 {
  let x = bitcast<f32>(word);
  if (isNan(word) || x <= 0.0) {
    return 0u;
  }
  return select(u32(min(x, 4294967040.0)), 0xffffffffu, x >= 4294967296.0);
}

fn toSigned(word: u32) -> i32 {
  let x = bitcast<f32>(word);
  if (isNan(word)) {
    return 0;
  }
  let inside = i32(clamp(x, -2147483648.0, 2147483520.0));
  return select(inside, 0x7fffffff, x >= 2147483648.0);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= sizes.size) {
    return;
  }
  let a = operand[sizes.offset + place(i, sizes.strides)];
  var y = a;
  if (FROM == 0u && TO == 1u) {
    y = toUnsigned(a);
  } else if (FROM == 0u && TO == 2u) {
    y = bitcast<u32>(toSigned(a));
  } else if (FROM == 1u && TO == 0u) {
    y = bitcast<u32>(f32(a));
  } else if (FROM == 2u && TO == 0u) {
    y = bitcast<u32>(f32(bitcast<i32>(a)));
  }
  output[i] = y;
}
