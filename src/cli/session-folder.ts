/**
 * How is a session kept in a folder, so that `kill -9` at any moment loses nothing that was acknowledged?
 *
 *   session.json               the start, written once
 *   journal.jsonl              what happened, a line each, appended and synced before it is acknowledged (line-file.ts)
 *   journal.head               how the journal ends: before the start, and after each time that it grew (session-head.ts)
 *   policy-<n>.safetensors     the policy, the n-th that was trained, whole before the journal says that there is one
 *   damaged-<n>-…              a journal or head that was repaired, as it was
 *   lock-…                     while a process works on it (folder-lock.ts)
 *
 * Files are written whole (whole-file.ts). What a killed process left behind is taken away by the next. Digests tell damage
 * (session-digest.ts). A policy that is lost or damaged is no loss of what was labelled: the next batch trains one from nothing,
 * and it is said.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as T from '#fp-ts/Task';
import * as TE from '#fp-ts/TaskEither';
import { type Failure, inputFailure, type InputFailure } from '../failure.js';
import { encodeSession, replayed, withPolicy } from '../learning/session/encode.js';
import type { SessionStart } from '../learning/session/events.js';
import { type Session, sessionFrom } from '../learning/session/session.js';
import { fileTrouble } from './file-trouble.js';
import { alone } from './folder-lock.js';
import { appendLines, cutTorn, type LineFile, readAllLines, resumeAllLines } from './line-file.js';
import { digestOf, isStart, type Seal, sealedStart } from './session-digest.js';
import { endingAs, firstHead, readHead, writeHead } from './session-head.js';
import { journalDecoder, journalLines, journalRemedy } from './session-journal.js';
import { at, noSession, readStart, startFile, startText } from './session-start.js';
import { keptBytes, writtenIn } from './whole-file.js';

/** The name of the journal. */
export const journalFile = 'journal.jsonl';
const policyFile = (n: number): string => `policy-${n}.safetensors`;

/** A session as it is kept. */
interface Read {
  readonly session: Session;
  /** Where the journal's whole lines end. */
  readonly end: Pick<LineFile<unknown>, 'bytes' | 'torn'>;
  /** How many lines the head tells of. */
  readonly headLines: number;
  /** What the next line of the journal is made from; undefined in layout 1. */
  readonly seal: Seal | undefined;
  /** The digest of the file of the last policy; undefined where it is not known. */
  readonly policy: string | undefined;
}

/** Reads a session. Fails where it is damaged, lines that are lost at the journal's end included. */
const read = (folder: string): TE.TaskEither<InputFailure, Read> => {
  const file = path.join(folder, journalFile);
  return pipe(
    readStart(folder),
    TE.bindTo('kept'),
    TE.bind('head', ({ kept }) => readHead(folder, kept)),
    TE.bind('lines', ({ kept: { seal }, head }) =>
      pipe(
        readAllLines(file, journalDecoder(seal), { unbroken: false }),
        TE.mapLeft((failure) =>
          typeof head !== 'string' && failure.faults[0].problem.startsWith('the file cannot be read: ENOENT')
            ? inputFailure({
                source: file,
                problem: `the file is missing, and its head tells of ${head.lines} line${head.lines === 1 ? '' : 's'}`,
                remedy: journalRemedy(folder),
              })
            : failure,
        ),
      ),
    ),
    TE.chainFirstEitherK(({ head, lines: { entries } }) =>
      endingAs(
        file,
        head,
        entries.map(({ digest }) => digest),
        journalRemedy(folder),
      ),
    ),
    TE.chainEitherK(({ kept: { begun, seal }, head, lines: { entries, ...end } }) =>
      pipe(
        at(file)(
          replayed(
            begun,
            entries.map(({ event }) => event),
          ),
        ),
        E.map((session) => ({
          session,
          end,
          seal: seal === undefined ? undefined : { ...seal, last: entries.at(-1)?.digest ?? seal.last },
          headLines: typeof head === 'string' ? 0 : head.lines,
          policy: entries.findLast(({ policy }) => policy !== undefined)?.policy,
        })),
      ),
    ),
  );
};

/** Reads a session to go on with: half a line is cut off, and the head tells of what a stop before it left in the journal. */
const resume = (folder: string): TE.TaskEither<InputFailure, Read> =>
  pipe(
    read(folder),
    TE.chainFirst(({ end }) => cutTorn(path.join(folder, journalFile), end)),
    TE.chainFirst(({ session: { events }, seal, headLines }) =>
      seal === undefined || events.length === headLines
        ? TE.right(undefined)
        : writeHead(folder, seal, events.length),
    ),
  );

/** With its policy; without it, and said so, where it is lost: it can be trained again. */
const readPolicy =
  (folder: string, remark: (sentence: string) => void) =>
  ({ session, policy }: Read): T.Task<Session> => {
    if (!session.trained) return T.of(session);
    const file = path.join(folder, policyFile(session.policies));
    return pipe(
      TE.tryCatch(() => keptBytes(file), fileTrouble(file, 'read')),
      TE.chainEitherK((bytes) =>
        policy !== undefined && digestOf(bytes) !== policy
          ? E.left(inputFailure({ source: file, problem: 'it is damaged', remedy: '' }))
          : at(file)(withPolicy(bytes)(session)),
      ),
      TE.getOrElse(({ faults: [{ problem }] }) => {
        remark(`${file}: ${problem}. The next batch trains a policy from nothing.`);
        return T.of(session);
      }),
    );
  };

/** The session of a folder, without its policy, as it was when the last command was done. Changes nothing. */
export const lookAtSession = (folder: string): TE.TaskEither<InputFailure, Session> =>
  pipe(
    read(folder),
    TE.map(({ session }) => session),
  );

/** Takes away what killed processes left, and policies that another has followed. */
const tidy = (folder: string, { policies, trained }: Session): TE.TaskEither<InputFailure, void> =>
  TE.tryCatch(
    async () => {
      for (const name of await readdir(folder)) {
        const old = /^policy-(\d+)\.safetensors$/.exec(name)?.[1];
        const stale = old !== undefined && !(trained && Number(old) === policies);
        if (stale || (name.endsWith('.tmp') && /^(policy-|session\.json|journal\.)/.test(name)))
          await rm(path.join(folder, name), { force: true });
      }
    },
    fileTrouble(folder, 'written'),
  );

/**
 * Keeps what happened since `before`: the policy first, so that an event never speaks of one that is not there. What the next line is
 * made from.
 */
const keepSince = (
  folder: string,
  before: Session,
  seal: Seal | undefined,
  now: Session,
  remark: (sentence: string) => void,
): TE.TaskEither<InputFailure, Seal | undefined> => {
  const { events, policy } = encodeSession(now);
  const news = events.slice(before.events.length);
  if (news.length === 0) return TE.right(seal);
  const isNew = policy !== undefined && now.policies > before.policies;
  const made = journalLines(seal, news, isNew ? digestOf(policy) : undefined);
  return pipe(
    isNew ? writtenIn(folder, policyFile(now.policies), policy) : TE.right(undefined),
    TE.chain(() => appendLines(path.join(folder, journalFile), made.lines)),
    TE.chain(() => {
      if (made.seal === undefined) return TE.right<InputFailure, unknown>(undefined);
      // The journal is on the disk: what happened is kept, whatever becomes of its head.
      return pipe(
        writeHead(folder, made.seal, now.events.length),
        TE.orElse(({ faults: [{ problem }] }) => {
          remark(`What happened is kept, but the head of the journal could not be written: ${problem}.`);
          return TE.right<InputFailure, unknown>(undefined);
        }),
      );
    }),
    TE.chain(() => tidy(folder, now)),
    TE.map(() => made.seal),
  );
};

/** Keeps a session each time that it is called, what happened since the last time. */
const keeping = (
  folder: string,
  before: Session,
  seal: Seal | undefined,
  remark: (sentence: string) => void,
): ((now: Session) => TE.TaskEither<Failure, void>) => {
  let kept = { session: before, seal };
  return (now) =>
    pipe(
      () => keepSince(folder, kept.session, kept.seal, now, remark)(),
      TE.map((next) => {
        kept = { session: now, seal: next };
      }),
    );
};

/**
 * Changes the session of a folder step by step, each kept on the disk when `keep` is done with it, and the last anyway; and
 * what is to be said of it. Fails as the change does, of which is left what was kept; where another process works on the
 * folder; and where a file cannot be read or written.
 */
export const changeSession = <A>(
  folder: string,
  remark: (sentence: string) => void,
  change: (
    session: Session,
    keep: (now: Session) => TE.TaskEither<Failure, void>,
  ) => TE.TaskEither<Failure, readonly [session: Session, said: A]>,
): TE.TaskEither<Failure, A> =>
  pipe(
    // Looked at before the lock is put there: a folder without a session stays as it is.
    startText(folder),
    TE.mapLeft((failure): Failure => failure),
    TE.chain((text) => (text === undefined ? TE.left(noSession(folder)) : TE.right(undefined))),
    TE.chain(() =>
      alone(
        folder,
        pipe(
          resume(folder),
          TE.bindTo('kept'),
          TE.bind('before', ({ kept }) => TE.fromTask(readPolicy(folder, remark)(kept))),
          TE.chainFirst(({ before }) => tidy(folder, before)),
          TE.chainW(({ kept, before }) => {
            const keep = keeping(folder, before, kept.seal, remark);
            return pipe(
              change(before, keep),
              TE.chainFirst(([now]) => keep(now)),
            );
          }),
          TE.map(([, said]) => said),
        ),
      ),
    ),
  );

/**
 * Makes a session in a folder, which is made too where it is not there. Making the same again, before anything happened, is
 * making it once. An InputFailure where the folder has another session, and where it cannot be written.
 */
export const createSession = (folder: string, start: SessionStart): TE.TaskEither<Failure, Session> =>
  pipe(
    TE.fromEither(sessionFrom(start)),
    TE.chainFirst(() =>
      TE.tryCatch(
        async () => {
          // Node says of a read-only disk that there is no such folder, where it is to make several.
          await mkdir(folder, { recursive: true }).catch(() => mkdir(folder));
        },
        fileTrouble(folder, 'written'),
      ),
    ),
    TE.mapLeft((failure): Failure => failure),
    TE.chain((session) =>
      alone(
        folder,
        pipe(
          startText(folder),
          TE.chain((text) => {
            const encoded = encodeSession(session).start;
            const own = sealedStart(encoded);
            if (text === undefined)
              return pipe(
                resumeAllLines(path.join(folder, journalFile), journalDecoder(own.seal), '{"event":'),
                // Before the start, so that where there is a start a head that is gone is seen.
                TE.chain(() => firstHead(folder, own.seal)),
                TE.chain(() => writtenIn(folder, startFile, own.text)),
              );
            return isStart(text, encoded)
              ? TE.right(undefined)
              : TE.left(
                  inputFailure({
                    source: folder,
                    problem: 'there is a session in the folder already',
                    remedy: 'Give another folder, or go on with ask and tell',
                  }),
                );
          }),
          // One that went on already is told as it is.
          TE.chainW(() => lookAtSession(folder)),
        ),
      ),
    ),
  );
