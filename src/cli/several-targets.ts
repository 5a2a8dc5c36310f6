/**
 * How is a table with several targets read? Once for each of them, the others left out, with the same features. Points of the pool are
 * the rows that lack some label: a label that is there is learnt from, and not asked for again (learning/outputs.ts).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { strategies } from '../acquisition/index.js';
import { listed } from '../data/columns.js';
import type { LabelledPool, Points } from '../data/labelled-pool.js';
import { type Failure, inputFailure, type InputFailure } from '../failure.js';
import { matrixFrom, rowsAt } from '../linear-algebra/matrix.js';
import type { BatchSurrogate } from '../learning/fit-for-batch.js';
import { expectationOf } from '../learning/expectation.js';
import type { BatchProblem, ReportedOutput } from './batch-report.js';
import type { Context } from './command.js';
import type { SamplerChoice } from './common-options.js';
import { type Fitted, type FittedOutput, fitPosterior } from './fit-posterior.js';
import { type Predictions, predictions } from './row-predictions.js';
import type { SurrogateChoice } from './surrogate-offers.js';

/** What a table tells of one of its targets. */
export interface TargetOfTable {
  readonly targetName: string;
  readonly labelled: LabelledPool['labelled'];
  /** The points of the pool whose label is there, 1 of each. */
  readonly known: Uint8Array;
}

/** A table of several targets: a pool of all of them, and what it tells of each. */
export interface ReadTargets {
  readonly read: LabelledPool;
  readonly targets: readonly TargetOfTable[];
}

/** Points of several lists by their places, in the order of the table. */
export const pointsAt = (lists: readonly Points[], places: readonly number[]): Points => {
  const found = new Map(
    lists.flatMap((list) => list.places.map((place, i) => [place, { list, i }] as const)),
  );
  const at = places.flatMap((place) => found.get(place) ?? []);
  const columns = lists[0]?.features.columns ?? 0;
  return {
    places,
    lines: at.map(({ list, i }) => list.lines[i] ?? NaN),
    features: matrixFrom(at.length, columns, (n, j) => {
      const own = at[n];
      return own === undefined ? NaN : (own.list.features.data[own.i * columns + j] ?? NaN);
    }),
  };
};

/** The places of all points of several lists, in the order of the table. */
export const placesOfAll = (lists: readonly Points[]): readonly number[] =>
  Array.from(new Set(lists.flatMap(({ places }) => places))).sort((a, b) => a - b);

/** What a table holds for each of some targets, read with the others among the columns to `drop`. Fails as reading does. */
export const readByTarget = <F, A>(
  names: readonly string[],
  { drop }: { readonly drop?: readonly string[] | undefined },
  read: (name: string, drop: readonly string[] | undefined) => TE.TaskEither<F, A>,
): TE.TaskEither<F, readonly A[]> =>
  pipe(
    names,
    TE.traverseSeqArray((name) => {
      const others = names.filter((other) => other !== name);
      return read(name, others.length === 0 ? drop : [...(drop ?? []), ...others]);
    }),
  );

/** The first of what was read, where all have its features; else an InputFailure. */
export const ofSameFeatures = (reads: readonly LabelledPool[]): E.Either<InputFailure, LabelledPool> => {
  const [first, ...others] = reads;
  const differs = others.find(({ featureNames }) => featureNames.join() !== first?.featureNames.join());
  return first === undefined || differs !== undefined
    ? E.left(
        inputFailure({
          source: '--target',
          problem: `features differ between ${first?.targetName ?? ''} and ${differs?.targetName ?? ''}`,
          remedy: 'Name the columns to use with --features',
        }),
      )
    : E.right(first);
};

/** What was read for each target, together. An InputFailure where they have not the same features. */
export const togetherRead = (reads: readonly LabelledPool[]): E.Either<InputFailure, ReadTargets> =>
  pipe(
    ofSameFeatures(reads),
    E.chain((first) => together(first, reads)),
  );

/** Sentences about several readings of a table, each once. */
export const remarksOf = (reads: readonly Pick<LabelledPool, 'remarks'>[]): readonly string[] =>
  Array.from(new Set(reads.flatMap(({ remarks }) => remarks)));

const together = (
  first: LabelledPool,
  reads: readonly LabelledPool[],
): E.Either<InputFailure, ReadTargets> => {
  const places = placesOfAll(reads.map(({ pool }) => pool));
  const names = reads.map(({ targetName }) => targetName);
  if (places.length === 0)
    return E.left(
      inputFailure({
        source: '--target',
        problem: `no row lacks a label of ${listed(names)}, so there is nothing to choose from`,
        remedy: 'Leave the cell of a target empty in the rows that may be labelled next',
      }),
    );
  return E.right({
    read: {
      ...first,
      targetName: names.join(', '),
      pool: pointsAt(
        reads.flatMap(({ pool, labelled }) => [pool, labelled]),
        places,
      ),
      remarks: remarksOf(reads),
    },
    targets: reads.map(({ targetName, labelled, pool }) => {
      const open = new Set(pool.places);
      return { targetName, labelled, known: Uint8Array.from(places, (place) => (open.has(place) ? 0 : 1)) };
    }),
  });
};

/** An InputFailure for what several targets are not taken with. */
export const checkTargets = (
  {
    task,
    reward,
    acquisition,
    ownModel,
  }: Pick<SurrogateChoice, 'task'> &
    Pick<SamplerChoice, 'reward' | 'acquisition'> & { readonly ownModel?: boolean },
  targets: readonly TargetOfTable[] | undefined,
): E.Either<Failure, void> => {
  const refuse = (source: string, problem: string) =>
    E.left(inputFailure({ source, problem, remedy: 'Remove it, or name one target' }));
  return targets === undefined
    ? E.right(undefined)
    : ownModel === true
      ? refuse('--own-model', 'what a model elsewhere predicts is of one target')
      : task === 'classes'
        ? refuse('--task', 'several targets are of numbers')
        : reward !== undefined && reward !== 'information'
          ? refuse('--reward', 'batches for several targets are by their information')
          : acquisition !== undefined && strategies[acquisition].ofClasses === true
            ? refuse('--acquisition', `${acquisition} is of class labels, and several targets are of numbers`)
            : E.right(undefined);
};

/** The rows of a pool that are not known. */
const openRows = ({ rows, features }: BatchProblem['pool'], known: Uint8Array): BatchProblem['pool'] => {
  const open = Array.from(known.keys()).filter((n) => known[n] === 0);
  return { rows: open.map((n) => rows[n] ?? NaN), features: rowsAt(features, open) };
};

/** The surrogate fitted to each target in turn. Fails as fitting does, naming the column. */
export const fitOutputs = (
  problem: BatchProblem,
  targets: readonly TargetOfTable[],
  surrogate: BatchSurrogate,
  context: Pick<Context, 'progress' | 'signal' | 'remark'>,
): TE.TaskEither<Failure, Fitted> =>
  pipe(
    targets,
    TE.traverseSeqArray(({ targetName, labelled, known }) =>
      pipe(
        // As if it were the only one: rows that have its label are not of its pool.
        fitPosterior(
          { ...problem, targetName, labelled, pool: openRows(problem.pool, known) },
          surrogate,
          context,
          problem.pool.features,
        ),
        TE.map((fitted) => ({
          fitted,
          output: {
            ...{ posterior: fitted.posterior, known, coldStart: fitted.coldStart === true },
            ...{ target: targetName, labelled: labelled.targets.length, surrogate: fitted.surrogate },
          },
        })),
      ),
    ),
    TE.map((all) => {
      const [first] = all;
      if (first === undefined) throw new RangeError('fitOutputs: there is no target');
      return {
        ...first.fitted,
        coldStart: all.every(({ output }) => output.coldStart),
        fitSeconds: all.reduce((sum, { fitted }) => sum + fitted.fitSeconds, 0),
        outputs: all.map(({ output }) => output),
      };
    }),
  );

/** What is told of the outputs of a batch: by each, what is expected of its points. */
export const reportedOutputs = (
  outputs: readonly FittedOutput[],
  indices: readonly number[],
): readonly ReportedOutput[] =>
  outputs.map(({ target, labelled, surrogate, posterior, coldStart }) => ({
    ...{ target, labelled, surrogate },
    ...(coldStart
      ? {}
      : {
          ...(predictions(undefined, posterior, indices) as Pick<
            Predictions,
            'predictedMean' | 'standardDeviation'
          >),
          expected: expectationOf(posterior, indices),
        }),
  }));
