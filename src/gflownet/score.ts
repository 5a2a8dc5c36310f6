/** Trajectories as objectives see them: forward and backward log-probabilities, flows, and what flows into each state. */
import { logSumExp } from '../tensor/derived/softmax.js';
import type { Tensor } from '../tensor/expression.js';
import {
  add,
  broadcast,
  concat,
  equal,
  filled,
  iota,
  less,
  reshape,
  select,
  slice,
  stopGradient,
  sum,
  transpose,
} from '../tensor/operations.js';
import type { ScoredTrajectories } from './objective.js';
import { follow, logPolicyOf, logRewardSteps, stops, type Sampler, type Trajectories } from './rollout.js';
import { logBackwardOf, logFlowAt } from './visits.js';

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
 * The log of what flows into the states after each step, [S, b]: Σ over the members m of F(s ∖ m) π(m | s ∖ m), and after
 * a stop what flows along it (`own`: the flow of each step itself). Every parent of a visited state lies on the trajectory
 * that leaves one action out, so b trajectories of b − 1 steps for each of the S visit them all.
 */
const logInflow = (sampler: Sampler, actions: Tensor, own: Tensor, forwardLooking: boolean): Tensor => {
  const [count = 1, length = 1] = actions.shape;
  // The only parent of a single point is the empty set, whose flow and policy every trajectory has.
  if (length === 1) return own;
  const reduced = concat(
    Array.from({ length }, (_, j) => without(actions, j)),
    0,
  );
  const parents = follow(sampler, reduced);
  const visits = { actions: reduced, states: [...parents.states, parents.end] };
  const rewards = logRewardSteps(sampler, { actions: reduced, gains: parents.gains });
  const flows = logFlowAt(sampler, visits, rewards, forwardLooking);
  // Row (j, s) leaves out action j of trajectory s: its states of sizes k ≥ j are parents of the state after step k.
  const missing = reshape(transpose(actions), [length * count]);
  const logs = concat(
    visits.states.map((state) => reshape(logPolicyOf(sampler, state, missing), [length * count, 1])),
    1,
  );
  const edges = transpose(reshape(add(flows, logs), [length, count, length]), [1, 2, 0]);
  const later = less(iota('u32', [length, length], 0), iota('u32', [length, length], 1));
  const all = logSumExp(edges, broadcast(equal(later, 0), [count, length, length]));
  return select(stops(sampler, actions), own, all);
};

/** The mask (u32 [S, b + 1]) of the states that are ends: those after a stop, and the last. */
const ends = (sampler: Sampler, actions: Tensor): Tensor => {
  const [count = 1, length = 1] = actions.shape;
  const first = filled(0, 'u32', [count, 1]);
  const between = length > 1 ? [slice(stops(sampler, actions), [0, 0], [count, length - 1])] : [];
  return concat([first, ...between, filled(1, 'u32', [count, 1])], 1);
};

/**
 * Scores trajectories under the sampler's current parameters. log P_F is data here (src/gflownet/policy-gradient.ts);
 * flows, backward policy and inflow have derivatives.
 */
export const scoreTrajectories = (
  sampler: Sampler,
  trajectories: Trajectories,
  forwardLooking: boolean,
): ScoredTrajectories => {
  const { actions, states } = trajectories;
  const [count = 1, length = 1] = actions.shape;
  const rewards = logRewardSteps(sampler, trajectories);
  const logReward = reshape(sum(rewards, [1]), [count, 1]);
  const logForward = stopGradient(trajectories.logForward);
  const learned = logFlowAt(sampler, { actions, states }, rewards, forwardLooking);
  const isEnd = ends(sampler, actions);
  const logFlow = select(isEnd, logReward, concat([learned, logReward], 1));
  return {
    logForward,
    logBackward: logBackwardOf(sampler, trajectories),
    logReward: reshape(logReward, [count]),
    logFlow,
    reached: concat([filled(1, 'u32', [count, 1]), equal(slice(isEnd, [0, 0], [count, length]), 0)], 1),
    logInflow: () =>
      logInflow(sampler, actions, add(slice(logFlow, [0, 0], [count, length]), logForward), forwardLooking),
  };
};

/** Trajectories of two sources as one: rows of `b` after those of `a`. */
export const together = (a: ScoredTrajectories, b: ScoredTrajectories): ScoredTrajectories => ({
  logForward: concat([a.logForward, b.logForward], 0),
  logBackward: concat([a.logBackward, b.logBackward], 0),
  logReward: concat([a.logReward, b.logReward], 0),
  logFlow: concat([a.logFlow, b.logFlow], 0),
  reached: concat([a.reached, b.reached], 0),
  logInflow: () => concat([a.logInflow(), b.logInflow()], 0),
});
