/** The strategies by name, and the one way to ask them for a batch. A new one is a file, and a line here. */
import { isLeft } from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { requireEngine } from '../misuse.js';
import { beyondPrecision } from '../gibbs/update.js';
import { endingInFailure } from '../work.js';
import type { Posterior } from '../surrogate/posterior.js';
import { annealed } from './annealed.js';
import { bait } from './bait.js';
import { bald } from './bald.js';
import { gflownet } from './gflownet.js';
import { greedy } from './greedy-strategy.js';
import { kCentre } from './k-centre.js';
import { kdpp } from './kdpp.js';
import { kMeansPlusPlus } from './k-means-plus-plus.js';
import { kMedoids } from './k-medoids.js';
import { entropy, greedyOrMargin, margin } from './label-uncertainty.js';
import { lcmd } from './lcmd.js';
import { proposeOnCandidates } from './on-candidates.js';
import { candidatesOf, reachOf } from './large-pool.js';
import { powerBald } from './power-bald.js';
import { powerMargin } from './power-margin.js';
import { random } from './random-strategy.js';
import { checkedRequest } from './request.js';
import { softmaxBald } from './softmax-bald.js';
import { stochasticBatchBald } from './stochastic-batch-bald.js';
import { typiClust } from './typi-clust.js';
import { unusedSettings } from './settings.js';
import type { Proposal, Strategy, StrategyOptions } from './strategy.js';

const table = {
  gflownet,
  annealed,
  kdpp,
  greedy,
  stochasticBatchBald,
  bald,
  powerBald,
  softmaxBald,
  lcmd,
  kCentre,
  kMeansPlusPlus,
  kMedoids,
  typiClust,
  bait,
  greedyOrMargin,
  margin,
  powerMargin,
  entropy,
  random,
} satisfies Readonly<Record<string, Strategy>>;

/** The name of a strategy. */
export type AcquisitionName = keyof typeof table;

/** The strategies. */
export const strategies: Readonly<Record<AcquisitionName, Strategy>> = table;

/** Settings of a proposal; what is left out is decided by the strategy. */
export interface ProposalOptions extends StrategyOptions {
  /** The strategy: `gflownet` if left out. */
  readonly acquisition?: AcquisitionName;
  /**
   * M: train on and draw from M points of the pool alone, from the batch size up (candidates.ts); all where there are no
   * more. If left out, all, but for a policy and a pool of more than 10,000 points (large-pool.ts). The target is then that
   * over batches of candidates.
   */
  readonly candidates?: number;
}

/** Whether a proposal is made of numbers. */
const isFinite = ({ best, greedy, drawn, logPartition }: Proposal): boolean =>
  [best.jointMutualInformation, greedy.jointMutualInformation, drawn.mean, logPartition?.estimate ?? 0].every(
    Number.isFinite,
  );

/** With the bound of information of class labels. */
const withBound =
  ({ classes }: Posterior) =>
  (proposal: Proposal): Proposal => {
    if (classes === undefined) return proposal;
    const nats = Math.log(classes.draws);
    const share = nats > 0 ? proposal.best.jointMutualInformation / nats : 1;
    return { ...proposal, informationBound: { nats, share } };
  };

/**
 * Proposes the batch to label next by a strategy. Fails as the strategy does; with Interrupted once `signal` is aborted. An
 * InputFailure where an entry of the posterior is not finite. Throws a TypeError that names the argument and what it may be
 * where one is none of those (request.ts), a RangeError where the batch is larger than the pool or the candidates, or a setting
 * is given that the strategy has no use for.
 */
export const proposeBatch = (
  engine: Engine,
  posterior: Posterior,
  request: ProposalOptions,
): TE.TaskEither<Failure, Proposal> => {
  requireEngine('proposeBatch', engine);
  const checked = checkedRequest(posterior, request, strategies);
  if (isLeft(checked)) return TE.left(checked.left);
  const { acquisition = 'gflownet', candidates, ...options } = request;
  const strategy = strategies[acquisition];
  const [unused] = unusedSettings(strategy, options);
  if (unused !== undefined)
    throw new RangeError(`proposeBatch: ${acquisition} has no use for ${unused} = ${options[unused] ?? ''}`);
  const count =
    candidates === undefined && !strategy.onHost
      ? candidatesOf(
          undefined,
          posterior.whitened.rows,
          options.batchSize,
          reachOf(options.start?.model.shape.policy ?? options.policy),
        )
      : candidates;
  return pipe(
    endingInFailure(
      count === undefined || count === posterior.whitened.rows
        ? strategy.propose(engine, posterior, options)
        : proposeOnCandidates(strategy, engine, posterior, options, count),
    ),
    TE.filterOrElseW(isFinite, () => beyondPrecision),
    TE.map(withBound(posterior)),
  );
};
