/**
 * Ways to draw batches, each as what it makes of one cell (cell.ts): how near its draws are to the target, what they are worth,
 * and what they cost.
 *
 *   greedy, exchanges                       one batch, the target of no temperature
 *   stochasticBatchBald                     softmax of the conditional gains
 *   annealed                                Gibbs draws with a certificate
 *   kdpp                                    exact draws, at T = ½
 *   gain, pointer, deepSets                 a policy as it is trained by default, and its own draws
 *   messagePassing                          the pretrained policy, not trained on the pool; of pools that it sees whole
 */
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { watchedBy } from '../../acquisition/certified.js';
import { reachOf } from '../../acquisition/large-pool.js';
import { greedyScored } from '../../acquisition/greedy.js';
import { kdpp } from '../../acquisition/kdpp.js';
import { stochasticBatchBald, stochasticLogWeight } from '../../acquisition/stochastic-batch-bald.js';
import type { Proposal, Strategy } from '../../acquisition/strategy.js';
import { utilityOfScored } from '../../acquisition/scored-pool.js';
import type { Failure } from '../../failure.js';
import { defaultModel, defaultTraining } from '../../gflownet/defaults.js';
import type { Model } from '../../gflownet/model.js';
import { logWeightsOf, meanLogWeight, trustedBridge } from '../../gflownet/log-weights.js';
import { policies, type PolicyName } from '../../gflownet/policies/index.js';
import { batchesOf, draw } from '../../gflownet/sample.js';
import { pretrainedPolicy } from '../../gflownet/pretrained/pretrained.js';
import { startTraining } from '../../gflownet/start.js';
import { firstState, train, type TrainingState } from '../../gflownet/train.js';
import type { TrainingOptions } from '../../gflownet/training-program.js';
import { exchanged } from '../../gibbs/exchange.js';
import { inTurns } from '../../work.js';
import { type Key, permutation, split } from '../../random/key.js';
import { clock } from '../../clock.js';
import { askedOptions, type Cell } from './cell.js';
import type { DrawnRecord } from './record.js';

/** What a way makes of a cell, beside what its record says of the cell. */
export interface Measured extends Pick<
  DrawnRecord,
  | 'draws'
  | 'logPartition'
  | 'elbo'
  | 'eubo'
  | 'effectiveSampleSize'
  | 'totalVariation'
  | 'evaluations'
  | 'iterations'
  | 'seconds'
> {
  readonly utility: Pick<DrawnRecord['utility'], 'best' | 'mean'>;
}

/** A way to draw. */
export interface Way {
  readonly name: string;
  /** Whether it has draws of a cell. */
  readonly has: (cell: Cell) => boolean;
  readonly measure: (cell: Cell) => TE.TaskEither<Failure, Measured>;
}

const everywhere = (): boolean => true;

const untrained = {
  ...{ logPartition: null, elbo: null, eubo: null, effectiveSampleSize: null, totalVariation: null },
  iterations: 0,
};

/** Evaluations of U since some moment. */
const since = ({ evaluations }: Cell, before: number | null): number | null => {
  const now = evaluations();
  return before === null || now === null ? null : now - before;
};

/** A way that has one batch. */
const ofOne = (name: string, batch: (cell: Cell) => TE.TaskEither<Failure, readonly number[]>): Way => ({
  name,
  has: everywhere,
  measure: (cell) =>
    pipe(
      TE.fromIO(() => ({ started: clock(), before: cell.evaluations() })),
      TE.bind('members', () => batch(cell)),
      TE.map(({ started, before, members }): Measured => {
        const first = clock() - started;
        const evaluations = since(cell, before);
        const utility = cell.context.scoredPool.utility.value(members);
        return {
          ...untrained,
          ...{ draws: 1, evaluations, utility: { best: utility, mean: utility } },
          seconds: { train: 0, first, all: null },
        };
      }),
    ),
});

const greedy = ofOne('greedy', ({ context: { scoredPool: worth }, pool: { batchSize } }) =>
  TE.fromIO(() => greedyScored(worth, batchSize).indices),
);

const exchanges = ofOne('exchanges', (cell) => {
  const { utility } = cell.context.scoredPool;
  return pipe(
    TE.fromIO<readonly number[], Failure>(
      () => greedyScored(cell.context.scoredPool, cell.pool.batchSize).indices,
    ),
    TE.chain((start) => inTurns(() => exchanged(utility, start), watchedBy(askedOptions(cell)))),
    TE.map(({ members }) => members),
  );
});

/** A strategy on the host, asked for one batch and for all; what it says of its own draws. */
const ofStrategy = (
  strategy: Strategy,
  cell: Cell,
): TE.TaskEither<Failure, { readonly measured: Measured; readonly own: Proposal['logPartition'] }> => {
  const { engine, posterior, draws } = cell;
  return pipe(
    strategy.propose(engine, posterior, askedOptions(cell, 1)),
    TE.bindTo('one'),
    TE.bind('all', () => strategy.propose(engine, posterior, askedOptions(cell, draws))),
    TE.map(({ one, all }) => ({
      own: all.logPartition,
      measured: {
        ...untrained,
        ...{ draws, effectiveSampleSize: all.effectiveSampleSize, elbo: all.logPartition?.elbo ?? null },
        utility: { best: all.drawn.best, mean: all.drawn.mean },
        // Of its draws: the proposal evaluates greedy's and random batches too.
        evaluations: cell.evaluations() === null ? null : draws,
        seconds: { train: 0, first: one.seconds.draw, all: all.seconds.draw },
      },
    })),
  );
};

/** Draws of the target behind the EUBO of stochastic BatchBALD, each O(bN (D + b)). */
const maxOrders = 128;

const stochastic: Way = {
  name: 'stochasticBatchBald',
  has: everywhere,
  measure: (cell) =>
    pipe(
      cell.known,
      TE.chain(({ drawn, logPartition }) =>
        pipe(
          ofStrategy(stochasticBatchBald, cell),
          TE.map(({ measured }): Measured => {
            const { context, pool, temperature, options, key } = cell;
            const of = stochasticLogWeight(
              context,
              { batchSize: pool.batchSize, seed: options.seed },
              temperature,
            );
            const weights = drawn.batches
              .slice(0, maxOrders)
              .map((batch, i) =>
                of(Array.from(permutation(split(split(key, 2), i), batch.length), (at) => batch[at] ?? 0)),
              );
            return { ...measured, logPartition, eubo: meanLogWeight(Float64Array.from(weights)) };
          }),
        ),
      ),
    ),
};

const meanAndBest = (cell: Cell, batches: readonly (readonly number[])[]) => {
  const utilities = batches.map((batch) => utilityOfScored(cell.context.scoredPool.scored(batch)));
  return {
    best: utilities.reduce((a, b) => Math.max(a, b), -Infinity),
    mean: utilities.reduce((sum, u) => sum + u / utilities.length, 0),
  };
};

const annealed: Way = {
  name: 'annealed',
  has: everywhere,
  measure: (cell) =>
    pipe(
      cell.known,
      TE.map(({ drawn, logPartition, evaluations, seconds }): Measured => ({
        ...untrained,
        ...{ draws: drawn.batches.length, logPartition, evaluations },
        totalVariation: drawn.certificate.totalVariation,
        utility: meanAndBest(cell, drawn.batches),
        seconds: { train: 0, ...seconds },
      })),
    ),
};

const exact: Way = {
  name: 'kdpp',
  has: ({ context, temperature }) =>
    context.scoredPool.utility.programmed === undefined && temperature === 0.5,
  measure: (cell) =>
    pipe(
      ofStrategy(kdpp, cell),
      TE.map(({ own, measured }): Measured => ({
        ...measured,
        logPartition: own === null ? null : { estimate: own.estimate, standardError: 0, method: 'exact' },
        ...{ eubo: own?.eubo ?? null, totalVariation: 0 },
      })),
    ),
};

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

const policyWay = (name: PolicyName): Way => ({
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
      TE.map(({ known, begun, start: { training }, trained, first, drawn, done, weights }): Measured => {
        const bridge = trustedBridge(drawn.logWeights, weights);
        return {
          draws,
          logPartition:
            known.logPartition.method === 'exact'
              ? known.logPartition
              : pipe(
                  bridge,
                  O.match(
                    () => known.logPartition,
                    ({ estimate, standardError }) => ({ estimate, standardError, method: 'bridge' as const }),
                  ),
                ),
          ...{ elbo: drawn.estimates.elbo, eubo: meanLogWeight(weights), totalVariation: null },
          effectiveSampleSize: drawn.estimates.effectiveSampleSize,
          utility: meanAndBest(cell, batchesOf(drawn)),
          evaluations: programmed(done.evaluations, training.iterations, training.trajectories),
          iterations: training.iterations,
          seconds: { train: trained - begun.started, first: first - trained, all: done.at - first },
        };
      }),
    );
  },
});

/** The ways, in the order of the table: the policies are those that there are. */
export const ways: readonly Way[] = [
  ...[greedy, exchanges, stochastic, annealed, exact],
  ...(Object.keys(policies) as PolicyName[]).map(policyWay),
];
