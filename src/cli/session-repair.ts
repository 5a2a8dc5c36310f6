/**
 * What of a damaged session can be kept? The events whose lines are whole; the journal as it was is put aside, or its head where the
 * journal is whole as far as it goes (session-folder.ts).
 */
import path from 'node:path';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure, InputFailure } from '../failure.js';
import type { Session } from '../learning/session/session.js';
import { alone } from './folder-lock.js';
import { codeOf, fileTrouble } from './file-trouble.js';
import { journalFile, lookAtSession } from './session-folder.js';
import type { Seal } from './session-digest.js';
import { type Kept, readStart } from './session-start.js';
import { type FoundHead, headFile, missingLines, readHead, writeHead } from './session-head.js';
import { type Entry, journalLines, salvaged } from './session-journal.js';
import { keptBytes, putAside, writtenIn } from './whole-file.js';

/** The journal of these entries alone, and the seal behind it. */
const rewritten = (
  start: Seal | undefined,
  entries: readonly Entry[],
): { readonly text: string; readonly seal: Seal | undefined } => {
  let seal = start;
  const text = entries
    .map(({ event, policy }) => {
      const made = journalLines(seal, [JSON.stringify(event)], policy);
      seal = made.seal;
      return `${made.lines.join()}\n`;
    })
    .join('');
  return { text, seal };
};

/** What a repair kept. */
export interface Repaired {
  readonly session: Session;
  /** 1-based numbers of the journal's lines that were damaged; none where they were whole. */
  readonly lost: readonly number[];
  /** How many lines were lost at its end; NaN where that is not known. */
  readonly missing: number;
  /** Whether anything was. */
  readonly damaged: boolean;
  /** Where the journal lies as it was, or its head; undefined where that is gone, or nothing was damaged. */
  readonly aside: string | undefined;
}

const undamaged: Omit<Repaired, 'session'> = { lost: [], missing: 0, damaged: false, aside: undefined };

const bytesOf = (file: string): TE.TaskEither<InputFailure, Buffer | undefined> =>
  TE.tryCatch(
    async () => {
      try {
        return await keptBytes(file);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    fileTrouble(file, 'read'),
  );

/** Of a journal with damaged lines, how many are lost behind them; of one without, as {@link missingLines}. */
const missingOf = (head: FoundHead, entries: readonly Entry[], lost: number): number =>
  lost === 0
    ? missingLines(
        head,
        entries.map(({ digest }) => digest),
      )
    : typeof head === 'string'
      ? head === 'none'
        ? 0
        : NaN
      : Math.max(0, head.lines - entries.length - lost);

const repairedIn = (folder: string, { begun, seal, headed }: Kept): TE.TaskEither<Failure, Repaired> =>
  pipe(
    bytesOf(path.join(folder, journalFile)),
    TE.bindTo('bytes'),
    TE.bind('head', () => readHead(folder, { seal, headed })),
    TE.bind('headBytes', () => bytesOf(path.join(folder, headFile))),
    TE.chain(({ bytes, head, headBytes }) => {
      const { session, entries, lost } = salvaged(seal, begun, (bytes ?? '').toString('utf8').split('\n'));
      const missing = missingOf(head, entries, lost.length);
      if (bytes !== undefined && lost.length === 0 && missing === 0)
        return TE.right<Failure, Repaired>({ ...undamaged, session });
      const kept = rewritten(seal, entries);
      // The head first: a stop behind it leaves a journal that is seen to be damaged, or one that is whole.
      return pipe(
        bytes !== undefined && lost.length > 0
          ? putAside(folder, journalFile, bytes)
          : headBytes === undefined
            ? TE.right<InputFailure, string | undefined>(undefined)
            : putAside(folder, headFile, headBytes),
        TE.chainFirst(() =>
          kept.seal === undefined ? TE.right(undefined) : writeHead(folder, kept.seal, entries.length),
        ),
        TE.chainFirst(() => writtenIn(folder, journalFile, kept.text)),
        TE.map((aside) => ({ session, lost, missing, damaged: true, aside })),
      );
    }),
  );

/**
 * Keeps what is whole of the journal of a folder, and puts the journal aside as it was, or its head where only lines at the end are
 * lost. Where nothing is damaged nothing changes. Fails where the start is damaged, where another process works on the folder, and
 * where a file cannot be read or written.
 */
export const repairSession = (folder: string): TE.TaskEither<Failure, Repaired> =>
  pipe(
    readStart(folder),
    TE.mapLeft((failure): Failure => failure),
    TE.chain((kept) =>
      alone(
        folder,
        pipe(
          // What every other command reads is whole, whatever an editor did to its line breaks.
          lookAtSession(folder),
          TE.map((session): Repaired => ({ ...undamaged, session })),
          TE.alt(() => repairedIn(folder, kept)),
        ),
      ),
    ),
  );
