/**
 * The environment: subsets of a pool that grow by one point at a time until they hold b, or stop before.
 *
 * S subsets grow side by side. A state is what policies may look at: which points are in, the gain that each other
 * point would bring (nats), and the sum of the chosen points' embeddings. Backward policies stand in
 * src/gflownet/backward.ts.
 *
 * An action is the row of what joins. Where the size of batches varies, rows are the N points and one more of zeros, the
 * stop: it brings no gain and leaves everything as it is, so that a subset that has stopped takes it again and again
 * until all have made their b steps.
 */
import { at } from '../at.js';
import { conditionOn, unconditioned, type Conditioned, type Prior } from '../reward/conditional-variance.js';
import type { Tensor } from '../tensor/expression.js';
import { oneHotMask } from '../tensor/derived/matrix.js';
import { add, broadcast, concat, equal, filled, pad, select, slice } from '../tensor/operations.js';

/** S subsets that have made the same number of steps. */
export interface Subsets {
  /** How many points each holds that has not stopped. */
  readonly size: number;
  /** [S, A] u32: 1 where the action was taken: the point is in the subset, or it has stopped. */
  readonly members: Tensor;
  readonly conditioned: Conditioned;
  /** [S, E]: Σ of the members' embeddings. */
  readonly aggregate: Tensor;
}

/** S empty subsets; actions have a prior of features [A, D] and embeddings of `width` numbers (E). */
export const emptySubsets = (prior: Prior, width: number, count: number): Subsets => ({
  size: 0,
  members: filled(0, 'u32', [count, at(prior.features.shape, 0)]),
  conditioned: unconditioned(prior, count),
  aggregate: filled(0, prior.features.dtype, [count, width]),
});

/**
 * Each subset with its action `chosen` (u32 [S], embedded as [S, E]) taken, and the gain in nats [S]. A point must not be
 * a member yet.
 */
export const addPoint = (
  prior: Prior,
  subsets: Subsets,
  chosen: Tensor,
  embedded: Tensor,
): { readonly next: Subsets; readonly gain: Tensor } => {
  const { next, gain } = conditionOn(prior, subsets.conditioned, chosen);
  return {
    next: {
      size: subsets.size + 1,
      members: select(oneHotMask(chosen, at(prior.features.shape, 0)), 1, subsets.members),
      conditioned: next,
      aggregate: add(subsets.aggregate, embedded),
    },
    gain,
  };
};

/** The rows of a table of points, and one of zeros for the stop: [N, ·] → [N + 1, ·]. */
export const withStop = (table: Tensor): Tensor =>
  pad(table, [0, 0], [at(table.shape, 0) + 1, table.shape[1] ?? 1]);

/**
 * The mask (u32 [S, A]) of the actions that may come next. Points that are no members and, if sizes vary (`stopFrom` is
 * the smallest size of a batch), the stop in the last column; once stopped, nothing else.
 */
export const allowedActions = ({ members, size }: Subsets, stopFrom?: number): Tensor => {
  if (stopFrom === undefined) return equal(members, 0);
  const [count = 1, actions = 1] = members.shape;
  const stopped = slice(members, [0, actions - 1], [count, 1]);
  const points = equal(slice(members, [0, 0], [count, actions - 1]), 0);
  return concat(
    [
      select(broadcast(stopped, points.shape), filled(0, 'u32', points.shape), points),
      size >= stopFrom ? filled(1, 'u32', [count, 1]) : stopped,
    ],
    1,
  );
};
