/**
 * What happens when a strategy asks for batch after batch? Round 0 fits the surrogate on the points labelled at the
 * start; every later round has a batch proposed on the last posterior over what is left of the pool, is told its labels,
 * and fits again. The state after a round is a function of the batches recorded so far, so a run that was cut off goes
 * on from its records as if nothing had happened.
 */
import { requireEngine, requireFunction, requireObjects } from '../../misuse.js';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import { watchedBy } from '../../acquisition/certified.js';
import { type AcquisitionName, proposeBatch, strategies } from '../../acquisition/index.js';
import { greedyBatch } from '../../acquisition/greedy.js';
import { randomBatches } from '../../acquisition/random.js';
import { type StrategySettings, unusedSettings } from '../../acquisition/settings.js';
import type { Progress, Proposal } from '../../acquisition/strategy.js';
import { clock } from '../../clock.js';
import type { Engine } from '../../engine/engine.js';
import { type Failure, inputFailure } from '../../failure.js';
import { rowsAt } from '../../linear-algebra/matrix.js';
import { bits, type Key, keyFromSeed, split } from '../../random/key.js';
import { rewards } from '../../reward/index.js';
import type { Posterior } from '../../surrogate/posterior.js';
import { expectationOf } from '../expectation.js';
import type { RunRecord } from '../record.js';
import type { Experiment, SplitData, Unit } from './experiment.js';
import { metricsOf, pictureOf } from './score.js';
import { labelledRows, type State, stateAfter } from './state.js';
import { strategyOf } from './strategy-name.js';
import { present } from '../../present.js';

/** What a run is given beside its experiment. */
export interface SimulationControl {
  /** Records of the unit that there are already: rounds 0, 1, … without a gap, in any order. None if left out. */
  readonly recorded?: readonly RunRecord[];
  /** Keeps a record; the next round begins when it is kept. */
  readonly onRecord?: (record: RunRecord) => TE.TaskEither<Failure, void>;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** In place of the library's. */
  readonly propose?: typeof proposeBatch;
}

/** Random batches whose mean information stands beside a batch's. */
const RANDOM_BATCHES = 64;

/** Which child of the seed's key simulations draw from. */
const stream = 0x73696d;

type Proposed = Pick<RunRecord, 'batch' | 'jointMutualInformation' | 'sampler' | 'expected'> & {
  readonly proposeSeconds: number;
};

const recordOf = (
  experiment: Experiment,
  data: SplitData,
  { strategy, seed }: Unit,
  round: number,
  { labelled, fitted, fitSeconds }: State,
  { proposeSeconds, ...proposed }: Proposed,
): TE.TaskEither<Failure, RunRecord> =>
  pipe(
    TE.Do,
    TE.bind('test', () => fitted.posterior(data.test.inputs)),
    TE.bind('picture', () => pictureOf(fitted, data.table.inputs, labelledRows(data, labelled))),
    TE.map(({ test, picture }) => ({
      experiment: experiment.name,
      ...{ strategy, seed, round },
      labels: labelled.length,
      ...proposed,
      metrics: metricsOf(test, data.test.targets),
      seconds: { fit: fitSeconds, propose: proposeSeconds },
      picture,
      fingerprint: experiment.fingerprint,
    })),
  );

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

const randomMean = (posterior: Posterior, batchSize: number, key: Key): number =>
  randomBatches(posterior, { batchSize, count: RANDOM_BATCHES, key }).reduce(
    (sum, batch) => sum + batch.jointMutualInformation / RANDOM_BATCHES,
    0,
  );

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

const ask = (
  engine: Engine,
  { settings, batchSize }: Experiment,
  data: SplitData,
  { strategy, seed }: Unit,
  round: number,
  { left, fitted }: State,
  { propose = proposeBatch, onProgress, signal }: SimulationControl,
): TE.TaskEither<Failure, Proposed> => {
  const key = split(split(keyFromSeed(seed), stream), round);
  const named = O.toUndefined(strategyOf(strategy));
  if (named === undefined) throw new RangeError(`simulate: ${strategy} is the name of no strategy`);
  const { acquisition, draws, reward } = named;
  const started = clock();
  return pipe(
    fitted.posterior(rowsAt(data.table.inputs, left)),
    TE.bindTo('posterior'),
    TE.bind('proposal', ({ posterior }) =>
      propose(engine, posterior, {
        ...settingsOf(acquisition, settings),
        ...{ acquisition, batchSize, draws },
        ...(reward === undefined ? {} : { reward: rewards[reward] }),
        seed: at(bits(key, 1), 0),
        ...present({ onProgress, signal }),
      }),
    ),
    TE.map(({ posterior, proposal }) => {
      const { best, greedy, drawn } = proposal;
      const proposeSeconds = clock() - started;
      return {
        batch: best.indices.map((index) => left[index] ?? NaN),
        jointMutualInformation: {
          batch: best.jointMutualInformation,
          // The greedy batch of a proposal is greedy by the reward that it was asked for.
          greedy: (reward === undefined ? greedy : greedyBatch(posterior, batchSize)).jointMutualInformation,
          random: randomMean(posterior, batchSize, split(key, 1)),
          drawn: meanInformation(drawn),
        },
        sampler: samplerOf(proposal),
        expected: expectationOf(posterior, best.indices),
        proposeSeconds,
      };
    }),
  );
};

/** The batches of rounds 1, 2, …, or a fault where the records are not rounds 0, 1, … of batches of the pool. */
const batchesRecorded = (
  data: SplitData,
  { batchSize }: Experiment,
  { strategy, seed }: Unit,
  recorded: readonly RunRecord[],
): E.Either<Failure, readonly (readonly number[])[]> => {
  const batches = recorded.toSorted((a, b) => a.round - b.round).map(({ batch }) => batch);
  const rows = batches.flat();
  const pool = new Set(data.pool);
  const sound =
    recorded.every((record) => recorded.filter(({ round }) => round === record.round).length === 1) &&
    recorded.every(({ round }) => round < recorded.length) &&
    batches.every(({ length }, round) => length === (round === 0 ? 0 : batchSize)) &&
    rows.every((row) => pool.has(row)) &&
    new Set(rows).size === rows.length;
  return sound
    ? E.right(batches)
    : E.left(
        inputFailure({
          source: `records of ${strategy}, seed ${seed}`,
          problem: 'they are not rounds 0, 1, … with a batch of different pool rows each',
          remedy: 'Begin a new file of records',
        }),
      );
};

/** The failure of a run that was stopped. */
export const interrupted: Failure = { _tag: 'Interrupted', during: 'simulated active learning' };

/**
 * Runs a unit from its first missing round to the last, and gives the new records. Fails as the surrogate, the strategy
 * and `onRecord` do, with Interrupted once `signal` is aborted, and with an InputFailure where the records so far cannot
 * be of this experiment. Throws a RangeError where the pool is too small for the batches.
 */
export const simulate = (
  engine: Engine,
  experiment: Experiment,
  unit: Unit,
  control: SimulationControl = {},
): TE.TaskEither<Failure, readonly RunRecord[]> => {
  requireEngine('simulate', engine);
  requireObjects('simulate', { experiment, unit, control });
  requireFunction('simulate', 'experiment.split', experiment.split);
  const { recorded = [], onRecord = () => TE.right(undefined), signal, onProgress } = control;
  const { rounds } = experiment;
  const data = experiment.split(unit.seed);
  const keep = (round: number, state: State, proposed: Proposed): TE.TaskEither<Failure, RunRecord> =>
    pipe(
      recordOf(experiment, data, unit, round, state, proposed),
      TE.chainFirst(onRecord),
      TE.chainFirstIOK(
        () => () =>
          onProgress?.({
            stage: `${unit.strategy}, seed ${unit.seed}`,
            done: round,
            total: rounds,
            note: 'rounds',
          }),
      ),
    );
  const from = (
    round: number,
    state: State,
    batches: readonly (readonly number[])[],
    done: readonly RunRecord[],
  ): TE.TaskEither<Failure, readonly RunRecord[]> => {
    if (round > rounds) return TE.right(done);
    if (signal?.aborted === true) return TE.left(interrupted);
    return pipe(
      ask(engine, experiment, data, unit, round, state, control),
      TE.bindTo('proposed'),
      TE.let('after', ({ proposed }) => [...batches, proposed.batch]),
      TE.bind('next', ({ after }) => stateAfter(engine, experiment, data, after, watchedBy(control))),
      TE.bind('record', ({ next, proposed }) => keep(round, next, proposed)),
      TE.chain(({ next, after, record }) => from(round + 1, next, after, [...done, record])),
    );
  };
  if (recorded.length > rounds) return TE.right([]);
  return pipe(
    TE.fromEither(batchesRecorded(data, experiment, unit, recorded)),
    TE.bindTo('batches'),
    TE.bind('state', ({ batches }) => stateAfter(engine, experiment, data, batches, watchedBy(control))),
    TE.bind('first', ({ state }) =>
      recorded.length > 0
        ? TE.right<Failure, readonly RunRecord[]>([])
        : pipe(
            keep(0, state, { batch: [], jointMutualInformation: null, proposeSeconds: 0 }),
            TE.map((record): readonly RunRecord[] => [record]),
          ),
    ),
    TE.chain(({ batches, state, first }) => from(Math.max(1, recorded.length), state, batches, first)),
  );
};
