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
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import { watchedBy } from '../../acquisition/certified.js';
import { greedyScored } from '../../acquisition/greedy.js';
import { kdpp } from '../../acquisition/kdpp.js';
import { stochasticBatchBald, stochasticLogWeight } from '../../acquisition/stochastic-batch-bald.js';
import type { Proposal, Strategy } from '../../acquisition/strategy.js';
import { clock } from '../../clock.js';
import type { Failure } from '../../failure.js';
import { meanLogWeight } from '../../gflownet/log-weights.js';
import { policies, type PolicyName } from '../../gflownet/policies/index.js';
import { exchanged } from '../../gibbs/exchange.js';
import { permutation, split } from '../../random/key.js';
import { inTurns } from '../../work.js';
import { proposalOptions, type Cell } from './cell.js';
import { policyWay } from './policy-way.js';
import { meanAndBest, since, untrained, type Measured, type Way } from './way.js';
import { scannedAtOnce } from '../../reward/scan.js';

const everywhere = (): boolean => true;

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
  TE.fromIO(() => scannedAtOnce(greedyScored(worth, batchSize)).indices),
);

const exchanges = ofOne('exchanges', (cell) => {
  const { utility } = cell.context.scoredPool;
  return pipe(
    TE.fromIO<readonly number[], Failure>(
      () => scannedAtOnce(greedyScored(cell.context.scoredPool, cell.pool.batchSize)).indices,
    ),
    TE.chain((start) => inTurns(() => exchanged(utility, start), watchedBy(proposalOptions(cell)))),
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
    strategy.propose(engine, posterior, proposalOptions(cell, 1)),
    TE.bindTo('one'),
    TE.bind('all', () => strategy.propose(engine, posterior, proposalOptions(cell, draws))),
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
                of(Array.from(permutation(split(split(key, 2), i), batch.length), (i) => at(batch, i))),
              );
            return { ...measured, logPartition, eubo: meanLogWeight(Float64Array.from(weights)) };
          }),
        ),
      ),
    ),
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

/** The ways, in the order of the table: the policies are those that there are. */
export const ways: readonly Way[] = [
  ...[greedy, exchanges, stochastic, annealed, exact],
  ...(Object.keys(policies) as PolicyName[]).map(policyWay),
];
