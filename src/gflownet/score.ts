/** Trajectories as objectives see them: forward and backward log-probabilities, flows, and what flows into each state. */
import { logSumExp } from '../tensor/derived/softmax.js';
import { takeLast } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import {
  add,
  broadcast,
  concat,
  equal,
  iota,
  less,
  mul,
  reshape,
  slice,
  sum,
  transpose,
} from '../tensor/operations.js';
import type { ScoredTrajectories } from './objective.js';
import { follow, type Sampler, type Trajectories } from './rollout.js';
import { logBackwardOf, logFlowAt, logForwardOf, logPolicyAt } from './visits.js';

/** The actions [S, b] without column j, [S, b − 1]. */
const without = (actions: Tensor, j: number): Tensor => {
  const [count = 1, length = 1] = actions.shape;
  const parts = [
    ...(j > 0 ? [slice(actions, [0, 0], [count, j])] : []),
    ...(j < length - 1 ? [slice(actions, [0, j + 1], [count, length - j - 1])] : []),
  ];
  return concat(parts, 1);
};

/**
 * The log of what flows into the states after each step, [S, b]: Σ over the members m of F(s ∖ m) π(m | s ∖ m). Every
 * parent of a visited state lies on the trajectory that leaves one action out, so b trajectories of b − 1 steps for each
 * of the S visit them all.
 */
const logInflow = (sampler: Sampler, actions: Tensor, forwardLooking: boolean): Tensor => {
  const [count = 1, length = 1] = actions.shape;
  if (length === 1) {
    // The only parent is the empty set, whose flow and policy every trajectory has.
    const own = follow(sampler, actions);
    const visits = { actions, states: own.states };
    return add(logFlowAt(sampler, visits, own.gains, forwardLooking), logForwardOf(sampler, own));
  }
  const reduced = concat(
    Array.from({ length }, (_, j) => without(actions, j)),
    0,
  );
  const parents = follow(sampler, reduced);
  const visits = { actions: reduced, states: [...parents.states, parents.end] };
  const flows = logFlowAt(sampler, visits, parents.gains, forwardLooking);
  // Row (j, s) leaves out action j of trajectory s: its states of sizes k ≥ j are parents of the state after step k.
  const missing = reshape(transpose(actions), [length * count, 1]);
  const chosen = reshape(broadcast(missing, [length * count, length]), [length * count * length]);
  const logs = reshape(takeLast(logPolicyAt(sampler, visits), chosen), [length * count, length]);
  const edges = transpose(reshape(add(flows, logs), [length, count, length]), [1, 2, 0]);
  const later = less(iota('u32', [length, length], 0), iota('u32', [length, length], 1));
  return logSumExp(edges, broadcast(equal(later, 0), [count, length, length]));
};

/** Scores trajectories under the sampler's current parameters. */
export const scoreTrajectories = (
  sampler: Sampler,
  trajectories: Trajectories,
  forwardLooking: boolean,
): ScoredTrajectories => {
  const { actions, states, gains } = trajectories;
  const [count = 1] = actions.shape;
  const logReward = mul(sum(gains, [1]), sampler.pool.inverseTemperature);
  const flows = logFlowAt(sampler, { actions, states }, gains, forwardLooking);
  return {
    logForward: logForwardOf(sampler, trajectories),
    logBackward: logBackwardOf(sampler, trajectories),
    logReward,
    logFlow: concat([flows, reshape(logReward, [count, 1])], 1),
    logInflow: () => logInflow(sampler, actions, forwardLooking),
  };
};
