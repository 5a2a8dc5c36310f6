/**
 * The environment: subsets of a pool that grow by one point at a time until they hold b.
 *
 * S subsets grow side by side. A state is what policies may look at: which points are in, the gain that each other
 * point would bring (nats), and the sum of the chosen points' embeddings. Backward
 * policies stand in src/gflownet/backward.ts.
 */
import { conditionOn, gainOf, unconditioned, type Conditioned } from '../reward/conditional-variance.js';
import type { Tensor } from '../tensor/expression.js';
import { oneHotMask } from '../tensor/derived/matrix.js';
import { add, equal, filled, gather, maximum } from '../tensor/operations.js';

/** S subsets of one size. */
export interface Subsets {
  /** How many points each holds. */
  readonly size: number;
  /** [S, N] u32: 1 where the point is in the subset. */
  readonly members: Tensor;
  readonly conditioned: Conditioned;
  /** [S, E]: Σ of the members' embeddings. */
  readonly aggregate: Tensor;
}

/** S empty subsets of a pool with features [N, D] and embeddings [N, E]. */
export const emptySubsets = (features: Tensor, embeddings: Tensor, count: number): Subsets => ({
  size: 0,
  members: filled(0, 'u32', [count, features.shape[0] ?? 0]),
  conditioned: unconditioned(features, count),
  aggregate: filled(0, features.dtype, [count, embeddings.shape[1] ?? 0]),
});

/** Each subset with its point `chosen` (u32 [S]) added, and the gain in nats [S]. The point must not be a member yet. */
export const addPoint = (
  features: Tensor,
  embeddings: Tensor,
  subsets: Subsets,
  chosen: Tensor,
): { readonly next: Subsets; readonly gain: Tensor } => {
  const { next, gain } = conditionOn(features, subsets.conditioned, chosen);
  return {
    next: {
      size: subsets.size + 1,
      members: maximum(subsets.members, oneHotMask(chosen, features.shape[0] ?? 0)),
      conditioned: next,
      aggregate: add(subsets.aggregate, gather(embeddings, chosen)),
    },
    gain,
  };
};

/** The mask (u32 [S, N]) of the points that may still join. */
export const allowedPoints = ({ members }: Subsets): Tensor => equal(members, 0);

/** The gain in nats [S, N] that each point would bring to each subset. */
export const gainsOf = ({ conditioned }: Subsets): Tensor => gainOf(conditioned.variances);
