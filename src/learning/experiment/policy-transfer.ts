/**
 * How good is a policy on a posterior that it was not trained on? In each round policies are compared on one posterior: one
 * that is trained from scratch there, whose batch is then labelled, and those of policies.ts, which have learned elsewhere
 * or little. All draw the same number of batches with the same key. Metrics are beside the one trained from scratch.
 *
 * What comes after a round is a function of the batches recorded so far, so that a run that was cut off goes on as if nothing
 * had happened.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { watchedBy } from '../../acquisition/certified.js';
import { proposeBatch } from '../../acquisition/index.js';
import type { Proposal } from '../../acquisition/strategy.js';
import { at } from '../../at.js';
import type { Engine } from '../../engine/engine.js';
import { type Failure, numericalFailure } from '../../failure.js';
import { matrixFrom, rowsAt } from '../../linear-algebra/matrix.js';
import { bits, keyFromSeed, split } from '../../random/key.js';
import type { RunRecord } from '../record.js';
import { coordinatePosterior } from './coordinates.js';
import { judgeOn, recordOf, SCRATCH, type Situation } from './judged.js';
import type { Experiment, PolicyStudy, SplitData } from './experiment.js';
import {
  type Before,
  type ContendersAt,
  contendersOf,
  type RoundSnapshot,
  type PolicyContext,
  type Trained,
  type TrainedFrom,
} from './policies.js';
import { settingsOf } from './asked-batch.js';
import { interrupted, type SimulationControl } from './simulate.js';
import { stateAfter } from './state.js';
import { present } from '../../present.js';

/** Batches drawn by every policy. */
const DRAWS = 256;

/** Which child of the seed's key the policies draw from. */
const stream = 0x616d6f72;

const noAnchors = (columns: number) => matrixFrom(0, columns, () => NaN);

const situationAfter = (
  engine: Engine,
  experiment: Experiment,
  study: PolicyStudy,
  data: SplitData,
  batches: readonly (readonly number[])[],
  control: SimulationControl,
): TE.TaskEither<Failure, Situation> => {
  const { inputs } = data.table;
  const anchors = study.kind === 'problems' ? study.anchors : noAnchors(inputs.columns);
  return pipe(
    stateAfter(engine, experiment, data, batches, watchedBy(control)),
    TE.chain(({ labelled, left, fits, fitSeconds }) =>
      pipe(
        coordinatePosterior(at(fits, 0), rowsAt(inputs, left), anchors),
        TE.map((beside) => ({ labels: labelled.length, fitSeconds, moment: { left, ...beside } })),
      ),
    ),
  );
};

const contextOf = (
  engine: Engine,
  { settings, batchSize }: Experiment,
  seed: number,
  round: number,
  { propose = proposeBatch, onProgress, signal }: SimulationControl,
): PolicyContext => ({
  ...{ engine, batchSize, propose },
  settings: settingsOf('gflownet', settings),
  key: split(split(keyFromSeed(seed), stream), round),
  ...present({ onProgress, signal }),
});

const proposed = (
  { engine, key, settings, batchSize, propose, signal }: PolicyContext,
  { posterior }: RoundSnapshot,
  { start, iterations }: Partial<TrainedFrom> = {},
): TE.TaskEither<Failure, Proposal> =>
  propose(engine, posterior, {
    ...settings,
    ...{ acquisition: 'gflownet', batchSize, draws: DRAWS, seed: at(bits(key, 1), 0) },
    ...present({ iterations, start, signal }),
  });

const trainedBy = (moment: RoundSnapshot, { trained, best }: Proposal): TE.TaskEither<Failure, Trained> =>
  trained === undefined
    ? TE.left(
        numericalFailure('comparing policies', 'the strategy trains none', 'Use one that gives its policy'),
      )
    : TE.right({ ...moment, policy: trained, batch: best.indices });

type Batches = readonly (readonly number[])[];

/** The first round of a seed of which a record is missing. */
const firstMissing = (
  { rounds }: Experiment,
  names: readonly string[],
  recorded: readonly RunRecord[],
): number => {
  const there = new Set(recorded.map(({ strategy, round }) => `${strategy} ${round}`));
  let round = 0;
  while (round <= rounds && [SCRATCH, ...names].every((name) => there.has(`${name} ${round}`))) round++;
  return round;
};

/** The rounds of one seed: what they are run with, and what is recorded of them. */
interface Rounds {
  readonly engine: Engine;
  readonly experiment: Experiment;
  readonly study: PolicyStudy;
  readonly names: readonly string[];
  readonly seed: number;
  readonly data: SplitData;
  readonly recorded: readonly RunRecord[];
  readonly contendersAt: ContendersAt;
  readonly control: SimulationControl;
}

const contextAt = ({ engine, experiment, seed, control }: Rounds, round: number): PolicyContext =>
  contextOf(engine, experiment, seed, round, control);

/** The batches labelled before a round, as they are recorded. */
const batchesBefore = ({ recorded }: Rounds, round: number): Batches =>
  recorded
    .filter((record) => record.strategy === SCRATCH && record.round < round)
    .toSorted((a, b) => a.round - b.round)
    .map(({ batch }) => batch);

/** The policy trained from scratch after some batches. */
const scratchAfter = (rounds: Rounds, batches: Batches) => {
  const { engine, experiment, study, data, control } = rounds;
  const context = contextAt(rounds, batches.length);
  return pipe(
    situationAfter(engine, experiment, study, data, batches, control),
    TE.bindTo('situation'),
    TE.bind('scratch', ({ situation: { moment } }) => proposed(context, moment)),
    TE.bind('trained', ({ situation: { moment }, scratch }) => trainedBy(moment, scratch)),
  );
};

/** The round after some batches: the records that it lacks, and what the policy trained from scratch gives the next one. */
const roundAfter = (rounds: Rounds, batches: Batches, before: Before) => {
  const { experiment, names, seed, contendersAt, control, recorded } = rounds;
  const { onRecord = () => TE.right(undefined) } = control;
  const round = batches.length;
  const there = recorded.filter((one) => one.round === round).map(({ strategy }) => strategy);
  const missing = names.filter((name) => !there.includes(name));
  const context = contextAt(rounds, round);
  return pipe(
    scratchAfter(rounds, batches),
    TE.bind('contenders', ({ situation: { moment } }) => contendersAt(missing, moment, before, context)),
    TE.bind('judge', ({ situation: { moment }, scratch }) => judgeOn(moment, scratch, context)),
    TE.bind('judged', ({ judge, scratch }) => judge(scratch)),
    TE.bind('records', ({ situation, judge, judged, contenders }) =>
      pipe(
        [...(there.includes(SCRATCH) ? [] : [{ name: SCRATCH, from: undefined }]), ...contenders],
        TE.traverseSeqArray(({ name, from: start }) =>
          pipe(
            start === undefined
              ? TE.right(judged)
              : pipe(proposed(context, situation.moment, start), TE.chain(judge)),
            TE.map((one) => recordOf(experiment, seed, round, situation, name, one, judged)),
            TE.chainFirst(onRecord),
          ),
        ),
      ),
    ),
  );
};

/** The rounds after some batches to the last. */
const roundsFrom = (
  rounds: Rounds,
  batches: Batches,
  before: Before,
  done: readonly RunRecord[],
): TE.TaskEither<Failure, readonly RunRecord[]> => {
  const { experiment, seed, control } = rounds;
  const round = batches.length;
  if (round > experiment.rounds) return TE.right(done);
  if (control.signal?.aborted === true) return TE.left(interrupted);
  return pipe(
    roundAfter(rounds, batches, before),
    TE.chain(({ trained, situation: { moment }, records }) => {
      const stage = `policies, seed ${seed}`;
      control.onProgress?.({ stage, done: round, total: experiment.rounds, note: 'rounds' });
      const batch = trained.batch.map((index) => at(moment.left, index));
      const next = { first: before?.first ?? trained, last: trained };
      return roundsFrom(rounds, [...batches, batch], next, [...done, ...records]);
    }),
  );
};

/** The rounds from the first that is missing, which needs the first and the last policy that were trained before it. */
const missingRounds = (rounds: Rounds): TE.TaskEither<Failure, readonly RunRecord[]> => {
  const { experiment, study, names, recorded } = rounds;
  const start = firstMissing(experiment, names, recorded);
  const batches = batchesBefore(rounds, start);
  if (start === 0 || study.kind === 'problems') return roundsFrom(rounds, batches, undefined, []);
  return pipe(
    scratchAfter(rounds, []),
    TE.bindTo('first'),
    TE.bind('last', ({ first }) =>
      start === 1 ? TE.right(first) : scratchAfter(rounds, batchesBefore(rounds, start - 1)),
    ),
    TE.chain(({ first, last }) =>
      roundsFrom(rounds, batches, { first: first.trained, last: last.trained }, []),
    ),
  );
};

/** What of a study is to be done. */
export interface StudyPart {
  readonly seeds: readonly number[];
  /** The policies beside the one trained from scratch: names of policies.ts. */
  readonly names: readonly string[];
}

/**
 * Runs a study seed by seed, each from its first missing round to the last, and gives the new records; `recorded` are those
 * of all seeds. Fails as the surrogate, training and `onRecord` do, and with Interrupted once `signal` is aborted. Throws a
 * RangeError where the pool is too small for the batches.
 */
export const transferPolicies = (
  engine: Engine,
  experiment: Experiment,
  study: PolicyStudy,
  { seeds, names }: StudyPart,
  control: SimulationControl = {},
): TE.TaskEither<Failure, readonly RunRecord[]> => {
  const { recorded = [] } = control;
  const missing = seeds.filter(
    (seed) =>
      firstMissing(
        experiment,
        names,
        recorded.filter((record) => record.seed === seed),
      ) <= experiment.rounds,
  );
  if (missing.length === 0) return TE.right([]);
  return pipe(
    contendersOf(experiment, study, contextOf(engine, experiment, 0, 0, control)),
    TE.chain((contendersAt) =>
      pipe(
        missing,
        TE.traverseSeqArray((seed) =>
          missingRounds({
            ...{ engine, experiment, study, names, seed, control, contendersAt },
            data: experiment.split(seed),
            recorded: recorded.filter((record) => record.seed === seed),
          }),
        ),
      ),
    ),
    TE.map((parts) => parts.flat()),
  );
};
