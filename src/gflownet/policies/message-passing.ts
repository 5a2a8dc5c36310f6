/**
 * `messagePassing`: a policy that sees a pool only by the pairwise redundancies of its candidates, so that it needs no
 * training on a posterior that is new to it. Its network stands in lattice-gas.ts; here is what it is given,
 *
 *   C(s) = Φ Φᵀ − Σ_j (Φ d_j)(Φ d_j)ᵀ
 *
 * by the directions d_j of the members (src/reward/conditional-variance.ts). A rotation of Φ, a permutation of the points and
 * columns of zeros change nothing, and the parameters depend on neither N, D, b nor T. A state takes O(N²) numbers and time.
 */
import type { Parameters } from '../../nn/parameters.js';
import {
  broadcast,
  filled,
  matmul,
  reshape,
  slice,
  stopGradient,
  sub,
  transpose,
} from '../../tensor/operations.js';
import type { Policy, StateView } from '../policy.js';
import { latticeLogits, latticeSpecs } from './lattice-gas.js';

/** One of S states that are alike. */
const first = (states: StateView): StateView => {
  const row = (tensor: StateView['variances']): StateView['variances'] =>
    slice(tensor, [0, 0], [1, tensor.shape[1] ?? 1]);
  const { aggregate, variances, allowed, filled: part, remaining } = states;
  return {
    aggregate: row(aggregate),
    variances: row(variances),
    allowed: row(allowed),
    filled: row(part),
    remaining: row(remaining),
    directions: undefined,
  };
};

/** A message-passing network over redundancies. */
export const messagePassing: Policy = {
  name: 'messagePassing',
  reach: { wholePool: 300, candidates: 200 },
  stateNumbers: (poolSize) => 5 * poolSize * poolSize,
  parameters: ({ hidden }) => latticeSpecs(hidden),
  // It sees members by what they leave of candidates.
  members: (parameters, { rows }) => {
    const { head } = parameters as Parameters<ReturnType<typeof latticeSpecs>>;
    return filled(0, head.dtype, [rows.shape[0] ?? 1, head.shape[1] ?? 1]);
  },
  candidates: (_, { whitened }) => matmul(whitened, transpose(whitened)),
  logits: (parameters, candidates, states, pool) => {
    const [count = 1, size = 1] = states.variances.shape;
    // Empty states are alike.
    if (states.directions === undefined && count > 1)
      return broadcast(messagePassing.logits(parameters, candidates, first(states), pool), [count, size]);
    const gram = reshape(candidates, [1, size, size]);
    const shares =
      states.directions === undefined ? undefined : matmul(states.directions, transpose(pool.whitened));
    const covariance = shares === undefined ? gram : sub(gram, matmul(transpose(shares), shares));
    return latticeLogits(parameters, {
      // No derivative goes to what is data.
      covariance: stopGradient(covariance),
      variances: stopGradient(states.variances),
      allowed: states.allowed,
      remaining: states.remaining,
      inverseTemperature: pool.inverseTemperature,
    });
  },
};
