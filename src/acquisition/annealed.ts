/**
 * The annealed strategy: Gibbs draws of the target at any temperature, by any reward, with a certificate, and log Z by
 * annealing (src/gibbs). Nothing is trained. The best batch drawn, or greedy's, is improved by exchanges and proposed.
 *
 * All of it is f64 on the host: O(bN) an update where the reward is the information of whitened features; see
 * reward/mutable-batch.ts for others.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { split } from '../random/key.js';
import { annealedLogPartition, certifiedBatches } from './certified.js';
import { checkSettings, finite } from './host.js';
import { improvedBatch } from './improved.js';
import type { Proposal, Strategy } from './strategy.js';
import { clock } from '../clock.js';
import { contextOn, proposalKeys, summaryOf, temperatureOf, withinBounds } from './summary.js';

/**
 * The strategy. The temperature is that of temperature.ts if left out; fails with a NumericalFailure where a whitened feature
 * is not finite, with Interrupted once the signal is aborted.
 */
export const annealed: Strategy = {
  takes: ['temperature'],
  onHost: true,
  propose: (engine, posterior, options) => {
    checkSettings(options);
    const { draws: key } = proposalKeys(options.seed);
    return pipe(
      contextOn(engine, posterior, options),
      TE.bindTo('context'),
      TE.let('started', clock),
      TE.let('temperature', ({ context }) => temperatureOf(context, options)),
      TE.chainFirst(({ context }) =>
        pipe(
          TE.fromEither(finite('annealing', context.scoredPool.utility.empty.gains())),
          TE.mapLeft((failure): Failure => failure),
        ),
      ),
      TE.bind('drawn', ({ context, temperature }) =>
        certifiedBatches(context.scoredPool, options, temperature, split(key, 0)),
      ),
      TE.bind('logPartition', ({ context, temperature }) =>
        annealedLogPartition(context.scoredPool, options, temperature, split(key, 1)),
      ),
      TE.let('scored', ({ context, drawn }) => drawn.batches.map(context.scoredPool.scored)),
      TE.let('summary', ({ scored }) => summaryOf(scored)),
      TE.bind('improved', ({ context, summary }) => improvedBatch(context, summary.best, options)),
      TE.map(
        ({ context, started, temperature, drawn, scored, logPartition, summary, improved }): Proposal => ({
          ...context.baselines,
          ...summary,
          ...improved,
          certificate: drawn.certificate,
          effectiveSampleSize: null,
          temperature,
          logPartition: withinBounds(context, logPartition, drawn.certificate, scored, temperature),
          iterations: 0,
          seconds: { train: 0, draw: clock() - started },
        }),
      ),
    );
  },
};
