/**
 * Conditional variances of all pool points while batches grow, as expressions:
 *
 *   v_n(s) = φ_nᵀ (I + Σ_{m∈s} φ_m φ_mᵀ)⁻¹ φ_n        gain(n | s) = ½ log(1 + v_n(s))   in nats
 *
 * When m joins s, with d = A_s⁻¹ φ_m / √(1 + v_m) and A_s⁻¹ = I − Σ_j d_j d_jᵀ (Sherman and Morrison 1950),
 *
 *   v_n(s ∪ m) = v_n(s) − (φ_nᵀ d)²
 *
 * an incremental pivoted Cholesky factorisation: O(N D) a step, and no N×N matrix. The gains along any order of a batch
 * add up to its joint mutual information. Kernel: rank-one-update.wgsl.
 */
import type { Composite } from '../tensor/composite.js';
import type { Tensor } from '../tensor/expression.js';
import {
  add,
  broadcast,
  composite,
  concat,
  div,
  gather,
  log,
  matmul,
  maximum,
  mul,
  reshape,
  sqrt,
  sub,
  sum,
  transpose,
} from '../tensor/operations.js';

/** S batches that grow: variances [S, N], and the directions d_j of their points so far. */
export interface Conditioned {
  readonly variances: Tensor;
  /** [S, k, D], or nothing while the batches are empty. */
  readonly directions: Tensor | undefined;
}

/** v_n(∅) = |φ_n|²: features [N, D] → [N]. */
export const priorVariances = (features: Tensor): Tensor => sum(mul(features, features), [1]);

/** S empty batches. */
export const unconditioned = (features: Tensor, count: number): Conditioned => {
  const variances = priorVariances(features);
  return { variances: broadcast(variances, [count, ...variances.shape]), directions: undefined };
};

/** gain(n | s) of every point in nats, elementwise from its variance. */
export const gainOf = (variances: Tensor): Tensor => mul(0.5, log(add(1, variances)));

/** (variances [S, N] or, for all batches, [1, N]; features [N, D]; directions [S, D]) → max(v − (φ d)², 0) [S, N]. */
const rankOneUpdate: Composite = {
  name: 'rankOneUpdate',
  settings: {},
  meaning: (operands) => {
    const [variances, features, directions] = operands as readonly [Tensor, Tensor, Tensor];
    const shares = matmul(directions, transpose(features));
    // Rounding may leave a variance just below zero.
    return maximum(sub(variances, mul(shares, shares)), 0);
  },
  kernel: ({ operands: [variances, features, directions], output }) => {
    const [batches = 1, points = 1] = output.shape;
    const step = variances?.shape[0] === 1 ? 0 : points;
    const offsets = [variances, features, directions].map((operand) => operand?.view.offset ?? 0);
    return {
      dispatches: [
        {
          kernel: 'rank-one-update',
          constants: {},
          uniforms: [batches, points, features?.shape[1] ?? 1, step, ...offsets, 0],
          operands: [0, 1, 2],
          threads: Math.ceil(batches / 4) * Math.ceil(points / 4),
          workgroupSize: 64,
        },
      ],
    };
  },
};

/** The batches with point `chosen` (u32 [S]) added to each, and the gain (nats, [S]) that it brought. */
export const conditionOn = (
  features: Tensor,
  { variances, directions }: Conditioned,
  chosen: Tensor,
): { readonly next: Conditioned; readonly gain: Tensor } => {
  const [count = 1] = chosen.shape;
  const [size = 1, width = 1] = features.shape;
  const point = gather(features, chosen);
  const column = reshape(point, [count, width, 1]);
  const explained =
    directions === undefined
      ? undefined
      : reshape(matmul(transpose(directions), matmul(directions, column)), [count, width]);
  const remaining = explained === undefined ? point : sub(point, explained);
  const spread = add(1, maximum(sum(mul(point, remaining), [1]), 0));
  const direction = div(remaining, reshape(sqrt(spread), [count, 1]));
  const row = reshape(direction, [count, 1, width]);
  // Empty batches have one row of variances between them.
  const before = directions === undefined ? reshape(priorVariances(features), [1, size]) : variances;
  return {
    next: {
      variances: composite(rankOneUpdate, [before, features, direction]),
      directions: directions === undefined ? row : concat([directions, row], 1),
    },
    gain: mul(0.5, log(spread)),
  };
};
