/**
 * `pointer`: logit(n | s) = query(s) · key(n) / √H (Vinyals, Fortunato and Jaitly 2015; Kool, van Hoof and Welling
 * 2019). It sees no gain: the reward is amortised into its weights, and a draw costs one product a candidate.
 */
import { dense } from '../../tensor/derived/matrix.js';
import { concat, matmul, mul, tanh, transpose } from '../../tensor/operations.js';
import { weights, zeros } from '../../nn/parameters.js';
import type { Policy } from '../policy.js';
import { embedding, embeddingParameters } from './embedding.js';
import { atTemperature, temperatureParameters } from './temperature.js';

const specs = (inputs: number, hidden: number) => ({
  ...embeddingParameters(inputs, hidden),
  key: weights(hidden, hidden),
  member: weights(hidden, hidden),
  query1: weights(hidden + 1, hidden),
  query1Bias: zeros(hidden),
  query2: weights(hidden, hidden),
  query2Bias: zeros(hidden),
  query3: weights(hidden, hidden),
  query3Bias: zeros(hidden),
  ...temperatureParameters(hidden),
});

type Specs = ReturnType<typeof specs>;

/** Query of the state against key of the candidate. */
export const pointer: Policy<Specs> = {
  defaults: { hidden: 64, learningRate: 0.003 },
  fused: 1,
  parameters: ({ inputs, hidden }) => specs(inputs, hidden),
  embed: embedding,
  members: (p, embedded) => matmul(embedded, p.member),
  candidates: (p, embedded) => matmul(embedded, p.key),
  logits: (p, candidates, { aggregate, filled }, { temperatureCode }) => {
    const first = tanh(
      atTemperature(p, dense(concat([aggregate, filled], 1), p.query1, p.query1Bias), temperatureCode),
    );
    const second = tanh(dense(first, p.query2, p.query2Bias));
    const query = dense(second, p.query3, p.query3Bias);
    return mul(matmul(query, transpose(candidates)), 1 / Math.sqrt(candidates.shape[1] ?? 1));
  },
};
