/**
 * How far is a policy from its target, as draws of the target see it? Batches that follow the target become trajectories by
 * orders from the backward policy; with w = R · P_B / P_F of each,
 *
 *   EUBO = mean log w ≥ log Z
 *
 * which sees what the policy never draws. Source: Blessing et al., Beyond ELBOs (2024), arXiv 2406.07423. Where the two overlap
 * log Z itself follows by bridge sampling (bridge.ts).
 */
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { Key } from '../random/key.js';
import type { TypedArray } from '../tensor/expression.js';
import { bridgeEstimate, type LogPartitionEstimate } from './bridge.js';
import type { Model } from './model.js';
import { drawOrders } from './orders.js';
import { logReward, type Problem } from './problem.js';
import { logRatiosOfOrders } from './sample.js';

/** A policy on a problem, on an engine. */
export interface PolicyAt {
  readonly engine: Engine;
  readonly model: Model;
  readonly problem: Problem;
  readonly parameters: TypedArray;
}

/** log w of batches in orders from the backward policy, nats. The same key gives the same orders. Fails where the engine does. */
export const logWeightsOf = (
  { engine, model, problem, parameters }: PolicyAt,
  batches: readonly (readonly number[])[],
  key: Key,
): TE.TaskEither<Failure, Float64Array> =>
  pipe(
    drawOrders(engine, model, problem, parameters, batches, key),
    TE.chain((orders) => logRatiosOfOrders(engine, model, problem, parameters, orders)),
    TE.map((ratios) => ratios.map((ratio, i) => ratio + logReward(problem, batches[i] ?? []))),
  );

/** The mean of log weights: the ELBO of a policy's own trajectories, the EUBO of the target's. Nats. */
export const meanLogWeight = (logWeights: Float64Array): number =>
  logWeights.reduce((sum, x) => sum + x / logWeights.length, 0);

/** EUBO − ELBO in nats up to which a bridge between a policy and its target is trusted, and the error that it may have. */
const overlap = { gap: 6, error: 0.1 };

/** By how much less than independent draws two of a chain tell, two sweeps apart: at most, on the pools measured. */
const correlation = 2;

/**
 * log Z by a bridge, from log weights (nats) of the policy's own trajectories and of certified draws of the target; none where
 * the two do not overlap enough.
 */
export const trustedBridge = (
  ofPolicy: Float64Array,
  ofTarget: Float64Array,
): O.Option<LogPartitionEstimate> =>
  pipe(
    bridgeEstimate(ofPolicy, ofTarget, correlation),
    O.fromPredicate(
      ({ standardError }) =>
        meanLogWeight(ofTarget) - meanLogWeight(ofPolicy) <= overlap.gap && standardError <= overlap.error,
    ),
  );
