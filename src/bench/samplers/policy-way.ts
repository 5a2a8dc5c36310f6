/** The ways to draw of policies: trained on the cell's problem as by default, or pretrained, and drawn from. */
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { reachOf } from '../../acquisition/large-pool.js';
import { clock } from '../../clock.js';
import type { Failure } from '../../failure.js';
import { defaultModel, defaultTraining } from '../../gflownet/defaults.js';
import { logWeightsOf, meanLogWeight, trustedBridge } from '../../gflownet/log-weights.js';
import type { Model } from '../../gflownet/model.js';
import type { PolicyName } from '../../gflownet/policies/index.js';
import { pretrainedPolicy } from '../../gflownet/pretrained/pretrained.js';
import { batchesOf, draw } from '../../gflownet/sample.js';
import { startTraining } from '../../gflownet/start.js';
import { firstState, train, type TrainingState } from '../../gflownet/train.js';
import type { TrainingOptions } from '../../gflownet/training-program.js';
import { type Key, split } from '../../random/key.js';
import type { Cell } from './cell.js';
import { meanAndBest, since, type Measured, type Way } from './way.js';

/** Trajectories of the pilot before training (gflownet/start.ts). */
const pilot = 256;

/** Evaluations of U in the programs of a training, where there are any. */
const programmed = (evaluations: number | null, iterations: number, trajectories: number): number | null =>
  evaluations === null || iterations === 0 ? evaluations : evaluations + pilot + iterations * trajectories;

/** A policy before its training: pretrained where there are weights of it. */
const begin = (
  name: PolicyName,
  { engine, problem, options }: Cell,
  key: Key,
): TE.TaskEither<
  Failure,
  { readonly model: Model; readonly state: TrainingState; readonly training: TrainingOptions }
> => {
  const preset = defaultTraining(name);
  if (name === 'messagePassing')
    return pipe(
      pretrainedPolicy(problem),
      TE.map(({ model, parameters }) => ({
        ...{ model, state: firstState(parameters, key) },
        training: { ...preset, iterations: 0 },
      })),
    );
  const model = defaultModel(name, problem);
  const training = { ...preset, iterations: options.iterations ?? preset.iterations };
  return pipe(
    startTraining(engine, model, problem, training, key),
    TE.map((state) => ({ model, state, training })),
  );
};

/** Draws of policies whose states take O(N²): enough for the figures. */
const maxDraws: Partial<Record<PolicyName, number>> = { messagePassing: 128 };

/** The log-partition as it is known exactly, else by the bridge between the policy's draws and the target's where it is trusted. */
const logPartitionOf = (
  known: Measured['logPartition'],
  own: Float64Array,
  ofTarget: Float64Array,
): Measured['logPartition'] =>
  known?.method === 'exact'
    ? known
    : pipe(
        trustedBridge(own, ofTarget),
        O.match(
          () => known,
          ({ estimate, standardError }) => ({ estimate, standardError, method: 'bridge' as const }),
        ),
      );

/** A policy as it is trained by default, and its own draws. */
export const policyWay = (name: PolicyName): Way => ({
  name,
  has: ({ problem: { whitened } }) => whitened.rows <= (reachOf(name)?.wholePool ?? Infinity),
  measure: (cell) => {
    const { engine, problem, key, control } = cell;
    const draws = Math.min(cell.draws, maxDraws[name] ?? Infinity);
    const own = split(key, 3);
    return pipe(
      cell.known,
      TE.bindTo('known'),
      TE.let('begun', () => ({ started: clock(), before: cell.evaluations() })),
      TE.bind('start', () => begin(name, cell, own)),
      TE.bind('state', ({ start: { model, state, training } }) =>
        train(engine, model, problem, training, state, {
          signal: control.signal,
          onProgress: ({ done, total }) => {
            control.progress({ stage: `training ${name}`, done, total, note: '' });
          },
        }),
      ),
      TE.let('trained', clock),
      TE.bind('one', ({ start: { model }, state }) =>
        draw(engine, model, problem, state.parameters, 1, split(own, 4)),
      ),
      TE.let('first', clock),
      TE.bind('drawn', ({ start: { model }, state }) =>
        draw(engine, model, problem, state.parameters, draws, split(own, 5)),
      ),
      TE.let('done', ({ begun }) => ({ at: clock(), evaluations: since(cell, begun.before) })),
      TE.bind('weights', ({ start: { model }, state: { parameters }, known }) =>
        logWeightsOf(
          { engine, model, problem, parameters },
          known.drawn.batches.slice(0, draws),
          split(own, 6),
        ),
      ),
      TE.map(({ known, begun, start: { training }, trained, first, drawn, done, weights }): Measured => ({
        ...{ draws, logPartition: logPartitionOf(known.logPartition, drawn.logWeights, weights) },
        ...{ elbo: drawn.estimates.elbo, eubo: meanLogWeight(weights), totalVariation: null },
        effectiveSampleSize: drawn.estimates.effectiveSampleSize,
        utility: meanAndBest(cell, batchesOf(drawn)),
        evaluations: programmed(done.evaluations, training.iterations, training.trajectories),
        iterations: training.iterations,
        seconds: { train: trained - begun.started, first: first - trained, all: done.at - first },
      })),
    );
  },
});
