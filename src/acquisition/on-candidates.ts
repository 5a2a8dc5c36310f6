/**
 * A strategy on a part of the pool: it trains and draws on the candidates alone (candidates.ts), and what it proposes is
 * told in indices of the whole pool. The target is then that over batches of candidates: temperature where it is left out,
 * log Z and effective sample size are theirs, and a batch with a point outside them is never drawn. The greedy and random
 * batches beside the draws are those of the whole pool.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { ScoredBatch } from '../reward/exact.js';
import { information } from '../reward/information.js';
import { rewardWithin } from '../reward/restricted.js';
import { scannedOn, type Scans } from '../reward/scan.js';
import type { Posterior } from '../surrogate/posterior.js';
import { candidateScans, posteriorAt, requireCandidates } from './candidates.js';
import { watchedBy } from './certified.js';
import { greedyIndices, greedyScored } from './greedy.js';
import type { Proposal, Strategy, StrategyOptions } from './strategy.js';
import { contextOf, proposalKeys } from './summary.js';
import { utilityOfScored, type ScoredPool, scoredPoolOf } from './scored-pool.js';

/** U of the greedy batch without the points of another one; of as many points as are left, b at most. */
function* secondBest(scoredPool: ScoredPool, batchSize: number, first: ScoredBatch): Scans<number> {
  const size = Math.min(batchSize, scoredPool.utility.points - batchSize);
  return utilityOfScored(yield* greedyScored(scoredPool, size, first.indices));
}

/** A part of a pool: whose points it has, its posterior, and the reward that its batches keep from the whole. */
export interface Part {
  readonly indices: readonly number[];
  readonly posterior: Posterior;
  readonly reward: Pick<StrategyOptions, 'reward'>;
}

/**
 * The candidates of a pool by a reward, `count` of them or all, its greedy batch among them, which is found where it is not given;
 * the same seed gives the same. Throws a RangeError where they are fewer than a batch.
 */
export function* candidatePart(
  posterior: Posterior,
  { utility, reward }: ScoredPool,
  { batchSize, seed }: Pick<StrategyOptions, 'batchSize' | 'seed'>,
  count: number,
  greedy?: readonly number[],
): Scans<Part> {
  const { candidates: key } = proposalKeys(seed);
  // Candidates by information have its greedy batch among them.
  const include =
    utility.programmed === undefined ? [] : (greedy ?? (yield* greedyIndices(utility, batchSize)));
  const indices = yield* candidateScans(utility.proxyFeatures, { count, batchSize, key }, include);
  return {
    indices,
    posterior: posteriorAt(posterior, indices),
    reward: reward === information ? {} : { reward: rewardWithin(reward, utility, indices) },
  };
}

/**
 * What the strategy proposes on `count` candidates; on the whole pool as it is where that has no more points. Fails as the
 * strategy does. Throws a RangeError where the candidates are fewer than a batch, or the pool is.
 */
export const proposeOnCandidates = (
  strategy: Strategy,
  engine: Engine,
  posterior: Posterior,
  options: StrategyOptions,
  count: number,
): TE.TaskEither<Failure, Proposal> => {
  const { batchSize } = options;
  requireCandidates({ count, batchSize });
  if (count >= posterior.whitened.rows) return strategy.propose(engine, posterior, options);
  const scoredPool = scoredPoolOf(posterior, options.reward);
  const watched = watchedBy(options);
  const prepared = function* () {
    const { baselines } = yield* contextOf(posterior, options, scoredPool);
    const part = yield* candidatePart(posterior, scoredPool, options, count, baselines.greedy.indices);
    return { ...part, baselines, lost: yield* secondBest(scoredPool, batchSize, baselines.greedy) };
  };
  return pipe(
    scannedOn(engine, prepared, watched),
    TE.chain(({ indices, baselines, lost, ...part }) => {
      const within = scoredPoolOf(part.posterior, part.reward.reward);
      const inPool = (batch: readonly number[]): readonly number[] => batch.map((i) => indices[i] ?? NaN);
      return pipe(
        strategy.propose(engine, part.posterior, { ...options, ...part.reward }),
        TE.chain((proposal) =>
          pipe(
            scannedOn(engine, () => secondBest(within, batchSize, proposal.greedy), watched),
            TE.map((own) => ({
              ...proposal,
              ...baselines,
              best: { ...proposal.best, indices: inPool(proposal.best.indices) },
              drawn: { ...proposal.drawn, batches: proposal.drawn.batches.map(inPool) },
              candidates: {
                count,
                cost: lost - own,
              },
            })),
          ),
        ),
      );
    }),
  );
};
