/**
 * `messagePassing`: a policy that sees a pool only by what its points tell of each other, so that it needs no training on a
 * posterior that is new to it. Its network stands in slot-network.ts; here is what it is given: K = Φ Φᵀ and, by the shares U of the
 * members (src/reward/conditional-variance.ts), with the conditional covariance C = K − Uᵀ U.
 *
 * A rotation of Φ, a permutation of the points and columns of zeros change nothing, and the parameters depend on neither N, D, b
 * nor T. A state takes O(b N) numbers and O(b² N) time, and O(N²) of both before the last pick but one.
 */
import { broadcast, filled, matmul, slice, stopGradient, transpose } from '../../tensor/operations.js';
import type { Policy, StateView } from '../policy.js';
import { networkLogits, networkSpecs } from './slot-network.js';

/** One of S states that are alike. */
const first = (states: StateView): StateView => {
  const row = (tensor: StateView['variances']): StateView['variances'] =>
    slice(tensor, [0, 0], [1, tensor.shape[1] ?? 1]);
  const { aggregate, variances, allowed, filled: part, remaining, picks } = states;
  return {
    aggregate: row(aggregate),
    variances: row(variances),
    allowed: row(allowed),
    filled: row(part),
    remaining: row(remaining),
    picks,
    shares: undefined,
  };
};

type Specs = ReturnType<typeof networkSpecs>;

/** A message-passing network over a greedy completion of the batch. */
export const messagePassing: Policy<Specs> = {
  defaults: { hidden: 30, learningRate: 0.01 },
  pretrained: true,
  reach: { wholePool: 300, candidates: 200 },
  stateNumbers: (poolSize) => 3 * poolSize * poolSize,
  parameters: ({ hidden }) => networkSpecs(hidden),
  embed: (_, { rows }) => rows,
  // It sees members by what they leave of candidates.
  members: (parameters, { shape: [count = 1] }) => {
    const { head } = parameters;
    return filled(0, head.dtype, [count, head.shape[1] ?? 1]);
  },
  candidates: (_, __, { whitened }) => matmul(whitened, transpose(whitened)),
  logits: (parameters, candidates, states, pool) => {
    const [count = 1, size = 1] = states.variances.shape;
    // Empty states are alike.
    if (states.shares === undefined && count > 1)
      return broadcast(messagePassing.logits(parameters, candidates, first(states), pool), [count, size]);
    const { shares } = states;
    return networkLogits(parameters, {
      // No derivative goes to what is data.
      gram: stopGradient(candidates),
      shares: shares === undefined ? undefined : stopGradient(shares),
      variances: stopGradient(states.variances),
      allowed: states.allowed,
      remaining: states.remaining,
      picks: states.picks,
      inverseTemperature: pool.inverseTemperature,
    });
  },
};
