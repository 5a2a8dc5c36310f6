/** What does a session begin with? session.json, sealed by a digest of its text (session-digest.ts). */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { inputFailure, type InputFailure } from '../failure.js';
import { decodeStart } from '../learning/session/encode.js';
import { type Session, sessionFrom } from '../learning/session/session.js';
import { fileTrouble } from './file-trouble.js';
import { keptBytes } from './whole-file.js';
import { openedStart, type Seal } from './session-digest.js';

/** The name of the start. */
export const startFile = 'session.json';

/** The text of the start; undefined where the folder has none. */
export const startText = (folder: string): TE.TaskEither<InputFailure, string | undefined> => {
  const file = path.join(folder, startFile);
  return pipe(
    TE.tryCatch(() => readdir(folder), fileTrouble(folder, 'read')),
    TE.chain((names) =>
      names.includes(startFile)
        ? TE.tryCatch(async () => (await keptBytes(file)).toString('utf8'), fileTrouble(file, 'read'))
        : TE.right(undefined),
    ),
  );
};

/** The same failure, of a part of a file. */
export const at =
  (source: string) =>
  <A>(result: E.Either<InputFailure, A>): E.Either<InputFailure, A> =>
    pipe(
      result,
      E.mapLeft(({ faults: [first, ...rest] }) =>
        inputFailure({ ...first, source: `${source}: ${first.source}` }, ...rest),
      ),
    );

/** A folder without a session. */
export const noSession = (folder: string): InputFailure =>
  inputFailure({
    source: folder,
    problem: 'there is no session in the folder',
    remedy: 'Make one with batchgfn init',
  });

/** A session as it began, and what its journal begins from (undefined in layout 1). */
export interface Kept {
  readonly begun: Session;
  readonly seal: Seal | undefined;
  /** Whether a head of the journal has to be there: since layout 3. */
  readonly headed: boolean;
}

/** The start of the session of a folder. Fails where there is none, where it is damaged or cannot be read. */
export const readStart = (folder: string): TE.TaskEither<InputFailure, Kept> => {
  const file = path.join(folder, startFile);
  const damaged = (problem: string): InputFailure =>
    inputFailure({ source: file, problem, remedy: 'Bring back the file as it was written' });
  return pipe(
    startText(folder),
    TE.chainEitherK((text) => {
      if (text === undefined) return E.left(noSession(folder));
      return pipe(
        openedStart(text),
        E.mapLeft(damaged),
        E.chain(({ start, seal, headed }) =>
          pipe(
            at(file)(decodeStart(start)),
            // What the numbers say together is of this file too, not of the journal that is read after it.
            E.chain((decoded) => at(file)(sessionFrom(decoded))),
            E.map((begun) => ({ begun, seal, headed })),
          ),
        ),
      );
    }),
  );
};
