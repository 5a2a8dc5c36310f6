/**
 * Detailed balance (Bengio et al. 2023, "GFlowNet foundations", arXiv 2111.09266):
 *
 *   loss = mean over all steps of ( log F(s_t) + log P_F − log F(s_{t+1}) − log P_B )²,   F = R at the last state
 */
import { meanWhere } from '../../tensor/derived/softmax.js';
import { mul, slice, sub } from '../../tensor/operations.js';
import type { Objective } from '../objective.js';
import { potentials } from './potentials.js';

/** Detailed balance, with learned state flows. */
export const detailedBalance: Objective = {
  learnsFlows: true,
  loss: (trajectories) => {
    const phi = potentials(trajectories);
    const [count = 1, states = 2] = phi.shape;
    const residual = sub(slice(phi, [0, 0], [count, states - 1]), slice(phi, [0, 1], [count, states - 1]));
    return meanWhere(slice(trajectories.reached, [0, 1], [count, states - 1]), mul(residual, residual));
  },
};
