/**
 * The batch that is proposed: the best of those drawn and of the greedy one, improved by exchanges of single points until none
 * helps (gibbs/exchange.ts). So it is never worse than greedy's. Where gains take long (certified.ts) no exchange is tried.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { exchanged } from '../gibbs/exchange.js';
import { inTurns } from '../work.js';
import type { ScoredBatch } from '../reward/exact.js';
import { isQuick, watchedBy } from './certified.js';
import type { Proposal, StrategyOptions } from './strategy.js';
import type { ProposalContext } from './summary.js';
import { utilityOfScored } from './scored-pool.js';

/** What a proposal says of how its batch came about. */
export type Improved = Pick<Proposal, 'best' | 'improvement'>;

/** The batch to propose, of the best draw. Fails with Interrupted once the signal is aborted. */
export const improvedBatch = (
  { scoredPool, baselines: { greedy } }: ProposalContext,
  drawn: ScoredBatch,
  options: StrategyOptions,
): TE.TaskEither<Failure, Improved> => {
  const from = utilityOfScored(greedy) > utilityOfScored(drawn) ? 'greedy' : 'drawn';
  const start = from === 'greedy' ? greedy : drawn;
  if (!isQuick(scoredPool.utility, options.batchSize, 'exchanges'))
    return TE.right({ best: start, improvement: { from, exchanges: 0 } });
  return pipe(
    inTurns(() => exchanged(scoredPool.utility, start.indices), watchedBy(options)),
    TE.map(({ members, exchanges }): Improved => {
      const better = scoredPool.scored(members);
      // What rounding alone has moved is left as it was.
      return exchanges > 0 && utilityOfScored(better) > utilityOfScored(start)
        ? { best: better, improvement: { from, exchanges } }
        : { best: start, improvement: { from, exchanges: 0 } };
    }),
  );
};
