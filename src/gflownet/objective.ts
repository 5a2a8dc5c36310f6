/**
 * What an objective is: a loss of scored trajectories whose minimum is reached where the policy samples in proportion
 * to the reward.
 */
import type { Tensor } from '../tensor/expression.js';

/** S trajectories of b steps, scored under the current policy. All logarithms are natural. */
export interface ScoredTrajectories {
  /** log P_F of each step, [S, b]. */
  readonly logForward: Tensor;
  /** log P_B of each step taken back, [S, b]. */
  readonly logBackward: Tensor;
  /** log R of the batch at the end, [S]: JMI / T. */
  readonly logReward: Tensor;
  /** log F of the states of sizes 0 … b, [S, b + 1]: log Z first, the reward last. */
  readonly logFlow: Tensor;
  /** log Σ of the flows into the states after each step, [S, b]. Costs b times the scoring: made where it is asked for. */
  readonly logInflow: () => Tensor;
}

/** A training objective. */
export interface Objective {
  readonly name: string;
  /** The loss, a scalar: a mean over trajectories. */
  readonly loss: (trajectories: ScoredTrajectories) => Tensor;
}
