/** `batchgfn init FOLDER`: a session of active learning from a table. */
import { positional } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import { oneClass } from '../../data/class-names.js';
import type { Points } from '../../data/labelled-pool.js';
import { STANDARD_INPUT } from '../../data/read-table.js';
import { type Failure, inputFailure, type InputFailure } from '../../failure.js';
import type { Elsewhere, SessionStart } from '../../learning/session/events.js';
import { type BatchSurrogate, batchSurrogateOf } from '../../learning/fit-for-batch.js';
import { withStrategy } from '../../learning/usual-strategy.js';
import type { BatchProblem } from '../batch-report.js';
import { command, type Context, printed, type Work } from '../command.js';
import { givenSettings } from '../../acquisition/settings.js';
import { checkSampler, json, samplerOptions, settingOptions, type SamplerChoice } from '../common-options.js';
import { filePath } from '../decoders.js';
import { embeddings, type EmbeddingsChoice } from '../embeddings.js';
import { checkColumnsOfLimits, columnsOfLimits, type LimitChoice } from '../limit-options.js';
import { flag, optional, required } from '../options.js';
import {
  classes,
  fileDescription,
  type FlagChoice,
  flagOptions,
  readPoolFile,
  targetKindOf,
  targetName,
  targetsDoc,
  type PoolOfFile,
  type RowTexts,
} from '../pool-file.js';
import { checkNoSurrogate } from '../predictions.js';
import { renderJson } from '../render.js';
import { dataFileOf, seeingBytes } from '../session-data.js';
import { createSession } from '../session-folder.js';
import { checkTargets, placesOfAll, pointsAt } from '../several-targets.js';
import { renderStatus, type StatusReport, statusOf } from '../session-status.js';
import type { SurrogateChoice } from '../surrogate-offers.js';
import { isWide, surrogateOptions, surrogateSpecOf, task } from '../surrogate-options.js';
import { type TableChoice, tableOptions } from '../table-options.js';
import { present } from '../../present.js';

/** Decoded options of init. */
export interface InitOptions
  extends
    SurrogateChoice,
    TableChoice,
    FlagChoice,
    EmbeddingsChoice,
    Pick<LimitChoice, 'cost' | 'per'>,
    Omit<SamplerChoice, 'engine'> {
  readonly ownModel: boolean;
  readonly folder: string;
  readonly data: string;
  /** No row is labelled yet if left out. */
  readonly target: string | undefined;
  readonly classes: readonly string[] | undefined;
}

/** The points of the file in the order of its lines, with their names and texts. */
const pointsOf = (
  { lines, places, features: { data, columns } }: Points,
  { id, shown, cost, per }: PoolOfFile,
): Pick<SessionStart, 'rows' | 'features' | 'rowNames' | 'shown' | 'costs' | 'groups'> => {
  const texts = ({ column, textAt }: RowTexts) => ({ column, texts: places.map(textAt) });
  return {
    rows: lines,
    features: lines.map((_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns))),
    ...present({
      rowNames: id && texts(id),
      shown: shown.length === 0 ? undefined : shown.map(texts),
      groups: per && texts(per),
      costs: cost && {
        column: cost.column,
        // A labelled row need not cost anything.
        values: places.map((place) => cost.numberAt(place) || 0),
      },
    }),
  };
};

/** All points of the file. An InputFailure for rows that a flag keeps out of the pool and that lack the label of a target. */
const allPoints = ({
  problem: { source },
  points: { pool, labelled },
}: PoolOfFile): E.Either<Failure, Points> => {
  const lists = [pool, ...labelled.map((one) => one.labelled)];
  const places = placesOfAll(lists);
  const open = new Set(pool.places);
  const labelledIn = labelled.map((one) => new Set(one.labelled.places));
  const halves = places.filter((place) => !open.has(place) && !labelledIn.every((own) => own.has(place)));
  return halves.length === 0
    ? E.right(pointsAt(lists, places))
    : E.left(
        inputFailure({
          ...{ source, line: at(pointsAt(lists, halves).lines, 0) },
          problem: 'a flag keeps the row out, and it has the label of one target and lacks that of another',
          remedy: 'Leave --only and --exclude out, and skip such rows with tell --skip',
        }),
      );
};

/** The targets of the file with their labels. */
const targetsOf = ({
  points: { labelled: all },
}: PoolOfFile): Pick<SessionStart, 'targetName' | 'labels' | 'furtherTargets'> => {
  const [first, ...further] = all.map(({ targetName: name, labelled: { lines, targets } }) => ({
    targetName: name,
    labels: lines.map((row, i) => [row, at(targets, i)] as const),
  }));
  if (first === undefined) throw new RangeError('init: there is no target');
  return { ...first, ...(further.length === 0 ? {} : { furtherTargets: further }) };
};

/** The strategy of a session, and its settings, a reward among them. */
const strategyOf = (
  options: InitOptions,
  { problem, points: { pool }, targets }: PoolOfFile,
): Pick<SessionStart, 'acquisition' | 'settings'> => {
  const { acquisition, reward, candidates } = withStrategy(options, {
    ...{ ofClasses: problem.classNames !== undefined, several: targets !== undefined },
    limits: options.cost !== undefined || options.per !== undefined,
    ...{ points: pool.places.length, wide: options.ownModel || isWide(options) },
  });
  return { acquisition, settings: { ...givenSettings(options), ...present({ candidates, reward }) } };
};

/** The most features of a session, which keeps them as text. */
const mostFeatures = 2 ** 24;

/** The names of features: embeddings have their places. An InputFailure where there are more than a session keeps. */
const namesOf = (
  { embeddings: file }: EmbeddingsChoice,
  { problem: { featureNames } }: PoolOfFile,
  { features: { rows, columns } }: Points,
): E.Either<Failure, readonly string[]> => {
  if (file === undefined) return E.right(featureNames);
  return rows * columns <= mostFeatures
    ? E.right(Array.from({ length: columns }, (_, j) => `e${j}`))
    : E.left(
        inputFailure({
          source: file,
          problem: `they are ${rows * columns} numbers, and a session keeps at most ${mostFeatures}`,
          remedy:
            'Give fewer dimensions, their principal components for instance, or choose with batchgfn select',
        }),
      );
};

/** What is fitted to the labels; or that a model elsewhere predicts, which options of a surrogate say nothing of. */
const surrogateOf = (options: InitOptions): E.Either<InputFailure, BatchSurrogate | Elsewhere> => {
  if (!options.ownModel) return surrogateSpecOf(options, options.seed);
  return options.embeddings === undefined
    ? pipe(
        checkNoSurrogate(options, '--own-model'),
        E.map((): Elsewhere => ({ kind: 'predictions' })),
      )
    : E.left(
        inputFailure({
          source: '--embeddings',
          problem: 'a surrogate is fitted to them, and --own-model takes its place',
          remedy: 'Remove one of the two',
        }),
      );
};

/** The same of as many classes as labels may name. */
const withClasses = (
  surrogate: BatchSurrogate | Elsewhere,
  classCount: number | undefined,
): BatchSurrogate | Elsewhere =>
  surrogate.kind === 'predictions'
    ? { ...surrogate, ...present({ classes: classCount }) }
    : batchSurrogateOf(surrogate, classCount);

/** A session hears of no other classes later, so it begins with two at least. */
const checkClasses = (
  { data }: InitOptions,
  { classNames, targetName: target }: BatchProblem,
): E.Either<Failure, void> =>
  classNames === undefined || classNames.length > 1
    ? E.right(undefined)
    : E.left(
        inputFailure({
          source: data,
          column: target,
          problem: oneClass(classNames),
          remedy: 'Name all classes that labels may ever have: --classes A,B,C',
        }),
      );

/** Begins a session: the table is read once, and not needed again; the session tells its digest. */
export const initReport = (options: InitOptions, context: Context): TE.TaskEither<Failure, StatusReport> =>
  pipe(
    TE.fromEither(surrogateOf(options)),
    TE.chainFirstEitherK(() => checkSampler({ ...options, engine: 'auto', batchSize: 1 })),
    TE.chainFirstEitherK(() => checkColumnsOfLimits(options)),
    TE.bindTo('surrogate'),
    TE.let('bytes', seeingBytes),
    TE.bind('kind', () => TE.fromEither(targetKindOf(options.task, options.classes))),
    TE.mapLeft((failure): Failure => failure),
    TE.bind('pool', ({ kind, bytes: { onBytes } }) =>
      readPoolFile(
        { ...options, file: options.data, predicted: options.ownModel, several: true },
        options.data === STANDARD_INPUT ? { ...context, onBytes } : context,
        kind,
      ),
    ),
    TE.chainFirst(({ pool: { targets } }) => TE.fromEither(checkTargets(options, targets))),
    TE.bind('points', ({ pool }) => TE.fromEither(allPoints(pool))),
    TE.bind('featureNames', ({ pool, points }) => TE.fromEither(namesOf(options, pool, points))),
    TE.bind('data', ({ pool: { decimal }, bytes }) =>
      dataFileOf(options.folder, options.data, { ...options, decimal }, bytes, context.signal),
    ),
    TE.chainFirst(({ pool: { problem } }) => TE.fromEither(checkClasses(options, problem))),
    TE.chain(({ surrogate, pool, data, featureNames, points }) => {
      pool.remarks.forEach(context.remark);
      const { classNames, rowKind } = pool.problem;
      const { targetName: name, labels, ...further } = targetsOf(pool);
      const { rows, features, ...words } = pointsOf(points, pool);
      return createSession(options.folder, {
        ...{ version: 1, featureNames, targetName: name },
        ...present({ classNames, rowKind: rowKind === 'row' ? rowKind : undefined }),
        ...{ rows, features, labels, ...words, ...further },
        surrogate: withClasses(surrogate, classNames?.length),
        ...strategyOf(options, pool),
        seed: options.seed,
        ...present({ data, embedded: options.embeddings === undefined ? undefined : (true as const) }),
      });
    }),
    TE.map(statusOf),
  );

/** The work of init. */
export const initWork =
  (options: InitOptions & { readonly json: boolean }): Work =>
  (context) =>
    pipe(
      initReport(options, context),
      TE.map((status) => (options.json ? renderJson(status) : renderStatus(options.folder, status))),
      TE.map(printed),
    );

/** The command, with its options and help. */
export const init = command({
  name: 'init',
  description: 'Begin a session of active learning in a folder: rows with an empty target cell are the pool.',
  examples: [
    { description: 'begin a session', command: 'batchgfn init sine -d sine.csv -t y' },
    {
      description: 'one whose batches are chosen by what a model of yours predicts',
      command: 'batchgfn init wells -d wells.csv -t yield --own-model -a greedy',
    },
  ],
  args: {
    folder: positional({
      displayName: 'FOLDER',
      description: 'where the session is kept; made if it is not there',
    }),
    data: required(
      { long: 'data', placeholder: 'FILE', description: fileDescription },
      filePath('a file', 'Give the path of a CSV file'),
    ),
    target: optional(targetsDoc, targetName),
    ...tableOptions,
    ...flagOptions,
    ...columnsOfLimits,
    embeddings,
    ...surrogateOptions,
    ownModel: flag({
      long: 'own-model',
      description: 'in place of a surrogate, a model of yours: each ask is given what it predicts now',
    }),
    task,
    classes,
    acquisition: samplerOptions.acquisition,
    ...settingOptions,
    candidates: samplerOptions.candidates,
    reward: samplerOptions.reward,
    seed: samplerOptions.seed,
    json,
  },
  handler: initWork,
});
