/**
 * Trajectory balance (Malkin et al. 2022, arXiv 2201.13259):
 *
 *   loss = mean over τ of ( log Z + Σ_t log P_F − log R − Σ_t log P_B )²
 */
import { mean } from '../../tensor/derived/softmax.js';
import { add, mul, slice, sub, sum } from '../../tensor/operations.js';
import type { Objective } from '../objective.js';

/** Trajectory balance, with a learned log Z. */
export const trajectoryBalance: Objective = {
  learnsFlows: true,
  loss: ({ logForward, logBackward, logReward, logFlow }) => {
    const [count = 1] = logReward.shape;
    const logZ = sum(slice(logFlow, [0, 0], [count, 1]), [1]);
    const residual = sub(add(logZ, sum(sub(logForward, logBackward), [1])), logReward);
    return mean(mul(residual, residual));
  },
};
