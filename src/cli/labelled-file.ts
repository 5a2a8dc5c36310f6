/**
 * Which rows of a table have a label, and which labels? Those of its target; of several targets the rows that have a label of each, so
 * that a batch can be measured in all of them.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { listed, targetsIn } from '../data/columns.js';
import { type LabelledPool, labelledRows } from '../data/labelled-pool.js';
import type { TargetKind } from '../data/target-cells.js';
import { type Failure, inputFailure, type InputFailure } from '../failure.js';
import type { LabelledRows } from '../learning/experiment/experiment.js';
import { labelledRows as rowsOfTable, stillTarget } from '../learning/experiment/labelled-rows.js';
import type { Context } from './command.js';
import { withEmbeddings } from './embeddings.js';
import { featurelessOf, type PoolFile } from './pool-file.js';
import { ofSameFeatures, readByTarget, remarksOf } from './several-targets.js';
import { tableOfFile } from './table-file.js';
import { readingOf } from './table-options.js';
import { present } from '../present.js';

/** Rows that have a label, and what is said of those that have not. */
export interface LabelledFile {
  readonly rows: LabelledRows;
  /** How many classes the labels name; undefined of numbers. */
  readonly classes: number | undefined;
  readonly remarks: readonly string[];
}

const ofOne = ({ labelled, classNames, remarks }: LabelledPool): LabelledFile => ({
  rows: { inputs: labelled.features, targets: labelled.targets },
  classes: classNames?.length,
  remarks,
});

/** What cannot be compared: nothing is labelled in all targets, or labels of one are all the same. */
const checkOutputs = (
  source: string,
  rows: LabelledRows,
  names: readonly string[],
): E.Either<InputFailure, void> => {
  const still = stillTarget(rows);
  return rows.inputs.rows === 0
    ? E.left(
        inputFailure({
          source,
          problem: `no row has a label of each of ${listed(names)}`,
          remedy: 'Fill in both in some rows, or name one target',
        }),
      )
    : still === undefined
      ? E.right(undefined)
      : E.left(
          inputFailure({
            ...{ source, column: still.target },
            problem:
              'its labels are all the same in the rows that have one of each target, so errors of it are beside nothing',
            remedy: 'Leave it out of --target',
          }),
        );
};

const ofSeveral = (source: string, reads: readonly LabelledPool[]): E.Either<InputFailure, LabelledFile> =>
  pipe(
    ofSameFeatures(reads),
    E.chain((first) => {
      const [own, ...others] = reads.map(
        ({ labelled }) => new Map(labelled.places.map((place, i) => [place, labelled.targets[i] ?? NaN])),
      );
      const shared = first.labelled.places.flatMap((place, i) =>
        others.every((labels) => labels.has(place)) ? [{ place, i }] : [],
      );
      const names = reads.map(({ targetName }) => targetName);
      const rows: LabelledRows = rowsOfTable(
        { inputs: first.labelled.features, targets: first.labelled.targets },
        shared.map(({ i }) => i),
      );
      const outputs = [own, ...others].map((labels, j) => ({
        target: names[j] ?? '',
        targets: Float64Array.from(shared, ({ place }) => labels?.get(place) ?? NaN),
      }));
      const some = new Set(reads.flatMap(({ labelled }) => labelled.places)).size - shared.length;
      return pipe(
        checkOutputs(source, { ...rows, outputs }, names),
        E.map(() => ({
          rows: { ...rows, outputs },
          classes: undefined,
          remarks: [
            ...remarksOf(reads),
            ...(some === 0
              ? []
              : [
                  some === 1
                    ? `${source}: a row that has a label of some but not of all targets is left out.`
                    : `${source}: ${some} rows that have a label of some but not of all targets are left out.`,
                ]),
          ],
        })),
      );
    }),
  );

/**
 * The rows of a file that have a label, of several targets a label of each where `several` are taken. Fails as readTable and labelledRows
 * do, and where labels of a target cannot be compared.
 */
export const readLabelled = (
  { file, target, several, only, exclude, embeddings, ...choice }: PoolFile & { readonly target: string },
  kind: TargetKind,
  context: Context,
): TE.TaskEither<Failure, LabelledFile> =>
  pipe(
    TE.fromEither(featurelessOf({ embeddings }, choice)),
    TE.mapLeft((failure): Failure => failure),
    TE.bindTo('featureless'),
    TE.bind('table', () => tableOfFile(file, choice, context)),
    TE.chainW(({ table, featureless }) =>
      pipe(
        readByTarget(several === true ? targetsIn(table, target) : [target], choice, (name, drop) =>
          pipe(
            TE.fromEither(
              labelledRows(
                table,
                { ...readingOf(name, { ...choice, drop }), ...present({ only, exclude, featureless }) },
                kind,
              ),
            ),
            TE.chain(withEmbeddings(embeddings, table)),
          ),
        ),
        TE.chainEitherK(([first, ...others]) =>
          first !== undefined && others.length === 0
            ? E.right(ofOne(first))
            : ofSeveral(table.source, first === undefined ? [] : [first, ...others]),
        ),
      ),
    ),
    TE.map((read) => {
      read.remarks.forEach(context.remark);
      return read;
    }),
  );
