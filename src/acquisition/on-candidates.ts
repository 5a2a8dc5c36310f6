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
import type { Posterior } from '../surrogate/posterior.js';
import { candidateIndices, posteriorAt } from './candidates.js';
import { greedyBatch } from './greedy.js';
import type { Proposal, Strategy, StrategyOptions } from './strategy.js';
import { besideDraws, proposalKeys } from './summary.js';

/** JMI in nats of the greedy batch without the points of another one; of as many points as are left, b at most. */
const secondBest = (posterior: Posterior, batchSize: number, first: ScoredBatch): number =>
  greedyBatch(posterior, Math.min(batchSize, posterior.whitened.rows - batchSize), first.indices)
    .jointMutualInformation;

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
  const { batchSize, seed } = options;
  const { candidates: key } = proposalKeys(seed);
  const indices = candidateIndices(posterior.whitened, { count, batchSize, key });
  if (indices.length === posterior.whitened.rows) return strategy.propose(engine, posterior, options);
  const part = posteriorAt(posterior, indices);
  const beside = besideDraws(posterior, options);
  const lost = secondBest(posterior, batchSize, beside.greedy);
  return pipe(
    strategy.propose(engine, part, options),
    TE.map((proposal) => ({
      ...proposal,
      ...beside,
      best: { ...proposal.best, indices: proposal.best.indices.map((i) => indices[i] ?? NaN) },
      candidates: { count, cost: lost - secondBest(part, batchSize, proposal.greedy) },
    })),
  );
};
