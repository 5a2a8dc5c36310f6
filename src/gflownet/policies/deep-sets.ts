/**
 * `deepSets`: the paper's PoolNet (Malik et al. 2023, arXiv 2306.15058; Zaheer et al. 2017).
 *
 *   e(n) = W_e2 relu(W_e1 x_n + b_e1) + b_e2      E(s) = Σ_{m ∈ s} e(m)      p(n) likewise
 *   logit(n | s) = w_c2 · relu(W_c1 [p(n), E(s)] + b_c1) + b_c2
 *
 * The first layer of c is split into a candidate part, made once, and a state part, made once a state; only their sum
 * is formed for each pair.
 */
import { at } from '../../at.js';
import type { Tensor } from '../../tensor/expression.js';
import { dense } from '../../tensor/derived/matrix.js';
import { relu } from '../../tensor/derived/softmax.js';
import { add, concat, matmul, reshape, slice } from '../../tensor/operations.js';
import { weights, zeros } from '../../nn/parameters.js';
import { densePoints, type Policy } from '../policy.js';
import { atTemperature, temperatureParameters } from './temperature.js';

const specs = (inputs: number, hidden: number) => {
  const gain = Math.sqrt(2);
  return {
    e1: weights(inputs, hidden, Math.sqrt(inputs)),
    e1Bias: zeros(hidden),
    e2: weights(hidden, hidden, gain),
    e2Bias: zeros(hidden),
    p1: weights(inputs, hidden, Math.sqrt(inputs)),
    p1Bias: zeros(hidden),
    p2: weights(hidden, hidden, gain),
    p2Bias: zeros(hidden),
    c1: weights(2 * hidden, hidden, gain),
    c1Bias: zeros(hidden),
    c2: weights(hidden, 1),
    c2Bias: zeros(1),
    ...temperatureParameters(hidden),
  };
};

type Specs = ReturnType<typeof specs>;

/** Some columns of a table, from `first`. */
const columns = (table: Tensor, first: number, width: number): Tensor =>
  slice(table, [0, first], [table.shape[0] ?? 1, width]);

/** Sum of element embeddings, and a network of each (candidate, state) pair. */
export const deepSets: Policy<Specs> = {
  defaults: { hidden: 32, learningRate: 0.01 },
  parameters: ({ inputs, hidden }) => specs(inputs, hidden),
  // The first layers of e and p, side by side: one product with the features.
  embed: (p, points) => {
    return relu(densePoints(points, concat([p.e1, p.p1], 1), concat([p.e1Bias, p.p1Bias], 0)));
  },
  members: (p, embedded) => {
    return dense(columns(embedded, 0, p.e2.shape[0] ?? 1), p.e2, p.e2Bias);
  },
  candidates: (p, embedded) => {
    const width = p.e2.shape[1] ?? 1;
    const own = p.p2.shape[1] ?? 1;
    const candidates = dense(columns(embedded, p.e2.shape[0] ?? 1, p.p2.shape[0] ?? 1), p.p2, p.p2Bias);
    return add(matmul(candidates, slice(p.c1, [0, 0], [own, width])), p.c1Bias);
  },
  logits: (p, candidates, { aggregate }, { temperatureCode }) => {
    const [count = 1, width = 1] = aggregate.shape;
    const [size = 1, hidden = 1] = candidates.shape;
    const state = atTemperature(
      p,
      matmul(aggregate, slice(p.c1, [at(p.c1.shape, 0) - width, 0], [width, hidden])),
      temperatureCode,
    );
    const pairs = relu(add(reshape(state, [count, 1, hidden]), candidates));
    return reshape(dense(pairs, p.c2, p.c2Bias), [count, size]);
  },
};
