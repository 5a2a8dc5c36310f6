/**
 * Flow matching (Bengio et al. 2021, arXiv 2106.04399): what flows into a state flows out of it,
 *
 *   loss = mean over all states but the first of ( log Σ_{m ∈ s_t} F(s_t ∖ m) π(m | s_t ∖ m) − log F(s_t) )²,   F = R at the last state
 *
 * Edge flows are F(s) π(n | s), so that the flow out of a state is its own.
 */
import { meanWhere } from '../../tensor/derived/softmax.js';
import { mul, slice, sub } from '../../tensor/operations.js';
import type { Objective } from '../objective.js';

/** Flow matching, with learned state flows. */
export const flowMatching: Objective = {
  learnsFlows: true,
  loss: ({ logFlow, reached, logInflow }) => {
    const [count = 1, states = 2] = logFlow.shape;
    const residual = sub(logInflow(), slice(logFlow, [0, 1], [count, states - 1]));
    return meanWhere(slice(reached, [0, 1], [count, states - 1]), mul(residual, residual));
  },
};
