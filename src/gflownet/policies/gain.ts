/**
 * `gain`: greedy BatchBALD as a distribution, softened by the points that are still to come, and corrected.
 *
 *   logit(n | s) = share(n | s) / T + key(n) · query(s) / √H + Σ_p c_p(s) ψ_p(n | s) / T
 *
 * The exact policy adds to gain / T the log of what the rest of the batch can still bring once n has joined. Points alike take
 * gain from each other, the more of it in units of T the lower T is: where the gain counts for much, a point keeps of it what
 * is left when the r = b − k − 1 points to come have each had as much,
 *
 *   share = gain / (1 + r m),    m = (gain / T) / (20 + gain / T)
 *
 * between gain / (1 + r) and the gain itself, which it is at the last point: no state makes it certain of anything that the
 * gain is not. Measured on a one-dimensional Matérn pool of 100 points, b = 10, before training: at T = ½ log Z − ELBO is 0.4
 * nats and the effective sample size 0.47, at T = 0.15 1.9 and 0.06 (untempered gain: 1.8 and 0.02; 20 is the best of 1, 8,
 * 20, 40). The rest is learned and zero at start, its last layer being zero. ψ are the share, the gain and v / (1 + v), in
 * units of T as what they correct.
 */
import { dense } from '../../tensor/derived/matrix.js';
import type { Tensor } from '../../tensor/expression.js';
import { add, concat, div, matmul, mul, slice, tanh, transpose } from '../../tensor/operations.js';
import { weights, zeros } from '../../nn/parameters.js';
import { gainOf } from '../../reward/conditional-variance.js';
import type { Policy } from '../policy.js';
import { embedding, embeddingParameters } from './embedding.js';
import { atTemperature, temperatureParameters } from './temperature.js';

/** Functions of the gain that the correction may weigh by state. */
const gainFeatures = 3;

/** The gain, in units of T, at which a point keeps half as much less. */
const half = 20;

const specs = (inputs: number, hidden: number) => ({
  ...embeddingParameters(inputs, hidden),
  key: weights(hidden, hidden),
  member: weights(hidden, hidden),
  query1: weights(hidden + 1, hidden),
  query1Bias: zeros(hidden),
  query2: weights(hidden, hidden),
  query2Bias: zeros(hidden),
  query3: zeros(hidden, hidden + gainFeatures),
  query3Bias: zeros(hidden + gainFeatures),
  ...temperatureParameters(hidden),
});

type Specs = ReturnType<typeof specs>;

/** The default policy. */
export const gain: Policy<Specs> = {
  defaults: { hidden: 32, learningRate: 0.01 },
  fused: 0,
  parameters: ({ inputs, hidden }) => specs(inputs, hidden),
  embed: embedding,
  members: (p, embedded) => matmul(embedded, p.member),
  candidates: (p, embedded) => matmul(embedded, p.key),
  logits: (
    p,
    candidates,
    { aggregate, variances, filled, remaining },
    { inverseTemperature, temperatureCode },
  ) => {
    const [count = 1, width = 1] = aggregate.shape;
    const first = tanh(
      atTemperature(p, dense(concat([aggregate, filled], 1), p.query1, p.query1Bias), temperatureCode),
    );
    const second = tanh(dense(first, p.query2, p.query2Bias));
    const query = dense(second, p.query3, p.query3Bias);
    const weight = (i: number): Tensor => slice(query, [0, width + i], [count, 1]);
    const ofKey = slice(query, [0, 0], [count, width]);
    const residual = matmul(mul(ofKey, 1 / Math.sqrt(width)), transpose(candidates));

    const gains = mul(gainOf(variances), inverseTemperature);
    const shares = div(gains, add(1, mul(remaining, div(gains, add(half, gains)))));
    const shrinkage = mul(div(variances, add(1, variances)), inverseTemperature);
    const ofGain = add(mul(shares, add(1, weight(0))), mul(gains, weight(1)));
    return add(residual, add(ofGain, mul(shrinkage, weight(2))));
  },
};
