/**
 * Which batch does a strategy ask for in a round, and what is known of it? It is proposed on the posterior of the last fit over what is
 * left of the pool, where labels say nothing of classes yet by the strategy that stands in (../cold-strategy.ts); for several targets on
 * those of all of them, and told by what it tells of all (../outputs.ts).
 */
import { pipe } from '#fp-ts/function';
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import { greedyBatch } from '../../acquisition/greedy.js';
import { type AcquisitionName, proposeBatch, strategies } from '../../acquisition/index.js';
import { randomBatches } from '../../acquisition/random.js';
import { type StrategySettings, unusedSettings } from '../../acquisition/settings.js';
import type { Progress, Proposal } from '../../acquisition/strategy.js';
import { at } from '../../at.js';
import { clock } from '../../clock.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { rowsAt } from '../../linear-algebra/matrix.js';
import { bits, type Key, keyFromSeed, split } from '../../random/key.js';
import { rewards } from '../../reward/index.js';
import type { Posterior } from '../../surrogate/posterior.js';
import { present } from '../../present.js';
import { type Beginning, strategyGiven } from '../cold-strategy.js';
import { expectationOf } from '../expectation.js';
import { informationOfOutputs, proposeForOutputs } from '../outputs.js';
import type { RunRecord } from '../record.js';
import type { Experiment, SplitData, Unit } from './experiment.js';
import { posteriorsAt, type State } from './state.js';
import { type NamedStrategy, strategyOf } from './strategy-name.js';

/** What a proposal is watched, stopped and made by. */
export interface AskControl {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** In place of the library's. */
  readonly propose?: typeof proposeBatch;
}

/** What a record says of a batch when it was chosen. */
export type Proposed = Pick<RunRecord, 'batch' | 'jointMutualInformation' | 'sampler' | 'expected'> & {
  readonly proposeSeconds: number;
};

/** Random batches whose mean information stands beside a batch's. */
const RANDOM_BATCHES = 64;

/** Which child of the seed's key simulations draw from. */
const stream = 0x73696d;

/** Those of the settings that the strategy takes. */
export const settingsOf = (acquisition: AcquisitionName, settings: StrategySettings): StrategySettings => {
  const unused: readonly string[] = unusedSettings(strategies[acquisition], settings);
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !unused.includes(name)));
};

/** Mean JMI of the drawn batches, nats. */
export const meanInformation = ({
  count,
  jointMutualInformation,
}: Pick<Proposal['drawn'], 'count' | 'jointMutualInformation'>): number =>
  jointMutualInformation.reduce((sum, value) => sum + value / count, 0);

/** The posteriors of all targets over one pool, the same points. */
type Posteriors = readonly [first: Posterior, ...others: Posterior[]];

const randomMean = (posteriors: Posteriors, batchSize: number, key: Key): number => {
  const [first, ...others] = posteriors;
  const batches = randomBatches(first, { batchSize, count: RANDOM_BATCHES, key });
  const utility =
    others.length === 0
      ? undefined
      : informationOfOutputs(posteriors.map((posterior) => ({ posterior }))).utilityFor(first);
  return batches.reduce(
    (sum, { indices, jointMutualInformation: own }) =>
      sum + (utility?.value(indices) ?? own) / RANDOM_BATCHES,
    0,
  );
};

/** What a proposal says of its sampler; null where it has no target. */
const samplerOf = ({
  temperature,
  effectiveSampleSize,
  certificate,
  logPartition,
}: Proposal): NonNullable<RunRecord['sampler']> | null => {
  if (temperature === null) return null;
  const finite = (value: number | null | undefined): number | null =>
    typeof value === 'number' && Number.isFinite(value) ? value : null;
  return {
    effectiveSampleSize,
    elbo: finite(logPartition?.elbo),
    eubo: finite(logPartition?.eubo),
    logPartition: finite(logPartition?.estimate),
    totalVariation: certificate?.totalVariation ?? null,
  };
};

const proposedOn = (
  engine: Engine,
  [first, ...others]: Posteriors,
  { settings, batchSize }: Experiment,
  { acquisition: asked, draws, reward }: NamedStrategy,
  beginning: Beginning,
  key: Key,
  { propose = proposeBatch, onProgress, signal }: AskControl,
): TE.TaskEither<Failure, Proposal> => {
  const { acquisition } = strategyGiven(asked, {}, beginning);
  const options = {
    ...settingsOf(acquisition, settings),
    ...{ acquisition, batchSize, draws },
    seed: at(bits(key, 1), 0),
    ...present({ onProgress, signal }),
  };
  if (others.length === 0)
    return propose(engine, first, {
      ...options,
      ...(reward === undefined ? {} : { reward: rewards[reward] }),
    });
  if (reward !== undefined)
    throw new RangeError(`simulate: a batch for several targets is by their information, not by ${reward}`);
  return proposeForOutputs(
    engine,
    [first, ...others].map((posterior) => ({ posterior })),
    options,
    propose,
  );
};

/** The JMI of the batch, and of those that it is held against, nats; of several targets the sum over them. */
const informationIn = (
  { best, greedy, drawn }: Proposal,
  posteriors: Posteriors,
  batchSize: number,
  reward: NamedStrategy['reward'],
  key: Key,
): RunRecord['jointMutualInformation'] => ({
  batch: best.jointMutualInformation,
  // The greedy batch of a proposal is greedy by the reward that it was asked for.
  greedy: (reward === undefined ? greedy : greedyBatch(posteriors[0], batchSize)).jointMutualInformation,
  random: randomMean(posteriors, batchSize, split(key, 1)),
  drawn: meanInformation(drawn),
});

/** The batch that a strategy asks for. Fails as the strategy does. */
export const askedBatch = (
  engine: Engine,
  experiment: Experiment,
  data: SplitData,
  { strategy, seed }: Unit,
  round: number,
  { left, fits, beginning }: State,
  control: AskControl,
): TE.TaskEither<Failure, Proposed> => {
  const key = split(split(keyFromSeed(seed), stream), round);
  const named = O.toUndefined(strategyOf(strategy));
  if (named === undefined) throw new RangeError(`simulate: ${strategy} is the name of no strategy`);
  const started = clock();
  return pipe(
    posteriorsAt(fits, rowsAt(data.table.inputs, left)),
    TE.map(([first, ...others]): Posteriors => {
      if (first === undefined) throw new RangeError('simulate: there is no target');
      return [first, ...others];
    }),
    TE.bindTo('posteriors'),
    TE.bind('proposal', ({ posteriors }) =>
      proposedOn(engine, posteriors, experiment, named, beginning, key, control),
    ),
    TE.map(({ posteriors, proposal }) => {
      const { indices } = proposal.best;
      const proposeSeconds = clock() - started;
      return {
        batch: indices.map((index) => left[index] ?? NaN),
        jointMutualInformation: informationIn(proposal, posteriors, experiment.batchSize, named.reward, key),
        sampler: samplerOf(proposal),
        // The prior knows no unit of the target.
        ...(posteriors.length === 1 && !beginning.coldStart
          ? { expected: expectationOf(posteriors[0], indices) }
          : {}),
        proposeSeconds,
      };
    }),
  );
};
