/**
 * How does `--out` of select and ask work? The chosen rows go into a file that is to be filled in, so a file that is there is never
 * written over: labels may stand in it. Its place is looked at before the work.
 */
import type * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type * as T from '#fp-ts/Task';
import * as TE from '#fp-ts/TaskEither';
import { inputFailure, type InputFailure, showFailure } from '../failure.js';
import { filePath } from './decoders.js';
import { checkTableFile } from './new-file.js';
import { optional } from './options.js';
import { textIn, written } from './whole-file.js';

/** `--out`. */
export const rowsOut = optional(
  {
    long: 'out',
    placeholder: 'FILE.csv',
    description:
      'write the chosen rows with all their columns there, to be filled in; as the table is written',
  },
  filePath('the name of a file', 'Give the name of a file to write, todo.csv for instance'),
);

const isThere = (): InputFailure =>
  inputFailure({
    source: '--out',
    problem: 'the file is there already, and labels may have been filled in',
    remedy: 'Give another name, or move the file away',
  });

/** Fails where the file cannot be written, lies in a folder of the work's `own`, or is there already with another text than the given one. */
export const checkRowsFile = (
  file: string,
  rows?: string,
  own: readonly string[] = [],
): TE.TaskEither<InputFailure, void> =>
  pipe(
    checkTableFile('--out', file, own),
    TE.chain(() => textIn(file)),
    TE.chain((text) => (text === undefined || text === rows ? TE.right(undefined) : TE.left(isThere()))),
  );

/**
 * Writes rows, and says so. A file that holds the same rows already is left as it is. Gives sentences where the rows could not be
 * written, or the file holds something else.
 */
export const rowsInto = (
  file: string,
  rows: E.Either<InputFailure, string>,
  said: (sentence: string) => void,
): T.Task<readonly string[]> =>
  pipe(
    TE.fromEither(rows),
    TE.bindTo('text'),
    TE.bind('before', () => textIn(file)),
    TE.chain(({ text, before }) =>
      before === undefined ? written(file, text) : before === text ? TE.right(undefined) : TE.left(isThere()),
    ),
    TE.match(
      (failure) => [showFailure(failure)],
      () => {
        said(`The rows are in ${file}.`);
        return [];
      },
    ),
  );
