/**
 * The inner loops of dense linear algebra, on ranges of 64-bit arrays, so that rows of a row-major matrix are
 * used in place. Four partial sums: one chain of additions would wait for each sum before it starts the next.
 */
import type { Matrix } from './matrix.js';

/** Numbers as they are held: in double precision, or in single (linear-algebra/matrix.ts). */
export type Floats = Float64Array | Float32Array;

/** The numbers of a matrix as they are held, row-major: nothing is made of them. */
export const heldIn = (matrix: Matrix): Floats => matrix.single ?? matrix.data;

/** Σ_i a[aStart + i] b[bStart + i] for i < length. */
export const dotRange = (a: Floats, aStart: number, b: Floats, bStart: number, length: number): number => {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    const p = aStart + i;
    const q = bStart + i;
    s0 += (a[p] ?? NaN) * (b[q] ?? NaN);
    s1 += (a[p + 1] ?? NaN) * (b[q + 1] ?? NaN);
    s2 += (a[p + 2] ?? NaN) * (b[q + 2] ?? NaN);
    s3 += (a[p + 3] ?? NaN) * (b[q + 3] ?? NaN);
  }
  for (; i < length; i++) s0 += (a[aStart + i] ?? NaN) * (b[bStart + i] ?? NaN);
  return s0 + s1 + (s2 + s3);
};

/**
 * The inner products of one range with four, which begin `stride` apart: into[k] = Σ_i a[aStart + i] b[bStart + k stride + i] for
 * i < length. Each number of a is loaded once for four products.
 */
export const dotFourInto = (
  into: Float64Array,
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  stride: number,
  length: number,
): void => {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const [b1, b2, b3] = [bStart + stride, bStart + 2 * stride, bStart + 3 * stride];
  for (let i = 0; i < length; i++) {
    const x = a[aStart + i] ?? NaN;
    s0 += x * (b[bStart + i] ?? NaN);
    s1 += x * (b[b1 + i] ?? NaN);
    s2 += x * (b[b2 + i] ?? NaN);
    s3 += x * (b[b3 + i] ?? NaN);
  }
  into[0] = s0;
  into[1] = s1;
  into[2] = s2;
  into[3] = s3;
};

/** The inner product aᵀb of two vectors of one length. */
export const dot = (a: Float64Array, b: Float64Array): number => dotRange(a, 0, b, 0, a.length);

/** target[targetStart + i] += factor · source[sourceStart + i] for i < length. Writes into `target`. */
export const addScaledInto = (
  target: Float64Array,
  targetStart: number,
  factor: number,
  source: Float64Array,
  sourceStart: number,
  length: number,
): void => {
  for (let i = 0; i < length; i++)
    target[targetStart + i] = (target[targetStart + i] ?? NaN) + factor * (source[sourceStart + i] ?? NaN);
};

/** target[targetStart + i] += a · first[firstStart + i] + b · second[i] for i < length. Writes into `target`. */
export const addTwoScaledInto = (
  target: Float64Array,
  targetStart: number,
  a: number,
  first: Float64Array,
  firstStart: number,
  b: number,
  second: Float64Array,
  length: number,
): void => {
  for (let i = 0; i < length; i++)
    target[targetStart + i] =
      (target[targetStart + i] ?? NaN) + (a * (first[firstStart + i] ?? NaN) + b * (second[i] ?? NaN));
};

/**
 * target[targetStart + i] += Σ_k factors[factorStart + k] · source[sourceStart + k · length + i] for i <
 * length, k < count: adds a combination of `count` adjoining rows of `source`. Four rows at a time, so that
 * the target is loaded and stored once for four of them. Writes into `target`.
 */
export const addCombinationInto = (
  target: Float64Array,
  targetStart: number,
  factors: Float64Array,
  factorStart: number,
  source: Float64Array,
  sourceStart: number,
  count: number,
  length: number,
): void => {
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const f0 = factors[factorStart + k] ?? NaN;
    const f1 = factors[factorStart + k + 1] ?? NaN;
    const f2 = factors[factorStart + k + 2] ?? NaN;
    const f3 = factors[factorStart + k + 3] ?? NaN;
    const p0 = sourceStart + k * length;
    const p1 = p0 + length;
    const p2 = p1 + length;
    const p3 = p2 + length;
    for (let i = 0; i < length; i++)
      target[targetStart + i] =
        (target[targetStart + i] ?? NaN) +
        (f0 * (source[p0 + i] ?? NaN) + f1 * (source[p1 + i] ?? NaN)) +
        (f2 * (source[p2 + i] ?? NaN) + f3 * (source[p3 + i] ?? NaN));
  }
  for (; k < count; k++)
    addScaledInto(
      target,
      targetStart,
      factors[factorStart + k] ?? NaN,
      source,
      sourceStart + k * length,
      length,
    );
};

/**
 * target[i] += Σ_k factors[factorStart + k] · source[sourceStart + k · length + i] for i < length, the length of `target`, k < count,
 * each term added after the one before it. Four rows at a time. Writes into `target`.
 */
export const addInOrderInto = (
  target: Float64Array,
  factors: Float64Array,
  factorStart: number,
  source: Float64Array,
  sourceStart: number,
  count: number,
): void => {
  const { length } = target;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const f0 = factors[factorStart + k] ?? NaN;
    const f1 = factors[factorStart + k + 1] ?? NaN;
    const f2 = factors[factorStart + k + 2] ?? NaN;
    const f3 = factors[factorStart + k + 3] ?? NaN;
    const p0 = sourceStart + k * length;
    const p1 = p0 + length;
    const p2 = p1 + length;
    const p3 = p2 + length;
    for (let i = 0; i < length; i++)
      target[i] =
        (target[i] ?? NaN) +
        f0 * (source[p0 + i] ?? NaN) +
        f1 * (source[p1 + i] ?? NaN) +
        f2 * (source[p2 + i] ?? NaN) +
        f3 * (source[p3 + i] ?? NaN);
  }
  for (; k < count; k++)
    addScaledInto(target, 0, factors[factorStart + k] ?? NaN, source, sourceStart + k * length, length);
};
