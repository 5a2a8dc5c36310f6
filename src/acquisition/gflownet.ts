/**
 * The GFlowNet strategy: train a policy on a posterior at any temperature and draw many batches from it. Chains of Gibbs updates
 * take those to draws that follow the target, with a certificate (certified.ts); beside them the policy's own figures say how
 * near it came by itself: ELBO, EUBO over the certified draws, effective sample size. The best batch drawn, or greedy's, is
 * improved by exchanges and proposed. The policy `messagePassing` begins with its pretrained weights and is not trained unless
 * iterations are given.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { defaultModel, defaultTraining } from '../gflownet/defaults.js';
import { forPool } from '../gflownet/model-file.js';
import type { Model } from '../gflownet/model.js';
import { drawOrders } from '../gflownet/orders.js';
import { logReward, type Problem } from '../gflownet/problem.js';
import { pretrainedPolicy } from '../gflownet/pretrained/pretrained.js';
import { bridgeEstimate } from '../gflownet/bridge.js';
import { batchesOf, draw, type Draws, logRatiosOfOrders } from '../gflownet/sample.js';
import { startTraining } from '../gflownet/start.js';
import { firstState, train } from '../gflownet/train.js';
import type { TrainingOptions } from '../gflownet/training-program.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { type Key, split } from '../random/key.js';
import type { TypedArray } from '../tensor/expression.js';
import { annealedLogPartition, certifiedBatches, isQuick } from './certified.js';
import { guidedProblem } from './guided.js';
import { improvedBatch } from './improved.js';
import type { LogPartition, Proposal, Strategy, StrategyOptions } from './strategy.js';
import {
  type Asked,
  askedOf,
  clock,
  importanceEstimate,
  proposalKeys,
  summaryOf,
  temperatureOf,
} from './summary.js';

/** The part of the iterations that a policy which was trained before is trained for, if no number is given. */
const resumedPart = 1 / 4;

/** Draws of a policy as chains have left them. */
type Followed = Pick<Proposal, 'certificate' | 'logPartition'> & {
  readonly batches: readonly (readonly number[])[];
};

/** A policy on a problem, on an engine. */
interface PolicyAt {
  readonly engine: Engine;
  readonly model: Model;
  readonly problem: Problem;
  readonly parameters: TypedArray;
}

/** EUBO − ELBO in nats up to which a bridge between a policy and its target is trusted, and the error that it may have. */
const overlap = { gap: 6, error: 0.1 };

/** By how much less than independent draws two of a chain tell, two sweeps apart: at most, on the pools measured. */
const correlation = 2;

/** log w of batches in orders from the backward policy, nats. */
const logWeightsOf = (
  { engine, model, problem, parameters }: PolicyAt,
  batches: readonly (readonly number[])[],
  key: Key,
): TE.TaskEither<Failure, Float64Array> =>
  pipe(
    drawOrders(engine, model, problem, parameters, batches, key),
    TE.chain((orders) => logRatiosOfOrders(engine, model, problem, parameters, orders)),
    TE.map((ratios) => ratios.map((ratio, i) => ratio + logReward(problem, batches[i] ?? []))),
  );

const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x / values.length, 0);

/** The draws that follow the target, and log Z; the policy's own where Gibbs updates would take too long. */
const followed = (
  asked: Asked,
  options: StrategyOptions,
  temperature: number,
  drawn: Draws,
  policy: PolicyAt,
): TE.TaskEither<Failure, Followed> => {
  const own = batchesOf(drawn);
  const { worth } = asked;
  const { estimates, count, logWeights } = drawn;
  const byImportance = importanceEstimate(estimates, count);
  if (!isQuick(worth.utility, options.batchSize, 'certification'))
    return TE.right({ batches: own, certificate: null, logPartition: byImportance });
  const { gibbs: key } = proposalKeys(options.seed);
  return pipe(
    certifiedBatches(worth, options, temperature, split(key, 0), own),
    TE.bindTo('certified'),
    TE.bind('weights', ({ certified }) => logWeightsOf(policy, certified.batches, split(key, 1))),
    TE.chain(({ certified: { batches, certificate }, weights }) => {
      const { elbo } = estimates;
      const eubo = mean(weights);
      const bridge = bridgeEstimate(logWeights, weights, correlation);
      const isNear = eubo - elbo <= overlap.gap && bridge.standardError <= overlap.error;
      const known: TE.TaskEither<Failure, LogPartition> = isNear
        ? TE.right({ ...bridge, method: 'bridge', elbo, eubo })
        : annealedLogPartition(worth, options, temperature, split(key, 2));
      return pipe(
        known,
        TE.map((logPartition) => ({
          batches,
          certificate,
          logPartition: { ...logPartition, elbo, eubo },
        })),
      );
    }),
  );
};

/** The strategy. It fails as the engine and the training do; the temperature is that of temperature.ts if left out. */
export const gflownet: Strategy = {
  takes: ['temperature', 'policy', 'objective', 'iterations', 'trajectories'],
  onHost: false,
  propose: (engine, posterior, options) => {
    const { seed, draws, start, onProgress, signal } = options;
    const policy = start?.model.shape.policy ?? options.policy ?? 'gain';
    const keys = proposalKeys(seed);
    const asked = askedOf(posterior, options);
    const temperature = temperatureOf(asked, options);
    const problem = guidedProblem(asked, options, temperature);
    if (start === undefined && policy === 'messagePassing')
      return pipe(
        pretrainedPolicy(problem),
        TE.chainW((pretrained) =>
          gflownet.propose(engine, posterior, { iterations: 0, ...options, start: pretrained }),
        ),
      );
    const model =
      start === undefined ? defaultModel(policy, problem) : forPool(start, problem.whitened.rows).model;
    const preset = defaultTraining(policy);
    const training: TrainingOptions = {
      ...preset,
      objective: options.objective ?? preset.objective,
      iterations:
        options.iterations ?? Math.ceil(preset.iterations * (start === undefined ? 1 : resumedPart)),
      trajectories: options.trajectories ?? preset.trajectories,
    };
    const started = clock();
    return pipe(
      training.iterations === 0 && start !== undefined
        ? TE.right(firstState(start.parameters, keys.prepare))
        : startTraining(engine, model, problem, training.forwardLooking, keys.prepare, start?.parameters),
      TE.chain((state) =>
        train(engine, model, problem, training, state, {
          ...(signal === undefined ? {} : { signal }),
          onProgress: ({ done, total, elbo }) =>
            onProgress?.({ stage: 'training', done, total, note: `ELBO ${elbo.toFixed(2)} nats` }),
        }),
      ),
      TE.bindTo('state'),
      TE.let('trained', clock),
      TE.bind('drawn', ({ state }) => draw(engine, model, problem, state.parameters, draws, keys.draws)),
      TE.bind('followed', ({ state, drawn }) =>
        followed(asked, options, temperature, drawn, {
          ...{ engine, model, problem },
          parameters: state.parameters,
        }),
      ),
      TE.let('summary', ({ followed: { batches } }) => summaryOf(batches.map(asked.worth.scored))),
      TE.bind('improved', ({ summary }) => improvedBatch(asked, summary.best, options)),
      TE.map(({ state, trained, drawn, followed, summary, improved }): Proposal => ({
        ...asked.beside,
        ...summary,
        ...improved,
        certificate: followed.certificate,
        effectiveSampleSize: drawn.estimates.effectiveSampleSize,
        temperature,
        logPartition: followed.logPartition,
        iterations: training.iterations,
        trained: { model, parameters: state.parameters },
        seconds: { train: trained - started, draw: clock() - trained },
      })),
    );
  },
};
