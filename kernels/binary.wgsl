// y_i = f(a_i, b_i), operands read through views; f is chosen by OP, the element type by TYPE (0 f32, 1 u32, 2 i32).
//
// Formula    src/tensor/primitives/elementwise.ts, the codes of `binary`
// Bindings   0 sizes, 1 and 2 operands, 3 output (row-major); 32-bit words, reinterpreted by TYPE
// Invariants Comparisons write the mask 1 or 0, 0 where an operand is NaN; the larger of NaN and a number is NaN. Every
//            element is written once.

struct Sizes {
  shape: vec4<u32>,
  stridesA: vec4<u32>,
  stridesB: vec4<u32>,
  offsetA: u32,
  offsetB: u32,
  unused: u32,
  size: u32,
}

override OP: u32;
override TYPE: u32;
override FLAT: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> left: array<u32>;
@group(0) @binding(2) var<storage, read> right: array<u32>;
@group(0) @binding(3) var<storage, read_write> output: array<u32>;

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

fn larger(a: u32, b: u32) -> u32 {
  let second = select(a, b, isNan(b) || bitcast<f32>(b) > bitcast<f32>(a));
  return select(second, a, isNan(a));
}

fn floats(wordA: u32, wordB: u32) -> u32 {
  let a = bitcast<f32>(wordA);
  let b = bitcast<f32>(wordB);
  let ordered = !isNan(wordA) && !isNan(wordB);
  switch (OP) {
    case 0u: { return bitcast<u32>(a + b); }
    case 1u: { return bitcast<u32>(a - b); }
    case 2u: { return bitcast<u32>(a * b); }
    case 3u: { return bitcast<u32>(a / b); }
    case 4u: { return larger(wordA, wordB); }
    case 5u: { return select(0u, 1u, ordered && a < b); }
    default: { return select(0u, 1u, ordered && a == b); }
  }
}

fn unsigned(a: u32, b: u32) -> u32 {
  switch (OP) {
    case 0u: { return a + b; }
    case 1u: { return a - b; }
    case 2u: { return a * b; }
    case 3u: { return select(a / max(b, 1u), a, b == 0u); }
    case 4u: { return max(a, b); }
    case 5u: { return select(0u, 1u, a < b); }
    default: { return select(0u, 1u, a == b); }
  }
}

fn signed(a: i32, b: i32) -> u32 {
  switch (OP) {
    case 0u: { return bitcast<u32>(a + b); }
    case 1u: { return bitcast<u32>(a - b); }
    case 2u: { return bitcast<u32>(a * b); }
    case 3u: { return bitcast<u32>(select(a / select(b, 1, b == 0), a, b == 0)); }
    case 4u: { return bitcast<u32>(max(a, b)); }
    case 5u: { return select(0u, 1u, a < b); }
    default: { return select(0u, 1u, a == b); }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= sizes.size) {
    return;
  }
  let a = left[sizes.offsetA + place(i, sizes.stridesA)];
  let b = right[sizes.offsetB + place(i, sizes.stridesB)];
  var y: u32;
  switch (TYPE) {
    case 0u: { y = floats(a, b); }
    case 1u: { y = unsigned(a, b); }
    default: { y = signed(bitcast<i32>(a), bitcast<i32>(b)); }
  }
  output[i] = y;
}
