/**
 * What would each candidate be worth beside the picks that come after it? States are completed greedily: r + 1 picks γ, each of
 * the largest conditional variance, and of every place g among them the conditional of a Gibbs update is computed,
 *
 *   p_g(n) ∝ (1 + v_n⁻ᵍ)^{β/2},  n outside the batch or γ_g itself,    v_n⁻ᵍ = v_n + W_gn² / P_gg
 *
 * with P = (I + C_γγ)⁻¹ and W = P C_γ· (leave-one-out formula: Rasmussen and Williams 2006, section 5.4.2). Were the completion
 * a draw of the target, the mean of p_g over the places would have the exact policy's P(n | s) as its expectation (Rao and
 * Blackwell; src/learning/pretraining/conditionals.ts). The greedy one is no draw, but is near where draws are: what is amiss is left to a network.
 *
 * C is never formed: with U = the members' shares L⁻¹ K_sN and D the picks', C_γ· = K_γ· − (U, D)_·γᵀ (U, D), an incremental
 * Cholesky factorisation; L of I + C_γγ holds D at the picks, and W = L⁻ᵀ D. O(r (k + r) N) a state. Equal variances: the first.
 */
import { gainOf } from '../../reward/conditional-variance.js';
import type { Tensor } from '../../tensor/expression.js';
import { exponentials } from '../../tensor/derived/softmax.js';
import { identity, oneHotMask } from '../../tensor/derived/matrix.js';
import {
  add,
  argmax,
  broadcast,
  cast,
  concat,
  div,
  filled,
  gather,
  iota,
  less,
  log,
  matmul,
  max,
  maximum,
  mul,
  reshape,
  select,
  slice,
  sqrt,
  sub,
  sum,
  transpose,
  triangularSolve,
} from '../../tensor/operations.js';

/** S states of a pool of N points, or of some pools one under the other. */
export interface CompletedStates {
  /** Φ Φᵀ of the pools, [pools · N, N]. */
  readonly gram: Tensor;
  /** [S] u32: the first row of a state's pool in `gram`; 0 for all where it is left out. */
  readonly from?: Tensor;
  /** U, [S, k, N], by which C = K − UᵀU; nothing of empty states. */
  readonly shares: Tensor | undefined;
  /** v, [S, N]. */
  readonly variances: Tensor;
  /** [S, N] u32: 1 for candidates. */
  readonly allowed: Tensor;
  /** r, [S, 1]. */
  readonly remaining: Tensor;
  /** r + 1, of all states; with `mixed` the largest, and states of any smaller one beside each other. */
  readonly picks: number;
  readonly mixed?: boolean;
  /** β, a scalar or [S, 1]. */
  readonly inverseTemperature: Tensor;
}

/** Completions of S states by M places, of which the first r + 1 count. */
export interface Completion {
  /** [S, M]: 1 for places that count. */
  readonly counts: Tensor;
  /** [S, M, N]: β gain of each candidate in each place. */
  readonly gains: Tensor;
  /** p_g(n), [S, M, N]: zero in places that do not count. */
  readonly conditionals: Tensor;
  /** log of the sum that p_g is divided by, [S, M, 1]. */
  readonly logTotals: Tensor;
  /** γ, [S, M, N]: 1 at the pick of a place that counts. */
  readonly picked: Tensor;
  /** v given all picks, [S, N]. */
  readonly after: Tensor;
  /** P_gh² / (P_gg P_hh), [S, M, M]: squares of partial correlations between places, zero on the diagonal. */
  readonly partial: Tensor;
}

/** A number for each state, [S, 1], with `axes` axes of one entry behind that of the states; one for all states as it is. */
export const perState = (tensor: Tensor, axes: number): Tensor =>
  tensor.shape.length === 0
    ? tensor
    : reshape(tensor, [tensor.shape[0] ?? 1, ...Array.from({ length: axes }, () => 1)]);

/** Rows of S tables [S, N, R] at indices of each state (u32 [S, M]): [S, M, R]. */
const rowsOf = (tables: Tensor, indices: Tensor): Tensor => {
  const [count = 1, size = 1, width = 1] = tables.shape;
  const first = mul(iota('u32', [count, 1], 0), size);
  return gather(reshape(tables, [count * size, width]), add(indices, first));
};

/** Which of M places count, [S, M]. */
const countsOf = ({ variances: { dtype }, remaining, picks, mixed }: CompletedStates): Tensor => {
  const shape = [remaining.shape[0] ?? 1, picks];
  return mixed === true
    ? cast(less(cast(iota('u32', shape, 1), dtype), add(remaining, 0.5)), dtype)
    : filled(1, dtype, shape);
};

/** The greedy picks: indices (u32 [S, M]), shares [S, N, M] by them, √(1 + v) of each at its turn [S, M], and v after them. */
const greedy = (states: CompletedStates) => {
  const { gram, from, shares, variances, allowed, picks, mixed } = states;
  const [count = 1, size = 1] = variances.shape;
  const counts = countsOf(states);
  let table = shares === undefined ? undefined : transpose(shares);
  let after = variances;
  let free = allowed;
  const indices: Tensor[] = [];
  const own: Tensor[] = [];
  const roots: Tensor[] = [];
  for (let j = 0; j < picks; j++) {
    const open = select(free, after, -1);
    const flat = argmax(open, 1);
    const chosen = reshape(flat, [count, 1]);
    const row = gather(gram, from === undefined ? flat : add(flat, from));
    const left =
      table === undefined
        ? row
        : sub(row, reshape(matmul(table, transpose(rowsOf(table, chosen))), [count, size]));
    const root = sqrt(add(1, maximum(reshape(max(open, [1]), [count, 1]), 0)));
    // Later places than there are picks to come explain nothing.
    const kept = mixed === true ? less(0.5, slice(counts, [0, j], [count, 1])) : undefined;
    const share = kept === undefined ? div(left, root) : select(kept, div(left, root), 0);
    const column = reshape(share, [count, size, 1]);
    after = maximum(sub(after, mul(share, share)), 0);
    table = table === undefined ? column : concat([table, column], 2);
    free = select(oneHotMask(flat, size), 0, free);
    indices.push(chosen);
    own.push(column);
    roots.push(kept === undefined ? root : select(kept, root, 1));
  }
  return { counts, indices: concat(indices, 1), shares: concat(own, 2), roots: concat(roots, 1), after };
};

/** The greedy completions of states. Nothing of it is to be derived. */
export const completionOf = (states: CompletedStates): Completion => {
  const { variances, allowed, picks, inverseTemperature } = states;
  const [count = 1, size = 1] = variances.shape;
  const { counts, indices, shares, roots, after } = greedy(states);
  const shape = [count, picks, picks];
  const below = less(iota('u32', shape, 2), iota('u32', shape, 1));
  const unit = broadcast(identity(picks, variances.dtype), shape);
  // L_ij is the share of pick j at pick i.
  const kept = reshape(counts, [count, picks, 1]);
  const lower = mul(select(below, rowsOf(shares, indices), 0), kept);
  const factor = add(lower, mul(unit, reshape(roots, [count, picks, 1])));
  const inverse = triangularSolve(factor, unit);
  const precision = matmul(transpose(inverse), inverse);
  const diagonal = reshape(sum(mul(inverse, inverse), [1]), [count, picks, 1]);
  const weights = triangularSolve(factor, transpose(shares), true);
  const own = add(reshape(after, [count, 1, size]), div(mul(weights, weights), diagonal));
  const gains = mul(gainOf(own), perState(inverseTemperature, 2));
  const picked = mul(cast(oneHotMask(indices, size), variances.dtype), kept);
  const taken = reshape(sum(picked, [1]), [count, 1, size]);
  const open = select(less(0.5, sub(taken, picked)), 0, reshape(allowed, [count, 1, size]));
  const { terms, total, shift } = exponentials(gains, open);
  const column = (tensor: Tensor): Tensor => reshape(tensor, [count, picks, 1]);
  const across = div(mul(precision, precision), mul(diagonal, reshape(diagonal, [count, 1, picks])));
  // Places that do not count may have no candidate left.
  const sums = maximum(column(total), 1e-30);
  const has = less(0.5, kept);
  return {
    counts,
    gains,
    conditionals: select(has, div(terms, sums), 0),
    logTotals: select(has, add(log(sums), column(shift)), 0),
    picked,
    after,
    partial: mul(across, sub(1, unit)),
  };
};
