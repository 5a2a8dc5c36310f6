/**
 * Consistent Monte Carlo dropout: S draws of one network, each with hidden units left out by a mask that is drawn once and kept,
 * so that a draw is a fixed function of a row,
 *
 *   f_s(x) = f(x; a ↦ m_s ⊙ a / (1 − p)),     m_s ∈ {0, 1}^H,   P(m = 0) = p
 *
 * A mask of a layer's units is one of the next layer's rows of weights: draw s is a network of the same shape whose W has those
 * rows at zero and the others divided by 1 − p. So draws are members, and nothing else has to know of dropout.
 *
 * Source: Gal and Ghahramani (2016), arXiv 1506.02142; masks that are kept, Kirsch et al. (2019), arXiv 1906.08158.
 */
import { type Key, split, uniforms } from '../../random/key.js';
import { type NetworkShape, networkSize } from './layers.js';

/** p. From 0.02 to 0.2 the log predictive density differs less by it than by the seed, on the data named in layers.ts. */
export const dropoutRate = 0.1;

/** The flat parameters [S·P] of S draws of one network with parameters [P]. */
export const dropoutDraws = (
  shape: NetworkShape,
  parameters: ArrayLike<number>,
  draws: number,
  key: Key,
): Float64Array => {
  const size = networkSize(shape);
  const all = new Float64Array(draws * size);
  for (let s = 0; s < draws; s++) {
    const own = all.subarray(s * size, (s + 1) * size);
    own.set(Array.from(parameters));
    // Past the first layer.
    let offset = (shape.inputs + 1) * (shape.hidden[0] ?? NaN);
    shape.hidden.forEach((units, layer) => {
      const to = shape.hidden[layer + 1] ?? shape.outputs;
      const u = uniforms(split(split(key, s), layer), units);
      for (let k = 0; k < units * to; k++) {
        const kept = (u[Math.floor(k / to)] ?? NaN) >= dropoutRate;
        own[offset + k] = kept ? (own[offset + k] ?? NaN) / (1 - dropoutRate) : 0;
      }
      offset += (units + 1) * to;
    });
  }
  return all;
};
