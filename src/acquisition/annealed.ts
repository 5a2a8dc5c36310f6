/**
 * The annealed strategy: Gibbs draws of the target at any temperature, by any reward, with a certificate, and log Z by
 * annealing (src/gibbs). Nothing is trained. The best batch drawn, or greedy's, is improved by exchanges and proposed.
 *
 * All of it is f64 on the host: O(bN) an update where the reward is the information of whitened features; see
 * reward/mutable-batch.ts for others.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { split } from '../random/key.js';
import { annealedLogPartition, certifiedBatches } from './certified.js';
import { finite } from './host.js';
import { improvedBatch } from './improved.js';
import type { Proposal, Strategy, StrategyOptions } from './strategy.js';
import { clock } from '../clock.js';
import {
  type ProposalContext,
  contextOn,
  proposalKeys,
  targetSummary,
  temperatureOf,
  withinBounds,
} from './summary.js';

const proposed = (
  engine: Engine,
  context: ProposalContext,
  options: StrategyOptions,
): TE.TaskEither<Failure, Proposal> => {
  const temperature = temperatureOf(context, options);
  const { draws: key } = proposalKeys(options.seed);
  const started = clock();
  return pipe(
    TE.fromIO<unknown, Failure>(() => finite('annealing', context.scoredPool.utility.empty.gains())),
    TE.chain(() => certifiedBatches(engine, context.scoredPool, options, temperature, split(key, 0))),
    TE.bindTo('drawn'),
    TE.bind('logPartition', () =>
      annealedLogPartition(engine, context.scoredPool, options, temperature, split(key, 1)),
    ),
    TE.bind('summary', ({ drawn }) => targetSummary(context, drawn.batches, temperature, options)),
    TE.bind('improved', ({ summary }) => improvedBatch(context, summary.best, options)),
    TE.map(({ drawn, logPartition, summary, improved }): Proposal => ({
      ...context.baselines,
      drawn: summary.drawn,
      ...improved,
      certificate: drawn.certificate,
      effectiveSampleSize: null,
      temperature,
      logPartition: withinBounds(logPartition, drawn.certificate, summary.bound),
      iterations: 0,
      seconds: { train: 0, draw: clock() - started },
    })),
  );
};

/**
 * The strategy. The temperature is that of temperature.ts if left out; fails with a NumericalFailure where a whitened feature
 * is not finite, with Interrupted once the signal is aborted.
 */
export const annealed: Strategy = {
  takes: ['temperature'],
  onHost: true,
  propose: (engine, posterior, options) =>
    pipe(
      contextOn(engine, posterior, options),
      TE.chain((context) => proposed(engine, context, options)),
    ),
};
