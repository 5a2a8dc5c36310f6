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
import type { Engine } from '../../engine/engine.js';
import { type Failure, numericalFailure } from '../../failure.js';
import { matrixFrom, rowsAt } from '../../linear-algebra/matrix.js';
import { bits, keyFromSeed, split } from '../../random/key.js';
import type { RunRecord } from '../record.js';
import { coordinatePosterior } from './coordinates.js';
import { euboAgainst, targetOn } from './held-against.js';
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
import { interrupted, meanInformation, settingsOf, type SimulationControl } from './simulate.js';
import { stateAfter } from './state.js';
import { present } from '../../present.js';

/** Batches drawn by every policy. */
const DRAWS = 256;

/** Which child of the seed's key the policies draw from. */
const stream = 0x616d6f72;

/** Which child of a round's key the target's batches are drawn from. */
const heldStream = 0x6865;

/** The name of the policy that the others are compared with, and whose batches are labelled. */
export const SCRATCH = 'scratch';

const noAnchors = (columns: number) => matrixFrom(0, columns, () => Number.NaN);

/** The ELBO in nats; NaN where a strategy has none. */
const elboOf = (logPartition: Proposal['logPartition']): number => logPartition?.elbo ?? Number.NaN;

/** What a policy proposes, and its EUBO in nats; NaN where there is none. */
interface Judged {
  readonly proposal: Proposal;
  readonly eubo: number;
}

const recordOf = (
  { name: experiment, fingerprint }: Experiment,
  seed: number,
  round: number,
  { labels, fitSeconds, moment }: Situation,
  strategy: string,
  { proposal: { best, greedy, random, drawn, logPartition, seconds }, eubo }: Judged,
  { proposal: scratch, eubo: scratchEubo }: Judged,
): RunRecord => ({
  ...{ experiment, strategy, seed, round, labels },
  batch: best.indices.map((index) => moment.left[index] ?? Number.NaN),
  jointMutualInformation: {
    batch: best.jointMutualInformation,
    greedy: greedy.jointMutualInformation,
    random: random.mean,
    drawn: meanInformation(drawn),
  },
  metrics: {
    informationRatio: best.jointMutualInformation / scratch.best.jointMutualInformation,
    drawnRatio: meanInformation(drawn) / meanInformation(scratch.drawn),
    elboDifference: elboOf(logPartition) - elboOf(scratch.logPartition),
    ...(Number.isFinite(eubo - scratchEubo) ? { euboDifference: eubo - scratchEubo } : {}),
  },
  seconds: { fit: fitSeconds, propose: seconds.train + seconds.draw },
  picture: null,
  fingerprint,
});

interface Situation {
  readonly labels: number;
  readonly fitSeconds: number;
  readonly moment: RoundSnapshot;
}

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
    TE.chain(({ labelled, left, fitted, fitSeconds }) =>
      pipe(
        coordinatePosterior(fitted, rowsAt(inputs, left), anchors),
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
    ...{ acquisition: 'gflownet', batchSize, draws: DRAWS, seed: bits(key, 1)[0] ?? 0 },
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

const studyOf = (
  engine: Engine,
  experiment: Experiment,
  study: PolicyStudy,
  names: readonly string[],
  seed: number,
  control: SimulationControl,
  contendersAt: ContendersAt,
): TE.TaskEither<Failure, readonly RunRecord[]> => {
  const { recorded = [], onRecord = () => TE.right(undefined), signal, onProgress } = control;
  const { rounds } = experiment;
  const data = experiment.split(seed);
  const own = recorded.filter((record) => record.seed === seed);
  const batchesBefore = (round: number): Batches =>
    own
      .filter((record) => record.strategy === SCRATCH && record.round < round)
      .toSorted((a, b) => a.round - b.round)
      .map(({ batch }) => batch);
  const scratchAfter = (batches: Batches) => {
    const context = contextOf(engine, experiment, seed, batches.length, control);
    return pipe(
      situationAfter(engine, experiment, study, data, batches, control),
      TE.bindTo('situation'),
      TE.bind('scratch', ({ situation: { moment } }) => proposed(context, moment)),
      TE.bind('trained', ({ situation: { moment }, scratch }) => trainedBy(moment, scratch)),
    );
  };
  const judgeOn = (
    { posterior }: RoundSnapshot,
    { temperature }: Proposal,
    { key, batchSize }: PolicyContext,
  ) => {
    const own = split(key, heldStream);
    return pipe(
      targetOn(posterior, {
        ...{ batchSize, temperature, key: own },
        ...present({ signal }),
      }),
      TE.map(
        (held) =>
          (proposal: Proposal): TE.TaskEither<Failure, Judged> =>
            pipe(
              euboAgainst(engine, held, proposal.trained, own),
              TE.map((eubo) => ({ proposal, eubo })),
            ),
      ),
    );
  };
  const from = (
    batches: Batches,
    before: Before,
    done: readonly RunRecord[],
  ): TE.TaskEither<Failure, readonly RunRecord[]> => {
    const round = batches.length;
    if (round > rounds) return TE.right(done);
    if (signal?.aborted === true) return TE.left(interrupted);
    const there = own.filter((one) => one.round === round).map(({ strategy }) => strategy);
    const missing = names.filter((name) => !there.includes(name));
    const context = contextOf(engine, experiment, seed, round, control);
    return pipe(
      scratchAfter(batches),
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
      TE.chainFirstIOK(
        () => () =>
          onProgress?.({ stage: `policies, seed ${seed}`, done: round, total: rounds, note: 'rounds' }),
      ),
      TE.chain(({ trained, situation: { moment }, records }) => {
        const batch = trained.batch.map((index) => moment.left[index] ?? Number.NaN);
        const next = { first: before?.first ?? trained, last: trained };
        return from([...batches, batch], next, [...done, ...records]);
      }),
    );
  };
  const start = firstMissing(experiment, names, own);
  if (start === 0 || study.kind === 'problems') return from(batchesBefore(start), undefined, []);
  return pipe(
    TE.Do,
    TE.bind('first', () => scratchAfter([])),
    TE.bind('last', ({ first }) => (start === 1 ? TE.right(first) : scratchAfter(batchesBefore(start - 1)))),
    TE.chain(({ first, last }) =>
      from(batchesBefore(start), { first: first.trained, last: last.trained }, []),
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
        TE.traverseSeqArray((seed) => studyOf(engine, experiment, study, names, seed, control, contendersAt)),
      ),
    ),
    TE.map((parts) => parts.flat()),
  );
};
