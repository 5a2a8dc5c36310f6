/** What is the posterior over some rows, and which features have other inputs in the same basis? */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { posteriorAt } from '../../acquisition/candidates.js';
import type { Failure } from '../../failure.js';
import { type Matrix, matrixFrom, rowsAt } from '../../linear-algebra/matrix.js';
import type { Posterior } from '../../surrogate/posterior.js';
import type { FittedSurrogate } from '../../surrogate/surrogate.js';

/** The whole numbers from one to before another. */
export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

/** The posterior over N rows, and the features, A×D, of the A others. Fails as the surrogate does. */
export const coordinatePosterior = (
  fitted: FittedSurrogate,
  rows: Matrix,
  others: Matrix,
): TE.TaskEither<Failure, { readonly posterior: Posterior; readonly anchors: Matrix }> => {
  const all = matrixFrom(rows.rows + others.rows, rows.columns, (i, j) =>
    i < rows.rows
      ? (rows.data[i * rows.columns + j] ?? NaN)
      : (others.data[(i - rows.rows) * rows.columns + j] ?? NaN),
  );
  return pipe(
    fitted.posterior(all),
    TE.map((posterior) => ({
      posterior: posteriorAt(posterior, range(0, rows.rows)),
      anchors: rowsAt(posterior.whitened, range(rows.rows, all.rows)),
    })),
  );
};
