/**
 * Sub-trajectory balance (Madan et al. 2023, arXiv 2209.12782): all pieces of a trajectory, weighed by their length,
 *
 *   loss = mean over τ of Σ_{i<j} w_ij ( a_i − a_j )²,   w_ij = λ^(j−i) / Σ_{i<j} λ^(j−i)
 *
 * over the states that τ reached, with the potentials a of src/gflownet/objectives/potentials.ts.
 */
import { mean } from '../../tensor/derived/softmax.js';
import { cast, constant, div, mul, reshape, sub, sum } from '../../tensor/operations.js';
import type { Objective } from '../objective.js';
import { potentials } from './potentials.js';

/** Sub-trajectory balance with geometric weights λ in (0, 1], with learned state flows. */
export const subTrajectoryBalanceWith = (lambda: number): Objective => ({
  learnsFlows: true,
  loss: (trajectories) => {
    const phi = potentials(trajectories);
    const [count = 1, states = 2] = phi.shape;
    const weights = Array.from({ length: states * states }, (_, at) => {
      const apart = (at % states) - Math.floor(at / states);
      return apart > 0 ? lambda ** apart : 0;
    });
    const gaps = sub(reshape(phi, [count, states, 1]), reshape(phi, [count, 1, states]));
    // A piece counts where its later end was reached.
    const reached = cast(reshape(trajectories.reached, [count, 1, states]), phi.dtype);
    const own = mul(constant(weights, phi.dtype, [states, states]), reached);
    return mean(div(sum(mul(mul(gaps, gaps), own), [1, 2]), sum(own, [1, 2])));
  },
});

/** Sub-trajectory balance with λ = 0.9. */
export const subTrajectoryBalance: Objective = subTrajectoryBalanceWith(0.9);
