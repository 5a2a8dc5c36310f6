/**
 * Where is the table of a session, to give its rows back as they were written? In the file that the session was made from, if that still
 * begins with what it was then: the session itself has features and labels alone (session-data.ts tells of changes).
 */
import path from 'node:path';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { inputFailure, type InputFailure } from '../failure.js';
import type { SessionStart } from '../learning/session/events.js';
import { STANDARD_INPUT } from '../data/read-table.js';
import { filePath } from './decoders.js';
import type { TableText } from '../data/table-text.js';
import { optional } from './options.js';
import { digestOf } from './session-digest.js';
import { bytesOfTable, tableTextIn } from './table-file.js';

/** `--data` of what gives rows back. */
export const copyOfTable = optional(
  {
    long: 'data',
    placeholder: 'FILE',
    description: 'a copy of the table as it was, where the session’s own is gone or has changed',
  },
  filePath('a file', 'Give the path of a CSV file'),
);

const another = 'Bring it back as it was, or name a copy of that with --data';

/** The table of a session of a folder as it was, from the file that it was made from or from a copy of that; fails without it. */
export const sessionTable = (
  folder: string,
  { data }: Pick<SessionStart, 'data'>,
  copy?: string,
): TE.TaskEither<InputFailure, TableText> => {
  if (data === undefined)
    return TE.left(
      inputFailure({
        source: folder,
        problem:
          'the session does not know the file that it was made from, so rows cannot be told as they were written',
        remedy: `Make a session of the file with batchgfn init`,
      }),
    );
  if (copy === undefined && data.file === STANDARD_INPUT)
    return TE.left(
      inputFailure({
        source: folder,
        problem: 'the session was made from standard input, which is not there any more',
        remedy: 'Name a copy of what was read then with --data',
      }),
    );
  const file = copy ?? path.resolve(folder, data.file);
  return pipe(
    bytesOfTable(file),
    TE.map((bytes) => bytes.subarray(0, data.bytes)),
    TE.chain((bytes) =>
      bytes.length === data.bytes && digestOf(bytes) === data.sha256
        ? tableTextIn(file, bytes, data)
        : TE.left(
            inputFailure({
              source: file,
              problem:
                'it is not the table that the session was made from, so rows cannot be told as they were written',
              remedy: another,
            }),
          ),
    ),
  );
};
