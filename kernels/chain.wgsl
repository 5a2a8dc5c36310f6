// What chains are made of: pointwise operations on 32-bit words, one function each. The engine writes the bindings and
// `main` behind this text: loads, one call an operation, stores.
//
// Formula    src/engine/webgpu/chain-code.ts writes `main`. The functions are the expressions of unary.wgsl,
//            binary.wgsl, select.wgsl and cast.wgsl, and an operation's result goes through a word as it would through
//            memory.
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

fn union_any(a: u32, b: u32) -> u32 { return a | b; }
fn select_any(a: u32, b: u32, c: u32) -> u32 { return select(c, b, a != 0u); }

const notANumber = 0x7fc00000u;
const infinity = 0x7f800000u;
fn nan(a: u32) -> bool { return (a & 0x7fffffffu) > infinity; }

fn neg_f32(a: u32) -> u32 { return word(-real(a)); }
fn exp_f32(a: u32) -> u32 { return select(word(exp(real(a))), a, nan(a)); }
// −∞ at zero and at subnormals, NaN below, as in unary.wgsl.
fn log_f32(a: u32) -> u32 {
  let finite = select(word(log(real(a))), infinity, a == infinity);
  return select(select(finite, notANumber, a > infinity), 0xff800000u, (a & 0x7fffffffu) < 0x00800000u);
}
// Clamped where it has saturated: some drivers give NaN beyond 88.
fn tanh_f32(a: u32) -> u32 { return select(word(tanh(clamp(real(a), -15.0, 15.0))), a, nan(a)); }
fn sqrt_f32(a: u32) -> u32 {
  return select(word(sqrt(real(a))), notANumber, nan(a) || a >= 0x80800000u);
}
fn reciprocal_f32(a: u32) -> u32 { return word(1.0 / real(a)); }
// As in unary.wgsl.
fn sin_f32(a: u32) -> u32 {
  let k = round(real(a) * 0.31830988618);
  let r = clamp((real(a) - k * 3.140625) - k * 9.67653589793e-4, -1.5707963, 1.5707963);
  let s = r * r;
  let series = 1.0 + s * (-1.6666667e-1 + s * (8.3333333e-3 + s * (-1.9841270e-4 + s * (2.7557319e-6 - s * 2.5052108e-8))));
  return select(word(select(r * series, -r * series, (i32(k) & 1) != 0)), notANumber, (a & 0x7fffffffu) >= infinity);
}

fn add_f32(a: u32, b: u32) -> u32 { return word(real(a) + real(b)); }
fn sub_f32(a: u32, b: u32) -> u32 { return word(real(a) - real(b)); }
fn mul_f32(a: u32, b: u32) -> u32 { return word(real(a) * real(b)); }
fn div_f32(a: u32, b: u32) -> u32 { return word(real(a) / real(b)); }
fn maximum_f32(a: u32, b: u32) -> u32 { return select(select(a, b, nan(b) || real(b) > real(a)), a, nan(a)); }
fn less_f32(a: u32, b: u32) -> u32 { return mask(!nan(a) && !nan(b) && real(a) < real(b)); }
fn equal_f32(a: u32, b: u32) -> u32 { return mask(!nan(a) && !nan(b) && real(a) == real(b)); }

fn add_u32(a: u32, b: u32) -> u32 { return a + b; }
fn sub_u32(a: u32, b: u32) -> u32 { return a - b; }
fn mul_u32(a: u32, b: u32) -> u32 { return a * b; }
fn div_u32(a: u32, b: u32) -> u32 { return select(a / max(b, 1u), a, b == 0u); }
fn maximum_u32(a: u32, b: u32) -> u32 { return max(a, b); }
fn less_u32(a: u32, b: u32) -> u32 { return mask(a < b); }
fn equal_u32(a: u32, b: u32) -> u32 { return mask(a == b); }

fn div_i32(a: u32, b: u32) -> u32 {
  return bitcast<u32>(select(whole(a) / select(whole(b), 1, b == 0u), whole(a), b == 0u));
}
fn maximum_i32(a: u32, b: u32) -> u32 { return bitcast<u32>(max(whole(a), whole(b))); }
fn less_i32(a: u32, b: u32) -> u32 { return mask(whole(a) < whole(b)); }

// Beyond the integer's range its nearest end, of NaN 0, as in cast.wgsl.
fn f32_to_u32(a: u32) -> u32 {
  let bounded = u32(clamp(real(a), 0.0, 4294967040.0));
  return select(select(bounded, 0xffffffffu, real(a) >= 4294967296.0), 0u, nan(a));
}
fn f32_to_i32(a: u32) -> u32 {
  let bounded = bitcast<u32>(i32(clamp(real(a), -2147483648.0, 2147483520.0)));
  return select(select(bounded, 0x7fffffffu, real(a) >= 2147483648.0), 0u, nan(a));
}
fn u32_to_f32(a: u32) -> u32 { return word(f32(a)); }
fn i32_to_f32(a: u32) -> u32 { return word(f32(whole(a))); }
