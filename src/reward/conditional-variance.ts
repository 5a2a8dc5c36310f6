/**
 * Conditional variances of all pool points while batches grow, as expressions:
 *
 *   v_n(s) = φ_nᵀ (I + Σ_{m∈s} φ_m φ_mᵀ)⁻¹ φ_n        gain(n | s) = ½ log(1 + v_n(s))   in nats
 *
 * When m joins s, with d = A_s⁻¹ φ_m / √(1 + v_m) and A_s⁻¹ = I − Σ_j d_j d_jᵀ (Sherman and Morrison 1950),
 *
 *   v_n(s ∪ m) = v_n(s) − (φ_nᵀ d)²
 *
 * an incremental pivoted Cholesky factorisation. The gains along any order of a batch add up to its joint mutual information.
 * The shares φ_nᵀ d of all points are had in one of two ways, by the size of the pool:
 *
 *   few points     (K_mn − Σ_j (φ_mᵀ d_j)(φ_nᵀ d_j)) / √(1 + v_m),  K = Φ Φᵀ once a program and O(k N) a step
 *   many           the product Φ d, O(D N) a step and no N×N matrix. Kernel: rank-one-update.wgsl
 *
 * On 1,483 points of 1,385 features a training iteration with the first took a third of the CPU time of one with the second; of
 * 2,000 points of 32 features one draw took 22 ms with the first and 5 with the second, 64 draws 53 and 65.
 */
import { at } from '../at.js';
import type { Composite } from '../tensor/composite.js';
import type { Tensor } from '../tensor/expression.js';
import {
  add,
  broadcast,
  composite,
  concat,
  div,
  gather,
  iota,
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

/** What is known of a pool before anything is chosen. */
export interface Prior {
  /** Φ, [N, D]. */
  readonly features: Tensor;
  /** K = Φ Φᵀ, [N, N], of a pool of few points. */
  readonly covariances: Tensor | undefined;
}

/** S batches that grow. */
export interface Conditioned {
  /** [S, N]. */
  readonly variances: Tensor;
  /** The directions d_j of the points so far, [S, k, D], or their shares Φ d_j, [S, k, N], by the prior; nothing of empty batches. */
  readonly pivots: Tensor | undefined;
}

/** Whether K is made of so many points, 16 MiB in f32 at most, for so many states: a few states do not earn it. */
export const hasFewPoints = (points: number, states = Infinity): boolean =>
  points <= Math.min(2048, 64 * states);

/** The prior of features [N, D], with K where they are of few points. */
export const priorOf = (features: Tensor, few = hasFewPoints(at(features.shape, 0))): Prior => ({
  features,
  covariances: few ? matmul(features, transpose(features)) : undefined,
});

/** v_n(∅) = |φ_n|²: features [N, D] → [N]. */
export const priorVariances = (features: Tensor): Tensor => sum(mul(features, features), [1]);

/** S empty batches. */
export const unconditioned = ({ features }: Prior, count: number): Conditioned => {
  const variances = priorVariances(features);
  return { variances: broadcast(variances, [count, ...variances.shape]), pivots: undefined };
};

/** The shares Φ d_j of the points so far, [S, k, N]; nothing of empty batches. */
export const sharesOf = ({ features, covariances }: Prior, { pivots }: Conditioned): Tensor | undefined =>
  pivots === undefined || covariances !== undefined ? pivots : matmul(pivots, transpose(features));

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

/** A batch each of S with one point more, and the gain (nats, [S]) that it brought. */
interface Joined {
  readonly next: Conditioned;
  readonly gain: Tensor;
}

const withPivot = (pivots: Tensor | undefined, pivot: Tensor): Tensor => {
  const [count = 1, width = 1] = pivot.shape;
  const row = reshape(pivot, [count, 1, width]);
  return pivots === undefined ? row : concat([pivots, row], 1);
};

/** By the features: `pivots` are directions. */
const byFeatures = (features: Tensor, { variances, pivots }: Conditioned, chosen: Tensor): Joined => {
  const [count = 1] = chosen.shape;
  const [size = 1, width = 1] = features.shape;
  const point = gather(features, chosen);
  const column = reshape(point, [count, width, 1]);
  const explained =
    pivots === undefined
      ? undefined
      : reshape(matmul(transpose(pivots), matmul(pivots, column)), [count, width]);
  const remaining = explained === undefined ? point : sub(point, explained);
  const spread = add(1, maximum(sum(mul(point, remaining), [1]), 0));
  const direction = div(remaining, reshape(sqrt(spread), [count, 1]));
  // Empty batches have one row of variances between them.
  const before = pivots === undefined ? reshape(priorVariances(features), [1, size]) : variances;
  return {
    next: {
      variances: composite(rankOneUpdate, [before, features, direction]),
      pivots: withPivot(pivots, direction),
    },
    gain: mul(0.5, log(spread)),
  };
};

/** The entry at `chosen` (u32 [S]) of each of k rows: shares [S, k, N] → [S, 1, k]. */
const sharesAt = (shares: Tensor, chosen: Tensor): Tensor => {
  const [count = 1, size = 1, points = 1] = shares.shape;
  const rows = mul(iota('u32', [count, size], 0), size);
  const starts = mul(add(rows, iota('u32', [count, size], 1)), points);
  const table = reshape(shares, [count * size * points, 1]);
  return reshape(gather(table, add(starts, reshape(chosen, [count, 1]))), [count, 1, size]);
};

/** By K: `pivots` are shares. */
const byCovariances = (covariances: Tensor, { variances, pivots }: Conditioned, chosen: Tensor): Joined => {
  const [count = 1, points = 1] = variances.shape;
  const row = gather(covariances, chosen);
  const explained =
    pivots === undefined ? undefined : reshape(matmul(sharesAt(pivots, chosen), pivots), [count, points]);
  const remaining = explained === undefined ? row : sub(row, explained);
  const own = sharesAt(reshape(remaining, [count, 1, points]), chosen);
  const spread = add(1, maximum(reshape(own, [count, 1]), 0));
  const share = div(remaining, sqrt(spread));
  return {
    // Rounding may leave a variance just below zero.
    next: { variances: maximum(sub(variances, mul(share, share)), 0), pivots: withPivot(pivots, share) },
    gain: reshape(mul(0.5, log(spread)), [count]),
  };
};

/** The batches with point `chosen` (u32 [S]) added to each, and the gain (nats, [S]) that it brought. */
export const conditionOn = (
  { features, covariances }: Prior,
  conditioned: Conditioned,
  chosen: Tensor,
): Joined =>
  covariances === undefined
    ? byFeatures(features, conditioned, chosen)
    : byCovariances(covariances, conditioned, chosen);
