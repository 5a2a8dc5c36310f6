/**
 * Imitation, a warm start by maximum likelihood: where exact draws from the target are at hand (a k-DPP at T = ½, a list of
 * all batches), a policy can be fitted to them before it is trained on its own trajectories,
 *
 *   loss = − mean over τ of Σ_t log P_F,    τ an exact draw in an order drawn from the backward policy
 *
 * whose minimum is the exact policy too: it is KL(target · P_B ‖ P_F) up to a constant. Unlike training on the policy's own
 * trajectories it sees every mode of the target from the first step.
 */
import { add, cast, div, filled, gather, input, iota, mul, neg, sub, sum } from '../tensor/operations.js';
import { mean } from '../tensor/derived/softmax.js';
import { program, type Program } from '../tensor/program.js';
import { modelInputs, samplerOf, type Model } from './model.js';
import { policyGradient } from './policy-gradient.js';
import { follow, held } from './rollout.js';
import { update, updateInputs } from './update.js';

/** How to imitate. */
export interface ImitationOptions {
  readonly iterations: number;
  /** Orders a step; steps go through the given ones again and again. */
  readonly trajectories: number;
  /** Adam's rate at the first step; it falls to zero along half a cosine. */
  readonly learningRate: number;
}

/** The program of one step; `loss` is the mean of −log P_F, nats. Input `orders`: u32 [count, b], N after an early end. */
export const imitationProgram = (
  model: Model,
  count: number,
  { trajectories }: ImitationOptions,
): Program => {
  const given = modelInputs(model);
  const own = updateInputs(model);
  const live = samplerOf(model, given);
  const sampler = held(live);
  const orders = input('orders', 'u32', [count, model.shape.batchSize]);
  const place = add(mul(cast(own.steps, 'u32'), trajectories), iota('u32', [trajectories], 0));
  const rows = sub(place, mul(div(place, count), count));
  const taught = follow(sampler, gather(orders, rows));
  const loss = neg(mean(sum(taught.logForward, [1])));
  const weights = filled(-1 / trajectories, model.shape.dtype, taught.actions.shape);
  const slope = policyGradient(live, sampler, taught, weights, given.parameters);
  return program({ loss }, update(model, given.parameters, slope, own), Object.values(given));
};
