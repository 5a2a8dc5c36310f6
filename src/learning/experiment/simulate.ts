/**
 * What happens when a strategy asks for batch after batch? Round 0 fits the surrogate on the points labelled at the start, or takes
 * the prior where they say nothing; every later round has a batch proposed on the last posterior over what is left of the pool, is told
 * its labels, and fits again. The state after a round is a function of the batches recorded so far, so a run that was cut off goes on
 * from its records as if nothing had happened.
 */
import { requireEngine, requireFunction, requireObjects } from '../../misuse.js';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { watchedBy } from '../../acquisition/certified.js';
import type { Engine } from '../../engine/engine.js';
import { type Failure, inputFailure } from '../../failure.js';
import type { RunRecord } from '../record.js';
import type { Experiment, SplitData, Unit } from './experiment.js';
import { askedBatch, type AskControl, type Proposed } from './asked-batch.js';
import { labelledRows } from './labelled-rows.js';
import { guessMetrics, metricsOfRows, pictureOf } from './score.js';
import { posteriorsAt, type State, stateAfter } from './state.js';

/** What a run is given beside its experiment. */
export interface SimulationControl extends AskControl {
  /** Records of the unit that there are already: rounds 0, 1, … without a gap, in any order. None if left out. */
  readonly recorded?: readonly RunRecord[];
  /** Keeps a record; the next round begins when it is kept. */
  readonly onRecord?: (record: RunRecord) => TE.TaskEither<Failure, void>;
}

const recordOf = (
  experiment: Experiment,
  data: SplitData,
  { strategy, seed }: Unit,
  round: number,
  { labelled, fits, beginning, fitSeconds }: State,
  { proposeSeconds, ...proposed }: Proposed,
): TE.TaskEither<Failure, RunRecord> =>
  pipe(
    beginning.coldStart && beginning.ofClasses
      ? TE.right<Failure, Pick<RunRecord, 'metrics' | 'picture'>>({
          metrics: guessMetrics(data.table),
          picture: null,
        })
      : pipe(
          TE.Do,
          TE.bind('metrics', () =>
            pipe(
              posteriorsAt(fits, data.test.inputs),
              TE.map((tests) => metricsOfRows(tests, data.test, data.table)),
            ),
          ),
          TE.bind('picture', () => pictureOf(fits, data.table.inputs, labelledRows(data.table, labelled))),
        ),
    TE.map(({ metrics, picture }) => ({
      experiment: experiment.name,
      ...{ strategy, seed, round },
      labels: labelled.length,
      ...proposed,
      metrics,
      seconds: { fit: fitSeconds, propose: proposeSeconds },
      picture,
      fingerprint: experiment.fingerprint,
    })),
  );

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
      askedBatch(engine, experiment, data, unit, round, state, control),
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
