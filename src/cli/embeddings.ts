/**
 * Which features stand for the rows of a table where a model elsewhere has made them? `--embeddings FILE` is an array [N, D], a row of
 * it a row of the table, in the table's order: the last layer of a network, for one. The surrogate is fitted on them in place of the
 * table's columns, which are shown and not learnt from.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { LabelledPool } from '../data/labelled-pool.js';
import type { Table } from '../data/table.js';
import { inputFailure, type InputFailure, noneOf } from '../failure.js';
import { type Matrix, rowsAt } from '../linear-algebra/matrix.js';
import { largestTarget, notFinite } from '../surrogate/input-faults.js';
import { readArrayFile } from './array-file.js';
import { filePath } from './decoders.js';
import { longName, optional } from './options.js';
import type { ColumnChoice } from './table-options.js';

/** What is said of embeddings. */
export interface EmbeddingsChoice {
  readonly embeddings?: string | undefined;
}

/** `--embeddings`. */
export const embeddings = optional(
  {
    long: 'embeddings',
    placeholder: 'FILE',
    description:
      'in place of columns, features [N, D] of the rows (.npy, .npz, .parquet, .csv) from a model of yours',
  },
  filePath('a file of an array', 'Give embeddings.npy for instance, or model.npz:embeddings'),
);

/** What says which columns are features, and how. */
const ofColumns = ['features', 'feature', 'categorical', 'dates', 'missing'] as const;

/** An InputFailure for the first option that says which columns are features, where none is: `instead` stands in their place. */
export const checkFeatureless = (
  options: Pick<ColumnChoice, (typeof ofColumns)[number]>,
  instead: string,
): E.Either<InputFailure, void> => {
  const given = ofColumns.find((name) => options[name] !== undefined);
  return given === undefined
    ? E.right(undefined)
    : E.left(
        inputFailure({
          source: longName(given),
          problem: `no column is a feature: ${instead} stands in their place`,
          remedy: 'Remove one of the two',
        }),
      );
};

const matrixIn = (file: string, { source, lines }: Table): TE.TaskEither<InputFailure, Matrix> =>
  pipe(
    readArrayFile(file),
    TE.chainEitherK(({ shape, data }) => {
      const [rows = 0, columns = 0] = shape;
      const refuse = (problem: string, remedy: string) =>
        E.left(inputFailure({ source: file, problem, remedy }));
      if (shape.length !== 2 || columns < 1)
        return refuse(`its shape is [${shape.join(', ')}]`, 'Give features [N, D], a row a row of the table');
      if (rows !== lines.length)
        return refuse(
          `it has ${rows} rows, and ${source} has ${lines.length}`,
          'Give a row for every row of the table, in its order',
        );
      const matrix = { rows, columns, data: Float64Array.from(data) };
      if (matrix.data.every((x, i) => x === matrix.data[i % columns]))
        return refuse('all its rows are the same', 'Give features that tell the rows apart');
      return pipe(
        noneOf(notFinite(file, matrix, largestTarget)),
        E.map(() => matrix),
      );
    }),
  );

/** What was read of a table without features, with those of a file; as it is where there is none. */
export const withEmbeddings =
  (file: string | undefined, table: Table) =>
  (read: LabelledPool): TE.TaskEither<InputFailure, LabelledPool> =>
    file === undefined
      ? TE.right(read)
      : pipe(
          matrixIn(file, table),
          TE.map((matrix) => ({
            ...read,
            labelled: { ...read.labelled, features: rowsAt(matrix, read.labelled.places) },
            pool: { ...read.pool, features: rowsAt(matrix, read.pool.places) },
          })),
        );
