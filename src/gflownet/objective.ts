/**
 * What an objective is: a loss of scored trajectories whose minimum is reached where the policy samples in proportion
 * to the reward.
 */
import type { Tensor } from '../tensor/expression.js';

/**
 * S trajectories of b steps, scored under the current policy. All logarithms are natural. A trajectory that ends early
 * stays at its end, where log P_F and log P_B are zero.
 */
export interface ScoredTrajectories {
  /** log P_F of each step, [S, b]. */
  readonly logForward: Tensor;
  /** log P_B of each step taken back, [S, b]. */
  readonly logBackward: Tensor;
  /** log R of the batch at the end, [S]. */
  readonly logReward: Tensor;
  /** log F of the b + 1 states, [S, b + 1]: log Z first, the reward at the end and in all places after an early one. */
  readonly logFlow: Tensor;
  /** u32 [S, b + 1]: 1 for the states of the trajectory, 0 for the places after an early end. */
  readonly reached: Tensor;
  /** log Σ of the flows into the states after each step, [S, b]. Costs b times the scoring: made where it is asked for. */
  readonly logInflow: () => Tensor;
}

/** A training objective. */
export interface Objective {
  /** Whether the loss asks for `logFlow`, learned flows of states, log Z the first. */
  readonly learnsFlows: boolean;
  /** The loss, a scalar: a mean over trajectories. */
  readonly loss: (trajectories: ScoredTrajectories) => Tensor;
}
