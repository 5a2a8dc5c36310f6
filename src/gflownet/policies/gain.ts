/**
 * `gain`: greedy BatchBALD as a distribution, corrected.
 *
 *   logit(n | s) = gain(n | s) / T + key(n) · query(s) + Σ_p ψ_p(gain(n | s)) c_p(s)
 *
 * The correction is zero at start (last layers are zero), so an untrained policy is softmax-greedy BatchBALD. The exact
 * policy's correction is the log of what the rest of the batch can still bring once n has joined.
 */
import { dense } from '../../tensor/derived/matrix.js';
import type { Tensor } from '../../tensor/expression.js';
import { add, concat, exp, matmul, mul, slice, sub, tanh, transpose } from '../../tensor/operations.js';
import { weights, zeros, type Parameters } from '../../nn/parameters.js';
import type { Policy } from '../policy.js';

/** Functions of the gain that the correction may weigh by state. */
const gainFeatures = 3;

const specs = (inputs: number, hidden: number) => ({
  point1: weights(inputs, hidden, Math.sqrt(inputs)),
  point1Bias: zeros(hidden),
  key: weights(hidden, hidden),
  member: weights(hidden, hidden),
  query1: weights(hidden + 1, hidden),
  query1Bias: zeros(hidden),
  query2: zeros(hidden, hidden + gainFeatures),
  query2Bias: zeros(hidden + gainFeatures),
});

type Specs = ReturnType<typeof specs>;

/** The default policy. */
export const gain: Policy = {
  name: 'gain',
  parameters: ({ inputs, hidden }) => specs(inputs, hidden),
  embed: (parameters, { points }) => {
    const p = parameters as Parameters<Specs>;
    const hidden = tanh(dense(points, p.point1, p.point1Bias));
    return { members: matmul(hidden, p.member), candidates: matmul(hidden, p.key) };
  },
  logits: (parameters, { candidates }, { aggregate, gains, filled }, { inverseTemperature }) => {
    const p = parameters as Parameters<Specs>;
    const [count = 1, width = 1] = aggregate.shape;
    const state = tanh(dense(concat([aggregate, filled], 1), p.query1, p.query1Bias));
    const query = dense(state, p.query2, p.query2Bias);
    const residual = matmul(slice(query, [0, 0], [count, width]), transpose(candidates));
    const weight = (i: number): Tensor => slice(query, [0, width + i], [count, 1]);
    // 1 − e^(−2 gain) = v / (1 + v): how far a point's variance would fall.
    const shrinkage = sub(1, exp(mul(gains, -2)));
    const ofGain = mul(gains, add(weight(0), add(mul(gains, weight(1)), inverseTemperature)));
    return add(add(residual, ofGain), mul(shrinkage, weight(2)));
  },
};

