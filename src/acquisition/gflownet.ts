/**
 * The GFlowNet strategy: train a policy on a posterior at any temperature, draw many batches from it, and propose the
 * most informative one drawn. The policy `messagePassing` begins with its pretrained weights and is not trained unless iterations are
 * given.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { defaultModel, defaultTraining } from '../gflownet/defaults.js';
import { forPool } from '../gflownet/model-file.js';
import { pretrainedPolicy } from '../gflownet/pretrained/pretrained.js';
import { batchesOf, draw } from '../gflownet/sample.js';
import { startTraining } from '../gflownet/start.js';
import { firstState, train } from '../gflownet/train.js';
import type { TrainingOptions } from '../gflownet/training-program.js';
import { guidedProblem } from './guided.js';
import type { Proposal, Strategy } from './strategy.js';
import { askedOf, clock, proposalKeys, summaryOf, temperatureOf } from './summary.js';

/** The part of the iterations that a policy which was trained before is trained for, if no number is given. */
const resumedPart = 1 / 4;

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
      TE.map(({ state, trained, drawn }): Proposal => {
        const { effectiveSampleSize, elbo, logZ } = drawn.estimates;
        return {
          ...asked.beside,
          // Drawn in f32; reported in f64.
          ...summaryOf(batchesOf(drawn).map(asked.worth.scored)),
          effectiveSampleSize,
          temperature,
          logPartition: { elbo, importance: logZ },
          iterations: training.iterations,
          trained: { model, parameters: state.parameters },
          seconds: { train: trained - started, draw: clock() - trained },
        };
      }),
    );
  },
};
