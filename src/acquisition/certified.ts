/**
 * Draws that follow the target, whatever proposed them: Gibbs updates leave the target as it is, so chains that begin at a
 * policy's draws, or at annealed batches, are run until pairs of them certify how near they are (gibbs/draws.ts). And log Z
 * with its standard error: by bridge sampling between the policy and those draws where they overlap (gflownet/bridge.ts), else
 * by annealing (gibbs/annealing.ts).
 *
 * Where gains take long (class labels of large pools, rewards of one's own) that would take minutes; from a count of
 * operations it is then left out, on every machine alike, and said so: no certificate. Nor are exchanges tried then, where
 * even a few dozen gains of all points take long (improved.ts).
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { annealedOn } from '../gibbs/annealing.js';
import { type CertifiedDraws, certifiedDrawsOn } from '../gibbs/draws.js';
import type { BatchTarget } from '../gibbs/target.js';
import type { WorkControl } from '../work.js';
import type { Key } from '../random/key.js';
import type { Utility } from '../reward/utility.js';
import type { LogPartition, StrategyOptions } from './strategy.js';
import type { ScoredPool } from './scored-pool.js';
import { present } from '../present.js';

/** Operations that are thought too many: some half a minute. */
const maxOperations = 3e10;

/** Gains of all points that a certification and that a search by exchanges take, as a multiple of b, by order of magnitude. */
const usual = { certification: 1600, exchanges: 4 };

/** Whether the gains of a utility are quick enough for what takes so many of them. */
export const isQuick = (
  { points, gainOperations }: Utility,
  batchSize: number,
  work: keyof typeof usual,
): boolean => usual[work] * batchSize * points * gainOperations(batchSize) <= maxOperations;

/** The target of Gibbs draws of a pool by a reward. */
export const targetOf = ({ utility }: ScoredPool, batchSize: number): BatchTarget => ({
  utility,
  batchSize,
  ...(utility.programmed === undefined ? { features: utility.proxyFeatures } : {}),
});

/** How a strategy is watched, for work on the host. */
export const watchedBy = ({
  onProgress,
  signal,
}: Pick<StrategyOptions, 'onProgress' | 'signal'>): WorkControl => ({
  onProgress: (progress) => onProgress?.({ note: '', ...progress }),
  ...present({ signal }),
});

/**
 * As many draws as the options ask for, at a temperature; `starts` are draws of a policy, where there is one. Fails with
 * Interrupted once the signal is aborted.
 */
export const certifiedBatches = (
  engine: Engine,
  scoredPool: ScoredPool,
  options: StrategyOptions,
  temperature: number,
  key: Key,
  starts?: readonly (readonly number[])[],
): TE.TaskEither<Failure, CertifiedDraws> => {
  const asked = { count: options.draws, key, ...present({ starts }) };
  const target = targetOf(scoredPool, options.batchSize);
  return certifiedDrawsOn(engine, target, 1 / temperature, asked, watchedBy(options));
};

/** log Z by annealing. Fails with Interrupted once the signal is aborted. */
export const annealedLogPartition = (
  engine: Engine,
  scoredPool: ScoredPool,
  options: StrategyOptions,
  temperature: number,
  key: Key,
): TE.TaskEither<Failure, LogPartition> => {
  const target = targetOf(scoredPool, options.batchSize);
  return pipe(
    annealedOn(engine, target, 1 / temperature, { key }, watchedBy(options)),
    TE.map(({ logPartition, standardError }) => ({
      ...{ estimate: logPartition, standardError, method: 'annealing' },
      ...{ elbo: null, eubo: null },
    })),
  );
};
