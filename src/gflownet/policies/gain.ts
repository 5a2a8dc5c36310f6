/**
 * `gain`: greedy BatchBALD as a distribution, looking ahead to first order, and corrected.
 *
 *   logit(n | s) = gain(n | s) / T − toll(n | s) + key(n) · query(s) / √H + Σ_p c_p(s) ψ_p(n | s)
 *
 * The exact policy adds to gain / T the log of what the rest of the batch can still bring once n has joined. The toll
 * is the first-order fall of that: the part of the pool's remaining variance that n would explain. With K = Φ Φᵀ and the
 * influence i_n = Σ_j K_nj² / K_nn² (about the number of points that n speaks for), and supposing that covariances
 * shrink with the variance of n,
 *
 *   toll(n | s) = (b − k − 1) / (2T) · i_n v_n² / (1 + v_n) / Σ_j (1 + v_j)
 *
 * which at T = ½ is the fall of log e_{b−k−1} ≈ (b − k − 1) log Σ_j (1 + v_j), the elementary symmetric polynomial that
 * counts completions (Kulesza and Taskar 2012, arXiv 1207.6083, section 5). The rest is learned and zero at start: last
 * layers are zero. ψ are the gain, its square, v / (1 + v) and the toll.
 */
import { dense } from '../../tensor/derived/matrix.js';
import type { Tensor } from '../../tensor/expression.js';
import {
  add,
  concat,
  div,
  matmul,
  mul,
  reshape,
  slice,
  sub,
  sum,
  tanh,
  transpose,
} from '../../tensor/operations.js';
import { weights, zeros, type Parameters } from '../../nn/parameters.js';
import { gainOf } from '../../reward/conditional-variance.js';
import { densePoints, type Points, type Policy } from '../policy.js';
import { atTemperature, temperatureParameters } from './temperature.js';

/** Functions of the gain that the correction may weigh by state. */
const gainFeatures = 4;

const specs = (inputs: number, hidden: number) => ({
  point1: weights(inputs, hidden, Math.sqrt(inputs)),
  point1Bias: zeros(hidden),
  key: weights(hidden, hidden),
  member: weights(hidden, hidden),
  query1: weights(hidden + 1, hidden),
  query1Bias: zeros(hidden),
  query2: zeros(hidden, hidden + gainFeatures),
  query2Bias: zeros(hidden + gainFeatures),
  ...temperatureParameters(hidden),
});

type Specs = ReturnType<typeof specs>;

/** i_n = Σ_j K_nj² / K_nn² of whitened features [N, D] → [N]; zero features have influence zero. */
const influence = (whitened: Tensor): Tensor => {
  const gram = matmul(transpose(whitened), whitened);
  const squares = sum(mul(matmul(whitened, gram), whitened), [1]);
  const own = add(sum(mul(whitened, whitened), [1]), 1e-12);
  return div(squares, mul(own, own));
};

/** R points → [R, H]. */
const embedding = (p: Parameters<Specs>, points: Points): Tensor =>
  tanh(densePoints(points, p.point1, p.point1Bias));

/** The default policy. */
export const gain: Policy = {
  name: 'gain',
  parameters: ({ inputs, hidden }) => specs(inputs, hidden),
  members: (parameters, points) => {
    const p = parameters as Parameters<Specs>;
    return matmul(embedding(p, points), p.member);
  },
  candidates: (parameters, { points }) => {
    const p = parameters as Parameters<Specs>;
    return matmul(embedding(p, points), p.key);
  },
  logits: (
    parameters,
    candidates,
    { aggregate, variances, filled, remaining },
    { whitened, inverseTemperature, place },
  ) => {
    const p = parameters as Parameters<Specs>;
    const [count = 1, width = 1] = aggregate.shape;
    const state = tanh(
      atTemperature(p, dense(concat([aggregate, filled], 1), p.query1, p.query1Bias), place),
    );
    const query = dense(state, p.query2, p.query2Bias);
    const weight = (i: number): Tensor => slice(query, [0, width + i], [count, 1]);
    const ofKey = slice(query, [0, 0], [count, width]);
    const residual = matmul(mul(ofKey, 1 / Math.sqrt(width)), transpose(candidates));

    const gains = gainOf(variances);
    const spread = add(1, variances);
    const shrinkage = div(variances, spread);
    const explained = mul(mul(variances, shrinkage), influence(whitened));
    const rate = div(mul(mul(remaining, 0.5), inverseTemperature), reshape(sum(spread, [1]), [count, 1]));
    const ofGain = mul(gains, add(add(weight(0), inverseTemperature), mul(gains, weight(1))));
    const ofToll = mul(explained, mul(rate, sub(weight(3), 1)));
    return add(add(residual, ofGain), add(mul(shrinkage, weight(2)), ofToll));
  },
};
