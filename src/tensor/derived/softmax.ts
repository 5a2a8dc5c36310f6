/** Activations and the softmax family. Masks are explicit selects: no arithmetic with infinities. */
import { sizeOf, type DType, type Tensor } from '../expression.js';
import {
  add,
  cast,
  div,
  exp,
  filled,
  log,
  max,
  maximum,
  mul,
  neg,
  reshape,
  select,
  stopGradient,
  sub,
  sum,
  tanh,
} from '../operations.js';

/** max(a, 0). */
export const relu = (a: Tensor): Tensor => maximum(a, 0);

/** 1 / (1 + e^−a), by tanh, which saturates without overflow. */
export const sigmoid = (a: Tensor): Tensor => mul(0.5, add(1, tanh(mul(0.5, a))));

/** log(1 + e^a) = max(a, 0) + log(1 + e^−|a|). */
export const softplus = (a: Tensor): Tensor => add(relu(a), log(add(1, exp(neg(maximum(a, neg(a)))))));

const last = (a: Tensor): number => a.shape.length - 1;

/** The last axis kept with size one. */
const keep = (reduced: Tensor): Tensor => reshape(reduced, [...reduced.shape, 1]);

/** The least number of a float dtype: no entry that is allowed lies below it. */
export const lowestFinite = (dtype: DType): number =>
  dtype === 'f64' ? -Number.MAX_VALUE : -3.4028234663852886e38;

/**
 * What softmaxes are made of, over the last axis: `shifted` = a − shift, terms e^{a_i − shift}, zero where `allowed` (a u32
 * mask of a's shape) does not let them in, their sum, and the shift, the largest a_i that is allowed. At least one entry of
 * each row must be.
 */
export const exponentials = (
  a: Tensor,
  allowed?: Tensor,
): { readonly terms: Tensor; readonly total: Tensor; readonly shift: Tensor; readonly shifted: Tensor } => {
  const axes = [last(a)];
  // Shifting by the largest is exact whatever the shift, so the shift needs no derivative.
  const lowest = filled(lowestFinite(a.dtype), a.dtype, a.shape);
  const shift = stopGradient(max(allowed === undefined ? a : select(allowed, a, lowest), axes));
  const shifted = sub(a, keep(shift));
  // Entries outside are replaced before the exponential: a select after it would leave inf · 0 in the derivative.
  const terms = allowed === undefined ? exp(shifted) : select(allowed, exp(select(allowed, shifted, 0)), 0);
  return { terms, total: sum(terms, axes), shift, shifted };
};

/**
 * log Σ_i e^{a_i} over the last axis, of the entries that `allowed` (a u32 mask of a's shape) lets in; all of them by
 * default. At least one entry of each row must be allowed.
 */
export const logSumExp = (a: Tensor, allowed?: Tensor): Tensor => {
  const { total, shift } = exponentials(a, allowed);
  return add(log(total), shift);
};

/**
 * a − logSumExp(a) over the last axis: log-probabilities. Entries that are not allowed hold no meaning. The shift comes off
 * before the logarithm does: beside a large one the logarithm would be lost.
 */
export const logSoftmax = (a: Tensor, allowed?: Tensor): Tensor => {
  const { shifted, total } = exponentials(a, allowed);
  return sub(shifted, keep(log(total)));
};

/** e^a / Σ e^a over the last axis; zero where not allowed. */
export const softmax = (a: Tensor, allowed?: Tensor): Tensor => {
  const { terms, total } = exponentials(a, allowed);
  return div(terms, keep(total));
};

/** The mean over axes, all by default. */
export const mean = (a: Tensor, axes: readonly number[] = a.shape.map((_, axis) => axis)): Tensor =>
  div(sum(a, axes), sizeOf(axes.map((axis) => a.shape[axis] ?? 1)));

/** The mean of the elements whose mask (u32) is 1; at least one must be. */
export const meanWhere = (mask: Tensor, a: Tensor): Tensor =>
  div(sum(select(mask, a, 0)), sum(cast(mask, a.dtype)));
