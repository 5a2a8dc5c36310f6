/**
 * The GFlowNet strategy: train a policy on a posterior at any temperature and draw many batches from it. Chains of Gibbs updates
 * take those to draws that follow the target, with a certificate (certified.ts); beside them the policy's own figures say how
 * near it came by itself: ELBO, EUBO over the certified draws, effective sample size. The best batch drawn, or greedy's, is
 * improved by exchanges and proposed. The policy `messagePassing` begins with its pretrained weights and is not trained unless
 * iterations are given.
 */
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import { defaultModel, defaultTraining } from '../gflownet/defaults.js';
import { forPool } from '../gflownet/model-file.js';
import { logWeightsOf, meanLogWeight, type PolicyAt, trustedBridge } from '../gflownet/log-weights.js';
import { defaultPolicy, policyOf, type PolicyName } from '../gflownet/policies/index.js';
import { batchesOf, draw, type Draws } from '../gflownet/sample.js';
import { pretrainedPolicy } from '../gflownet/pretrained/pretrained.js';
import { startTraining } from '../gflownet/start.js';
import { firstState, train } from '../gflownet/train.js';
import type { TrainingOptions } from '../gflownet/training-program.js';
import type { Failure } from '../failure.js';
import { split } from '../random/key.js';
import { annealedLogPartition, certifiedBatches, isQuick } from './certified.js';
import { proxyProblem } from './proxy.js';
import { improvedBatch } from './improved.js';
import type { LogPartition, Proposal, Strategy, StrategyOptions } from './strategy.js';
import {
  type ProposalContext,
  contextOn,
  importanceEstimate,
  proposalKeys,
  targetSummary,
  temperatureOf,
  withinBounds,
} from './summary.js';
import { present } from '../present.js';
import { clock } from '../clock.js';

/** The part of the iterations that a policy which was trained before is trained for, if no number is given. */
const resumedFraction = 1 / 4;

/** Draws of a policy as chains have left them. */
type Followed = Pick<Proposal, 'certificate' | 'logPartition'> & {
  readonly batches: readonly (readonly number[])[];
};

/** The draws that follow the target, and log Z; the policy's own where Gibbs updates would take too long. */
const followed = (
  context: ProposalContext,
  options: StrategyOptions,
  temperature: number,
  drawn: Draws,
  policy: PolicyAt,
): TE.TaskEither<Failure, Followed> => {
  const own = batchesOf(drawn);
  const { scoredPool } = context;
  const { estimates, count, logWeights } = drawn;
  const byImportance = importanceEstimate(estimates, count);
  if (!isQuick(scoredPool.utility, options.batchSize, 'certification'))
    return TE.right({ batches: own, certificate: null, logPartition: byImportance });
  const { gibbs: key } = proposalKeys(options.seed);
  return pipe(
    certifiedBatches(policy.engine, scoredPool, options, temperature, split(key, 0), own),
    TE.bindTo('certified'),
    TE.bind('weights', ({ certified }) => logWeightsOf(policy, certified.batches, split(key, 1))),
    TE.chain(({ certified: { batches, certificate }, weights }) => {
      const { elbo } = estimates;
      const eubo = meanLogWeight(weights);
      const known = pipe(
        trustedBridge(logWeights, weights),
        O.match(
          () => annealedLogPartition(policy.engine, scoredPool, options, temperature, split(key, 2)),
          (bridge): TE.TaskEither<Failure, LogPartition> =>
            TE.right({ ...bridge, method: 'bridge', elbo, eubo }),
        ),
      );
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

/** How a policy is trained: by default, less long where it was trained before, and as the options say. */
const trainingFor = (policy: PolicyName, options: StrategyOptions): TrainingOptions => {
  const preset = defaultTraining(policy);
  const fraction = options.start === undefined ? 1 : resumedFraction;
  return {
    ...preset,
    objective: options.objective ?? preset.objective,
    iterations: options.iterations ?? Math.ceil(preset.iterations * fraction),
    trajectories: options.trajectories ?? preset.trajectories,
  };
};

/** What the strategy proposes in a context, from a policy that was trained before where there is one. */
const proposed = (
  engine: Engine,
  context: ProposalContext,
  options: StrategyOptions,
): TE.TaskEither<Failure, Proposal> => {
  const { seed, draws, start, onProgress, signal } = options;
  const policy = start?.model.shape.policy ?? options.policy ?? defaultPolicy;
  const keys = proposalKeys(seed);
  const temperature = temperatureOf(context, options);
  const problem = proxyProblem(context, options, temperature);
  if (start === undefined && policyOf(policy).pretrained === true)
    return pipe(
      pretrainedPolicy(problem),
      TE.chainW((pretrained) => proposed(engine, context, { iterations: 0, ...options, start: pretrained })),
    );
  const model =
    start === undefined ? defaultModel(policy, problem) : forPool(start, problem.whitened.rows).model;
  const training = trainingFor(policy, options);
  const started = clock();
  return pipe(
    training.iterations === 0 && start !== undefined
      ? TE.right(firstState(start.parameters, keys.prepare))
      : startTraining(engine, model, problem, training, keys.prepare, start?.parameters),
    TE.chain((state) =>
      train(engine, model, problem, training, state, {
        ...present({ signal }),
        onProgress: ({ done, total, elbo }) =>
          onProgress?.({ stage: 'training', done, total, note: `ELBO ${elbo.toFixed(2)} nats` }),
      }),
    ),
    TE.bindTo('state'),
    TE.let('trained', clock),
    TE.bind('drawn', ({ state }) =>
      draw(engine, model, problem, state.parameters, draws, keys.draws, present({ signal })),
    ),
    TE.bind('followed', ({ state, drawn }) =>
      followed(context, options, temperature, drawn, {
        ...{ engine, model, problem },
        parameters: state.parameters,
      }),
    ),
    TE.bind('summary', ({ followed: { batches } }) => targetSummary(context, batches, temperature, options)),
    TE.bind('improved', ({ summary }) => improvedBatch(context, summary.best, options)),
    TE.map(({ state, trained, drawn, followed, summary, improved }): Proposal => ({
      ...context.baselines,
      drawn: summary.drawn,
      ...improved,
      certificate: followed.certificate,
      effectiveSampleSize: drawn.estimates.effectiveSampleSize,
      temperature,
      logPartition:
        followed.logPartition && withinBounds(followed.logPartition, followed.certificate, summary.bound),
      iterations: training.iterations,
      trained: { model, parameters: state.parameters },
      seconds: { train: trained - started, draw: clock() - trained },
    })),
  );
};

/** The strategy. It fails as the engine and the training do; the temperature is that of temperature.ts if left out. */
export const gflownet: Strategy = {
  takes: ['temperature', 'policy', 'objective', 'iterations', 'trajectories'],
  onHost: false,
  drawsOfRun: 256,
  propose: (engine, posterior, options) =>
    pipe(
      contextOn(engine, posterior, options),
      TE.chain((context) => proposed(engine, context, options)),
    ),
};
