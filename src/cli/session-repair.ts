/** What of a damaged session can be kept? The events whose lines are whole; the journal as it was is put aside (session-folder.ts). */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { type Session, sessionFrom } from '../learning/session/session.js';
import { alone } from './folder-lock.js';
import { fileTrouble } from './file-trouble.js';
import { journalFile, readStart } from './session-folder.js';
import { type Entry, journalLines, salvaged } from './session-journal.js';
import { putAside, writtenIn } from './whole-file.js';

/** The journal of these entries alone. */
const rewritten = (seal: string | undefined, entries: readonly Entry[]): string => {
  let previous = seal;
  return entries
    .map(({ event, policy }) => {
      const { lines, digest } = journalLines(previous, [JSON.stringify(event)], policy);
      previous = digest;
      return `${lines.join()}\n`;
    })
    .join('');
};

/** What a repair kept. */
export interface Repaired {
  readonly session: Session;
  /** 1-based numbers of the journal's lines that were damaged; none where it was whole. */
  readonly lost: readonly number[];
  /** Where the journal lies as it was; undefined where it was whole. */
  readonly aside: string | undefined;
}

/**
 * Keeps what is whole of the journal of a folder, and puts the journal aside as it was. Where nothing is damaged nothing changes.
 * Fails where the start is damaged, where another process works on the folder, and where a file cannot be read or written.
 */
export const repairSession = (folder: string): TE.TaskEither<Failure, Repaired> => {
  const file = path.join(folder, journalFile);
  return pipe(
    readStart(folder),
    TE.mapLeft((failure): Failure => failure),
    TE.chain(({ start, seal }) =>
      alone(
        folder,
        pipe(
          TE.tryCatch(() => readFile(file), fileTrouble(file, 'read')),
          TE.bindTo('bytes'),
          TE.bind('first', () => TE.fromEither(sessionFrom(start))),
          TE.chain(({ bytes, first }) => {
            const lines = bytes.toString('utf8').split('\n');
            const { session, entries, lost } = salvaged(seal, first, lines);
            if (lost.length === 0) return TE.right<Failure, Repaired>({ session, lost, aside: undefined });
            const kept = rewritten(seal, entries);
            return pipe(
              putAside(folder, journalFile, bytes),
              TE.chainFirst(() => writtenIn(folder, journalFile, kept)),
              TE.map((aside) => ({ session, lost, aside })),
            );
          }),
        ),
      ),
    ),
  );
};
