/**
 * The gradient of a loss by way of the steps' log-probabilities,
 *
 *   Σ_t Σ_τ w_tτ ∂ log P_F(n_t | s_t) / ∂ θ,    w = ∂ loss / ∂ log P_F
 *
 * taken a step at a time, so that nothing of S · b · N numbers is ever held: each step's S · N logits are derived alone, what
 * they give to the embeddings of candidates and to the aggregates of states is summed up, and one pass takes that back
 * through the embeddings. Where even the S · N numbers of all b steps together would be many, each step is walked again just
 * before it is derived, instead of being kept since the rollout.
 */
import { sizeOf, type Tensor } from '../tensor/expression.js';
import { gradient, pullback } from '../tensor/gradient.js';
import { add, concat, mul, reshape, slice, stopGradient, sum } from '../tensor/operations.js';
import { follow, type Sampler, type Trajectories } from './rollout.js';
import { aggregates } from './visits.js';

/** Numbers of all steps that are kept from the rollout: 64 MiB in f32 for each tensor of a state. */
const mostKept = 2 ** 24;

/**
 * The gradient [parameters] for weights [S, b]: `drawn` are trajectories of the held sampler, `live` the same sampler with
 * derivatives through its embeddings.
 */
export const policyGradient = (
  live: Sampler,
  held: Sampler,
  drawn: Trajectories,
  weights: Tensor,
  parameters: Tensor,
): Tensor => {
  const { actions } = drawn;
  const [count = 1, length = 1] = actions.shape;
  const many = sizeOf(actions.shape) * (held.features.shape[0] ?? 1) > mostKept;
  // Other nodes for the same values: nothing of the first walk has to be kept for them.
  const walked = many ? follow(held, stopGradient(actions)) : drawn;
  const { candidates } = held;
  const perStep = walked.states.map(({ aggregate }, step) => {
    const own = stopGradient(reshape(slice(weights, [0, step], [count, 1]), [count]));
    const [ofParameters = own, ofCandidates = own, ofAggregate = own] = gradient(
      sum(mul(own, walked.stepLogs[step] ?? own)),
      [parameters, candidates, aggregate],
    );
    return { ofParameters, ofCandidates, ofAggregate };
  });
  const total = (part: 'ofParameters' | 'ofCandidates'): Tensor =>
    perStep.map((step) => step[part]).reduce((sums, next) => add(sums, next));
  const { width } = live;
  const ofAggregates = concat(
    perStep.map(({ ofAggregate }) => reshape(ofAggregate, [count, 1, width])),
    1,
  );
  const through = (output: Tensor, cotangent: Tensor): Tensor =>
    pullback([output], [cotangent], [parameters])[0] ?? parameters;
  // What candidates are given comes first, so that each step's numbers are summed up before the next step's are made.
  return add(
    through(live.candidates, total('ofCandidates')),
    add(
      through(
        aggregates(live, { actions, states: drawn.states }),
        reshape(ofAggregates, [count * length, width]),
      ),
      total('ofParameters'),
    ),
  );
};
