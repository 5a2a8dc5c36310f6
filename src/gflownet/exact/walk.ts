/** A batch drawn by walking along exact flows: at each state the next action from the exact policy. */
import { split, uniforms, type Key } from '../../random/key.js';
import { exactLogPolicy, type ExactFlows } from './flows.js';

/** The action of a policy in logarithms at a uniform number u: the first whose cumulative probability is above u. */
const actionAt = (logPolicy: Float64Array, u: number): number => {
  let left = u;
  let last = 0;
  for (let action = 0; action < logPolicy.length; action++) {
    const p = Math.exp(logPolicy[action] ?? -Infinity);
    if (p > 0) last = action;
    left -= p;
    if (left < 0) return action;
  }
  // Rounding may leave a little over.
  return last;
};

/** One batch, its points in the order in which they joined; it comes with its probability under the target. */
export const walkAlongFlows = (flows: ExactFlows, key: Key): readonly number[] => {
  const { poolSize, sizes } = flows.order;
  const batch: number[] = [];
  while (batch.length < sizes[1]) {
    const [u = 0] = uniforms(split(key, batch.length), 1);
    const action = actionAt(exactLogPolicy(flows, batch), u);
    if (action === poolSize) break;
    batch.push(action);
  }
  return batch;
};
