/**
 * How is a session kept in a folder, so that `kill -9` at any moment loses nothing that was acknowledged?
 *
 *   session.json               the start, written once
 *   journal.jsonl              what happened, a line each, appended and synced before it is acknowledged (line-file.ts)
 *   policy-<n>.safetensors     the policy, the n-th that was trained, whole before the journal says that there is one
 *   lock-…                     while a process works on it (folder-lock.ts)
 *
 * A file is written under another name, synced, and then takes its own. What a killed process left behind is taken away
 * by the next.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type Failure, inputFailure, type InputFailure } from '../failure.js';
import { decodeEvent, decodeStart, encodeSession, replayed, withPolicy } from '../learning/session/encode.js';
import { type SessionEvent, type SessionStart } from '../learning/session/events.js';
import { type Session, sessionFrom } from '../learning/session/session.js';
import { fileTrouble } from './file-trouble.js';
import { alone } from './folder-lock.js';
import { appendLines, type LineFile, readLines, resumeLines } from './line-file.js';

const startFile = 'session.json';
const journalFile = 'journal.jsonl';
const policyFile = (n: number): string => `policy-${n}.safetensors`;

/** Makes what was written to a folder outlast a loss of power, where the system lets folders be synced. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
};

const writeWhole = (
  folder: string,
  name: string,
  content: string | Uint8Array,
): TE.TaskEither<InputFailure, void> => {
  const file = path.join(folder, name);
  return TE.tryCatch(
    async () => {
      const handle = await open(`${file}.tmp`, 'w');
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${file}.tmp`, file);
      await syncFolder(folder);
    },
    fileTrouble(file, 'written'),
  );
};

const readStart = (folder: string): TE.TaskEither<InputFailure, string | undefined> => {
  const file = path.join(folder, startFile);
  return TE.tryCatch(
    async () => {
      const names = await readdir(folder);
      return names.includes(startFile) ? readFile(file, 'utf8') : undefined;
    },
    fileTrouble(folder, 'read'),
  );
};

const at =
  (source: string) =>
  <A>(result: E.Either<InputFailure, A>): E.Either<InputFailure, A> =>
    pipe(
      result,
      E.mapLeft(({ faults: [first, ...rest] }) =>
        inputFailure({ ...first, source: `${source}: ${first.source}` }, ...rest),
      ),
    );

const eventOfLine = (line: string): E.Either<string, SessionEvent> =>
  pipe(
    decodeEvent(line),
    E.mapLeft(({ faults: [{ problem }] }) => `the line is no event of a session: ${problem}`),
  );

const journalRemedy = 'Bring back the journal as it was written';

const noSession = (folder: string): InputFailure =>
  inputFailure({
    source: folder,
    problem: 'there is no session in the folder',
    remedy: 'Make one with batchgfn init',
  });

const read = (
  folder: string,
  journal: TE.TaskEither<InputFailure, LineFile<SessionEvent>>,
): TE.TaskEither<InputFailure, Session> =>
  pipe(
    readStart(folder),
    TE.chainEitherK((text) =>
      text === undefined ? E.left(noSession(folder)) : at(path.join(folder, startFile))(decodeStart(text)),
    ),
    TE.bindTo('start'),
    TE.bind('events', () => journal),
    TE.chainEitherK(({ start, events }) =>
      at(path.join(folder, journalFile))(replayed(start, events.entries)),
    ),
  );

const readPolicy =
  (folder: string) =>
  (session: Session): TE.TaskEither<InputFailure, Session> => {
    if (!session.trained) return TE.right(session);
    const file = path.join(folder, policyFile(session.policies));
    return pipe(
      TE.tryCatch(() => readFile(file), fileTrouble(file, 'read')),
      TE.chainEitherK((bytes) => at(file)(withPolicy(bytes)(session))),
    );
  };

/** The session of a folder, without its policy, as it was when the last command was done. Changes nothing. */
export const lookAtSession = (folder: string): TE.TaskEither<InputFailure, Session> =>
  read(folder, readLines(path.join(folder, journalFile), eventOfLine, journalRemedy));

/** Takes away what killed processes left, and policies that another has followed. */
const tidy = (folder: string, { policies, trained }: Session): TE.TaskEither<InputFailure, void> =>
  TE.tryCatch(
    async () => {
      for (const name of await readdir(folder)) {
        const old = /^policy-(\d+)\.safetensors$/.exec(name)?.[1];
        const stale = old !== undefined && !(trained && Number(old) === policies);
        if (stale || (name.endsWith('.tmp') && /^(policy-|session\.json)/.test(name)))
          await rm(path.join(folder, name), { force: true });
      }
    },
    fileTrouble(folder, 'written'),
  );

/** Keeps what happened since `before`: the policy first, so that an event never speaks of one that is not there. */
const keepSince = (folder: string, before: Session, now: Session): TE.TaskEither<InputFailure, void> => {
  const { events, policy } = encodeSession(now);
  const news = events.slice(before.events.length);
  if (news.length === 0) return TE.right(undefined);
  const isNew = policy !== undefined && now.policies > before.policies;
  return pipe(
    isNew ? writeWhole(folder, policyFile(now.policies), policy) : TE.right(undefined),
    TE.chain(() => appendLines(path.join(folder, journalFile), news)),
    TE.chain(() => tidy(folder, now)),
  );
};

/** Keeps a session each time that it is called, what happened since the last time. */
const keeping = (folder: string, before: Session): ((now: Session) => TE.TaskEither<Failure, void>) => {
  let kept = before;
  return (now) =>
    pipe(
      () => keepSince(folder, kept, now)(),
      TE.map(() => {
        kept = now;
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
  change: (
    session: Session,
    keep: (now: Session) => TE.TaskEither<Failure, void>,
  ) => TE.TaskEither<Failure, readonly [session: Session, said: A]>,
): TE.TaskEither<Failure, A> =>
  pipe(
    // Looked at before the lock is put there: a folder without a session stays as it is.
    readStart(folder),
    TE.mapLeft((failure): Failure => failure),
    TE.chain((text) => (text === undefined ? TE.left(noSession(folder)) : TE.right(undefined))),
    TE.chain(() =>
      alone(
        folder,
        pipe(
          read(folder, resumeLines(path.join(folder, journalFile), eventOfLine, journalRemedy)),
          TE.chain(readPolicy(folder)),
          TE.chainFirst((before) => tidy(folder, before)),
          TE.chainW((before) => {
            const keep = keeping(folder, before);
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
          await mkdir(folder, { recursive: true });
        },
        fileTrouble(folder, 'written'),
      ),
    ),
    TE.mapLeft((failure): Failure => failure),
    TE.chain((session) =>
      alone(
        folder,
        pipe(
          readStart(folder),
          TE.chain((text) => {
            const own = encodeSession(session).start;
            if (text === undefined)
              return pipe(
                resumeLines(path.join(folder, journalFile), eventOfLine, journalRemedy),
                TE.chain(() => writeWhole(folder, startFile, own)),
              );
            return text === own
              ? TE.right(undefined)
              : TE.left(
                  inputFailure({
                    source: folder,
                    problem: 'there is a session in the folder already',
                    remedy: 'Give another folder, or go on with ask and tell',
                  }),
                );
          }),
          TE.map(() => session),
        ),
      ),
    ),
  );
