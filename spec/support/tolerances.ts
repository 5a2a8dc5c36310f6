/**
 * How far apart two answers may be, in one table. A tolerance t is relative to the largest element: an answer a to
 * the expected b passes if max |a − b| ≤ t (1 + max |b|). Integers must agree bit for bit.
 */
import * as assert from 'uvu/assert';
import { showType, type TensorType, type TypedArray } from '../../src/tensor/expression.js';

/** The tolerances, each with its reason. */
export const tolerances = {
  /** CPU f32 against CPU f64: a value and its derivatives, some tens of roundings of 2⁻²⁴ = 6e-8 on operands of size 1 to 8. */
  'f32 against f64': 2e-6,
  /** WebGPU against CPU f32. WGSL grants exp (3 + 2|x|) units in the last place, log 2⁻²¹, division 2.5; sums in f32. */
  'webgpu against cpu': 1e-5,
  /** f64 against central differences of step h = 2e-5: h² f''' / 6, and 2⁻⁵³ / h = 6e-12 of rounding. */
  differences: 1e-7,
  /** The same through a whole random graph, whose third derivatives are larger. */
  'differences of graphs': 2e-7,
  /** Two orders of the same sums in f64. */
  'inner products': 1e-12,
  /** Solutions of systems with condition numbers of some tens, in f32. */
  factorisations: 1e-4,
  /** −log(−log u): log near 1 has an error of 2⁻²¹ in WGSL, which the second logarithm divides by 1 − u, here above 1e-3. */
  gumbel: 1e-3,
  /** Programs of up to 25 primitives and 4 steps, f32 against f64: each may enlarge the error before it some times over. */
  programs: 1e-5,
  /** Log-probabilities and gains along a rollout in f32 of up to six steps, each step's rounding carried into the next. */
  rollouts: 2e-5,
  /** Two scores logit + Gumbel noise that rounding may put in either order: the noise of large scores decides (`gumbel`). */
  scores: 1e-3,
} as const;

/** A row of the table. */
export type Tolerance = keyof typeof tolerances;

/** The step of central differences. */
export const differenceStep = 2e-5;

const largest = (values: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] ?? NaN));
  return most;
};

const first = (values: ArrayLike<number>): string =>
  `${Array.from(values).slice(0, 8).join(', ')}${values.length > 8 ? ', …' : ''}`;

/** The largest distance seen for each row of the table, as a share of its tolerance: how much room is left. */
export const shares = new Map<Tolerance, number>();

/** Holds an answer against the expected one; throws an assertion that says what, where and how far. */
export const close = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  what: string,
): void => {
  assert.is(actual.length, expected.length, `${what}: lengths differ`);
  const allowed = tolerances[tolerance] * (1 + largest(expected));
  assert.ok(Number.isFinite(allowed), `${what}: the expected values are not finite: ${first(expected)}`);
  for (let i = 0; i < actual.length; i++) {
    const distance = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    if (!(distance <= allowed))
      assert.unreachable(
        `${what}: element ${i} is ${actual[i] ?? NaN}, should be ${expected[i] ?? NaN} within ${allowed} (${tolerance})\n  is     ${first(actual)}\n  should ${first(expected)}`,
      );
    shares.set(tolerance, Math.max(shares.get(tolerance) ?? 0, distance / allowed));
  }
};

const bitsOf = (values: TypedArray): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);

/** Holds two answers to the same bits. */
export const sameBits = (actual: TypedArray, expected: TypedArray, what: string): void => {
  assert.is(actual.length, expected.length, `${what}: lengths differ`);
  const [a, b] = [bitsOf(actual), bitsOf(expected)];
  for (let i = 0; i < b.length; i++)
    if (a[i] !== b[i])
      assert.unreachable(`${what}: the bits differ\n  is     ${first(actual)}\n  should ${first(expected)}`);
};

/** Holds answers of one dtype together: floats within a tolerance, integers to the same bits. */
export const agree = (actual: TypedArray, expected: TypedArray, tolerance: Tolerance, what: string): void => {
  if (actual instanceof Float32Array || actual instanceof Float64Array)
    close(actual, expected, tolerance, what);
  else sameBits(actual, expected, what);
};

/** Holds two types together. */
export const sameType = (actual: TensorType, expected: TensorType): void =>
  assert.is(showType(actual), showType(expected));
