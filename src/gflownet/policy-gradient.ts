/**
 * The gradient of a loss by way of the steps' log-probabilities,
 *
 *   Σ_t Σ_τ w_tτ ∂ log P_F(n_t | s_t) / ∂ θ,    w = ∂ loss / ∂ log P_F
 *
 * taken a step at a time, so that nothing of S · b · N numbers is ever held: each step's S · N logits are derived alone, what
 * they give to the embeddings of candidates and to the aggregates of states is summed up, and one pass takes that back
 * through the embeddings. With respect to the logits of a step it is
 *
 *   w_tτ ( [n = n_t] − P_F(n | s_t) )
 *
 * Where the S · N numbers of all b steps together would be many, only those of P_F are kept since the rollout; the states are
 * walked again, each just before its step is derived.
 */
import { oneHotMask } from '../tensor/derived/matrix.js';
import { logSoftmaxAt } from '../tensor/derived/log-softmax-at.js';
import { exponentials, lowestFinite } from '../tensor/derived/softmax.js';
import type { Tensor } from '../tensor/expression.js';
import { zerosLike } from '../tensor/derivatives.js';
import { cotangentsOf, pullback } from '../tensor/gradient.js';
import {
  add,
  concat,
  div,
  less,
  mul,
  reshape,
  select,
  slice,
  stopGradient,
  sub,
} from '../tensor/operations.js';
import { allowedActions, type Subsets } from './environment.js';
import { stateNumbersOf } from './policy.js';
import { follow, logitsAt, type Sampler, type Trace, type Trajectories } from './rollout.js';
import { aggregates, bySize } from './visits.js';

/** Numbers of all steps that are kept from the rollout: 64 MiB in f32 for each tensor of a state. */
const maxKept = 2 ** 24;

/** Whether the states of b steps of S trajectories, each of so many numbers, are too many to be kept. */
export const isLarge = (numbers: number, batchSize: number, trajectories: number): boolean =>
  numbers * batchSize * trajectories > maxKept;

const stepsAndTrajectories = ({ shape: [count = 1, length = 1] }: Tensor): [number, number] => [
  length,
  count,
];

/** w ([n = action] − P_F(n | s)), [S, A], for weights and actions [S]. */
const cotangentOf = (sampler: Sampler, state: Subsets, actions: Tensor, weights: Tensor): Tensor => {
  const logits = logitsAt(sampler, state);
  const [count = 1, size = 1] = logits.shape;
  const { terms, total } = exponentials(logits, allowedActions(state, sampler.stopFrom));
  const column = (numbers: Tensor): Tensor => reshape(numbers, [count, 1]);
  return sub(select(oneHotMask(actions, size), column(weights), 0), mul(terms, column(div(weights, total))));
};

/** What the logits of a state give to the embeddings of candidates, to the state's aggregate, and to the policy's own parameters. */
const stateGradient = (detached: Sampler, state: Subsets, cotangent: Tensor) => {
  const { candidates } = detached;
  const [ofCandidates, ofAggregate, ...ofParameters] = cotangentsOf(
    [logitsAt(detached, state)],
    [cotangent],
    [candidates, state.aggregate, ...Object.values(detached.parameters)],
  );
  return {
    ofParameters,
    ofCandidates: ofCandidates ?? zerosLike(candidates),
    ofAggregate: ofAggregate ?? zerosLike(state.aggregate),
  };
};

/** The sum of those that are there, if any. */
const total = (tensors: readonly (Tensor | undefined)[]): Tensor | undefined =>
  tensors.reduce((sums, next) =>
    sums === undefined || next === undefined ? (sums ?? next) : add(sums, next),
  );

/** What the weights of log-probabilities give to the embeddings of candidates, to aggregates [S·b, E], and to own parameters. */
interface Shares {
  readonly ofCandidates: Tensor;
  readonly ofAggregates: Tensor;
  readonly ofParameters: readonly (Tensor | undefined)[];
}

/** A step at a time. */
const stepByStep = (sampler: Sampler, drawn: Trajectories, weights: Tensor, large: boolean): Shares => {
  const { actions } = drawn;
  const [count = 1, length = 1] = actions.shape;
  // Other nodes for the same values: nothing of the first walk has to be kept for them.
  const states = large ? follow(sampler, stopGradient(actions)).states : drawn.states;
  const perStep = states.map((state, step) => {
    const column = (table: Tensor): Tensor =>
      stopGradient(reshape(slice(table, [0, step], [count, 1]), [count]));
    const cotangent = cotangentOf(sampler, drawn.states[step] ?? state, column(actions), column(weights));
    return stateGradient(sampler, state, cotangent);
  });
  const parts = Object.values(sampler.parameters);
  const ofAggregates = concat(
    perStep.map(({ ofAggregate }) => reshape(ofAggregate, [count, 1, sampler.width])),
    1,
  );
  return {
    ofCandidates: total(perStep.map(({ ofCandidates }) => ofCandidates)) ?? zerosLike(sampler.candidates),
    ofAggregates: reshape(ofAggregates, [count * length, sampler.width]),
    // Each part of the parameters is summed up over all steps before it takes its place among the others.
    ofParameters: parts.map((_, i) => total(perStep.map(({ ofParameters }) => ofParameters[i]))),
  };
};

/** All steps at once, of their trace. */
const together = (
  sampler: Sampler,
  { actions, states }: Trajectories,
  { logits, variances }: Trace,
  weights: Tensor,
): Shares => {
  const { policy, parameters, candidates, pool, batchSize } = sampler;
  const [count = 1, length = 1] = actions.shape;
  const rows = count * length;
  const leaf = stopGradient(logits);
  const logForward = logSoftmaxAt(leaf, undefined, reshape(actions, [rows]));
  const [cotangent] = pullback([logForward], [stopGradient(reshape(weights, [rows]))], [leaf]);
  const aggregate = stopGradient(aggregates(sampler, { actions, states }));
  const visits = { actions, states };
  const seen = {
    ...{ aggregate, variances, picks: batchSize, shares: undefined },
    allowed: less(lowestFinite(logits.dtype), logits),
    filled: bySize(sampler, visits, (size) => size / batchSize),
    remaining: bySize(sampler, visits, (size) => batchSize - size - 1),
  };
  const [ofCandidates, ofAggregates, ...ofParameters] = cotangentsOf(
    [policy.logits(parameters, candidates, seen, pool)],
    [cotangent],
    [candidates, aggregate, ...Object.values(parameters)],
  );
  return {
    ofParameters,
    ofCandidates: ofCandidates ?? zerosLike(candidates),
    ofAggregates: ofAggregates ?? zerosLike(aggregate),
  };
};

/**
 * The gradient [parameters] for weights [S, b]: `drawn` are trajectories of the detached sampler, `attached` the same sampler with
 * derivatives through its embeddings; `large` says that states are walked again.
 */
export const policyGradient = (
  attached: Sampler,
  detached: Sampler,
  drawn: Trajectories,
  weights: Tensor,
  parameters: Tensor,
  large = isLarge(
    stateNumbersOf(detached.policy, detached.prior.features.shape[0] ?? 1),
    ...stepsAndTrajectories(drawn.actions),
  ),
): Tensor => {
  const { actions, states, trace } = drawn;
  const { ofCandidates, ofAggregates, ofParameters } =
    trace === undefined
      ? stepByStep(detached, drawn, weights, large)
      : together(detached, drawn, trace, weights);
  const through = (outputs: readonly Tensor[], cotangents: readonly (Tensor | undefined)[]): Tensor =>
    pullback(
      outputs,
      outputs.map((output, i) => cotangents[i] ?? zerosLike(output)),
      [parameters],
    )[0];
  const used = Object.values(detached.parameters).flatMap((part, i) =>
    ofParameters[i] === undefined ? [] : [{ part, sum: ofParameters[i] }],
  );
  // What candidates and members are given meets in the embeddings of points, so that these are taken back once.
  return add(
    through([attached.candidates, aggregates(attached, { actions, states })], [ofCandidates, ofAggregates]),
    through(
      used.map(({ part }) => part),
      used.map(({ sum }) => sum),
    ),
  );
};
