/**
 * Imitation, a warm start by maximum likelihood: where exact draws from the target are at hand (a k-DPP at T = ½, a list of
 * all batches), a policy can be fitted to them before it is trained on its own trajectories,
 *
 *   loss = − mean over τ of Σ_t log P_F,    τ an exact draw in an order drawn from the backward policy
 *
 * whose minimum is the exact policy too: it is KL(target · P_B ‖ P_F) up to a constant. Unlike training on the policy's own
 * trajectories it sees every mode of the target from the first step.
 */
import { gather, add, cast, div, input, iota, mul, neg, sub, sum } from '../tensor/operations.js';
import { mean } from '../tensor/derived/softmax.js';
import { program, type Program } from '../tensor/program.js';
import { modelInputs, samplerOf, type Model } from './model.js';
import { follow } from './rollout.js';
import { update, updateInputs } from './update.js';
import { logForwardOf } from './visits.js';

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
  const sampler = samplerOf(model, given);
  const orders = input('orders', 'u32', [count, model.shape.batchSize]);
  const place = add(mul(cast(own.steps, 'u32'), trajectories), iota('u32', [trajectories], 0));
  const rows = sub(place, mul(div(place, count), count));
  const loss = neg(mean(sum(logForwardOf(sampler, follow(sampler, gather(orders, rows))), [1])));
  return program({ loss }, update(model, given.parameters, loss, own), Object.values(given));
};
