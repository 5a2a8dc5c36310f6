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
  /** The learned log-partition, a scalar; objectives that do not need it leave it alone. */
  readonly logZ: Tensor;
}

/** A training objective. */
export interface Objective {
  readonly name: string;
  /** Whether the loss reads `logZ`, so that it must be learned. */
  readonly learnsLogZ: boolean;
  /** The loss, a scalar: a mean over trajectories. */
  readonly loss: (trajectories: ScoredTrajectories) => Tensor;
}
