// What pointwise operations on 32-bit words are written with. The engine writes the operations' functions, the bindings
// and `main` behind this text: loads, one call an operation, stores.
//
// Formula    src/tensor/pointwise has the functions, src/engine/webgpu/chain-code.ts writes `main`. An operation's result
//            goes through a word as it would through memory.
// Bindings   0 size, length, and words of numbers for loads; then operands, then outputs (row-major)
// Invariants Views, offsets and constants are in the uniform block, never in the text: chains of one structure share it.
//            Nothing is read outside of a box. An output is no operand. Every element is written once.

// Coordinates of element i, the last axes' sizes in `sizes`: of up to four axes, and of two.
fn coordinates(i: u32, sizes: vec4<u32>) -> vec4<u32> {
  let row = i / sizes.w;
  let plane = row / sizes.z;
  let block = plane / sizes.y;
  // Remainders by multiplication: division is the slow part of a view.
  return vec4<u32>(block, plane - block * sizes.y, row - plane * sizes.z, i - row * sizes.w);
}
fn rows(i: u32, sizes: vec4<u32>) -> vec4<u32> {
  let row = i / sizes.w;
  return vec4<u32>(0u, 0u, row, i - row * sizes.w);
}
fn inside(at: vec4<u32>, start: vec4<u32>, count: vec4<u32>) -> bool {
  return all((at - start) < count);
}

fn mask(is: bool) -> u32 { return select(0u, 1u, is); }
fn real(a: u32) -> f32 { return bitcast<f32>(a); }
fn whole(a: u32) -> i32 { return bitcast<i32>(a); }
fn word(x: f32) -> u32 { return bitcast<u32>(x); }
// NaN by its bits: a compiler may take a comparison of floats for one without NaN.
fn nan(a: u32) -> bool { return (a & 0x7fffffffu) > 0x7f800000u; }
