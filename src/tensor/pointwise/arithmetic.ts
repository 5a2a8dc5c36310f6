/**
 * The pointwise primitives of one and of two operands: y_i = f(a_i), y_i = f(a_i, b_i), operands read through any view.
 * What this file exports is their table: adding one is adding a constructor. record.ts says what its parts are.
 *
 * Integers wrap modulo 2^32. Integer division truncates; dividing by zero gives the dividend, as in WGSL.
 *
 * One rule for what is not an ordinary number, on every engine and for every primitive of src/tensor:
 *
 *   NaN in, NaN out, in reductions and in `maximum` too: what has diverged does not look finite. Comparisons with NaN are
 *   0, `argmax` gives the first NaN's place, and casts to integers make 0 of it.
 *   ±∞, and operands outside of a domain, give what IEEE 754 says. A subnormal operand or result of f32 may be taken for
 *   zero, and so may a quotient by more than 2^126 and tanh of less than 1e-5.
 *   What only moves elements (select, gather, pad, …) keeps their bits.
 *
 * WGSL promises none of this, so the functions test bits where drivers differ (spec/tensor/edges.spec.ts holds the rule).
 */
import { binary, unary, type Binary, type Unary } from './record.js';
import { select } from './select.js';

/* Every loop is written out: one call of a shared loop with a function argument costs several times the arithmetic.
   `as number`: the strided indices lie inside the arrays by construction of the views. */

/** −a. */
export const neg: Unary = unary(
  'neg',
  (n, out, o, a, ai, as) => {
    for (let i = 0; i < n; i++, ai += as) out[o + i] = -(a[ai] as number);
  },
  'word(-real(a))',
  (g) => neg(g),
);
/** e^a. */
export const exp: Unary = unary(
  'exp',
  (n, out, o, a, ai, as) => {
    for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.exp(a[ai] as number);
  },
  'select(word(exp(real(a))), a, nan(a))',
  (g, _, y) => mul(g, y),
);
/** Natural logarithm: −∞ at 0, NaN below. */
export const log: Unary = unary(
  'log',
  (n, out, o, a, ai, as) => {
    for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.log(a[ai] as number);
  },
  // −∞ at zero and at subnormals, which a GPU may take for zero.
  `let finite = select(word(log(real(a))), a, a == 0x7f800000u);
return select(select(finite, 0x7fc00000u, a > 0x7f800000u), 0xff800000u, (a & 0x7fffffffu) < 0x00800000u);`,
  (g, a) => div(g, a),
  'positive',
);
/** Hyperbolic tangent. */
export const tanh: Unary = unary(
  'tanh',
  (n, out, o, a, ai, as) => {
    for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.tanh(a[ai] as number);
  },
  // Clamped where it has saturated: some drivers give NaN beyond 88.
  'select(word(tanh(clamp(real(a), -15.0, 15.0))), a, nan(a))',
  (g, _, y) => mul(g, sub(1, mul(y, y))),
);
/** Square root, NaN below 0. Its derivative at 0 is infinite; src/tensor/derived/norm.ts has a norm whose is not. */
export const sqrt: Unary = unary(
  'sqrt',
  (n, out, o, a, ai, as) => {
    for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.sqrt(a[ai] as number);
  },
  'select(word(sqrt(real(a))), 0x7fc00000u, nan(a) || a >= 0x80800000u)',
  (g, _, y) => div(mul(g, 0.5), y),
  'positive',
);
/** 1/a, ±∞ at ±0. */
export const reciprocal: Unary = unary(
  'reciprocal',
  (n, out, o, a, ai, as) => {
    for (let i = 0; i < n; i++, ai += as) out[o + i] = 1 / (a[ai] as number);
  },
  'word(1.0 / real(a))',
  (g, _, y) => neg(mul(g, mul(y, y))),
  'nonzero',
);
/**
 * Sine of an angle in radians, NaN at ±∞. In f32 the rounding of the angle limits it: beyond some thousands nothing but
 * |y| ≤ 1 is kept.
 */
export const sin: Unary = unary(
  'sin',
  (n, out, o, a, ai, as) => {
    for (let i = 0; i < n; i++, ai += as) out[o + i] = Math.sin(a[ai] as number);
  },
  // WGSL's own sine may be off by 2^-11. Here a = k π + r with |r| ≤ π / 2 (Cody and Waite's split of π), and the series
  // of sin r to r^11, which leaves 6e-8. Of a so large that r is rounding alone, r is clamped: |sin| ≤ 1 holds for all.
  `let k = round(real(a) * 0.31830988618);
let r = clamp((real(a) - k * 3.140625) - k * 9.67653589793e-4, -1.5707963, 1.5707963);
let s = r * r;
let y = 1.0 + s * (-1.6666667e-1 + s * (8.3333333e-3 + s * (-1.9841270e-4 + s * (2.7557319e-6 - s * 2.5052108e-8))));
return select(word(select(r * y, -r * y, (i32(k) & 1) != 0)), 0x7fc00000u, (a & 0x7fffffffu) >= 0x7f800000u);`,
  // The cosine is the sine of the complement.
  (g, a) => mul(g, sin(sub(Math.PI / 2, a))),
);

/** a + b. */
export const add: Binary = binary(
  'add',
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = (a[ai] as number) + (b[bi] as number);
  },
  { f32: 'word(real(a) + real(b))', u32: 'a + b' },
  (g) => [g, g],
);
/** a − b. */
export const sub: Binary = binary(
  'sub',
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = (a[ai] as number) - (b[bi] as number);
  },
  { f32: 'word(real(a) - real(b))', u32: 'a - b' },
  (g) => [g, neg(g)],
);
/** a b. */
export const mul: Binary = binary(
  'mul',
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = (a[ai] as number) * (b[bi] as number);
  },
  { f32: 'word(real(a) * real(b))', u32: 'a * b' },
  (g, [a, b]) => [mul(g, b), mul(g, a)],
  {
    integers: (n, out, o, a, ai, as, b, bi, bs) => {
      for (let i = 0; i < n; i++, ai += as, bi += bs)
        out[o + i] = Math.imul(a[ai] as number, b[bi] as number);
    },
  },
);
/** a / b; integers truncate. */
export const div: Binary = binary(
  'div',
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = (a[ai] as number) / (b[bi] as number);
  },
  {
    f32: 'word(real(a) / real(b))',
    u32: 'select(a / max(b, 1u), a, b == 0u)',
    i32: 'bitcast<u32>(select(whole(a) / select(whole(b), 1, b == 0u), whole(a), b == 0u))',
  },
  (g, [, b], y) => [div(g, b), neg(div(mul(g, y), b))],
  {
    integers: (n, out, o, a, ai, as, b, bi, bs) => {
      for (let i = 0; i < n; i++, ai += as, bi += bs) {
        const divisor = b[bi] as number;
        out[o + i] = divisor === 0 ? (a[ai] as number) : Math.trunc((a[ai] as number) / divisor);
      }
    },
    domains: ['real', 'nonzero'],
  },
);
/** The larger of a and b, NaN where one is. The derivative goes to b where they are equal. */
export const maximum: Binary = binary(
  'maximum',
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = Math.max(a[ai] as number, b[bi] as number);
  },
  {
    f32: 'select(select(a, b, nan(b) || real(b) > real(a)), a, nan(a))',
    u32: 'max(a, b)',
    i32: 'bitcast<u32>(max(whole(a), whole(b)))',
  },
  (g, [a, b]) => {
    const first = less(b, a);
    return [select(first, g, 0), select(first, 0, g)];
  },
);
/** The mask a < b (u32); 0 where one is NaN. */
export const less: Binary = binary(
  'less',
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs)
      out[o + i] = (a[ai] as number) < (b[bi] as number) ? 1 : 0;
  },
  {
    f32: '!nan(a) && !nan(b) && real(a) < real(b)',
    u32: 'a < b',
    i32: 'whole(a) < whole(b)',
  },
  () => [],
  { mask: true },
);
/** The mask a = b (u32); 0 where one is NaN. */
export const equal: Binary = binary(
  'equal',
  (n, out, o, a, ai, as, b, bi, bs) => {
    for (let i = 0; i < n; i++, ai += as, bi += bs) out[o + i] = a[ai] === b[bi] ? 1 : 0;
  },
  {
    f32: '!nan(a) && !nan(b) && real(a) == real(b)',
    u32: 'a == b',
  },
  () => [],
  { mask: true },
);
