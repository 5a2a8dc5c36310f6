/**
 * Log-partition variance, VarGrad (Richter et al. 2020, arXiv 2010.10436; Zhang et al. 2023, arXiv 2302.05446):
 *
 *   ζ(τ) = log R + Σ_t log P_B − Σ_t log P_F        loss = mean over τ of ( ζ(τ) − mean ζ )²
 *
 * Each ζ is an estimate of log Z; where all agree the policy is exact. No log Z is learned.
 */
import { mean } from '../../tensor/derived/softmax.js';
import { add, mul, sub, sum } from '../../tensor/operations.js';
import type { Objective } from '../objective.js';

/** The variance of the trajectories' log-partition estimates. */
export const logPartitionVariance: Objective = {
  learnsFlows: false,
  loss: ({ logForward, logBackward, logReward }) => {
    const estimate = add(logReward, sum(sub(logBackward, logForward), [1]));
    const deviation = sub(estimate, mean(estimate));
    return mean(mul(deviation, deviation));
  },
};
