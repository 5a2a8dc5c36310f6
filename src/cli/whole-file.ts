/**
 * How is a file written so that it is there whole or not at all? Under another name, synced, and then it takes its own; and the
 * folder is synced, so that it outlasts a loss of power.
 */
import { constants } from 'node:fs';
import { open, readdir, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipe } from '#fp-ts/function';
import * as O from '#fp-ts/Option';
import type * as T from '#fp-ts/Task';
import * as TE from '#fp-ts/TaskEither';
import { showFailure, type InputFailure } from '../failure.js';
import { codeOf, fileTrouble } from './file-trouble.js';

/** Makes what was written to a folder outlast a loss of power, where the system lets folders be synced. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
};

/** Writes a file under another name, which then takes its own. */
const replaced = async (
  file: string,
  temporary: string,
  content: string | Uint8Array,
  mode?: number,
): Promise<void> => {
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
};

/** A pipe or a device in the place of a file that is kept: it might never end, and holds nothing. */
class NotOnDisk extends Error {
  constructor() {
    super('it is a pipe or a device, and no file on a disk');
  }
}

/** Rejects where a path is there, and is neither a file nor a folder. */
export const requireOnDisk = async (file: string): Promise<void> => {
  try {
    const found = await stat(file);
    if (!found.isFile() && !found.isDirectory()) throw new NotOnDisk();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
};

/** The bytes of a file that this program keeps. Rejects where it cannot be read, and as {@link requireOnDisk} does. */
export const keptBytes = async (file: string): Promise<Buffer> => {
  await requireOnDisk(file);
  return readFile(file);
};

/** The text of a file; undefined where there is none, or a pipe or a device. */
export const textIn = (file: string): TE.TaskEither<InputFailure, string | undefined> =>
  TE.tryCatch(
    async () => {
      try {
        // A pipe or a device holds nothing that could be lost.
        return (await stat(file)).isFile() ? await readFile(file, 'utf8') : undefined;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    fileTrouble(file, 'read'),
  );

/** Beside the file, so that it can take its name. */
export const temporaryFor = (file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);

/** Links that are followed one behind the other, as many as Linux follows. */
const MOST_LINKS = 40;

/** Where a file is written that is to have this path: it, or what it is a link to, whether that is there already or not. */
export const targetOf = async (file: string, links = MOST_LINKS): Promise<string> => {
  const next = links === 0 ? undefined : await readlink(file).catch(() => undefined);
  return next === undefined
    ? file
    : targetOf(path.resolve(await realpath(path.dirname(file)), next), links - 1);
};

/** What a path leads to where it is there already. */
const foundAt = async (file: string) => {
  try {
    const target = await realpath(file);
    return {
      target,
      ...(await stat(target).then((found) => ({ isFile: found.isFile(), mode: found.mode & 0o777 }))),
    };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Writes to a pipe or a device. Rejects where nobody reads the pipe: waiting for one is nothing that a signal could end. */
const writtenTo = async (place: string, content: string | Uint8Array): Promise<void> => {
  const handle = await open(place, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    for (let rest = Buffer.from(content); rest.length > 0;) {
      const count = await handle.write(rest).then(
        ({ bytesWritten }) => bytesWritten,
        (error: unknown) => {
          if (codeOf(error) === 'EAGAIN') return 0;
          throw error;
        },
      );
      rest = rest.subarray(count);
      // It is full until somebody reads.
      if (count === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    await handle.close();
  }
};

/**
 * Writes what a file is to hold, whole or not at all, replacing a file of that name, whose rights stay; through a link its target. What
 * is no file, a pipe or a device, is written to. An InputFailure where that cannot be.
 */
export const written = (file: string, content: string | Uint8Array): TE.TaskEither<InputFailure, void> =>
  TE.tryCatch(
    async () => {
      const found = await foundAt(file);
      if (found?.isFile === false) {
        await writtenTo(found.target, content);
        return;
      }
      const target = found?.target ?? (await targetOf(file));
      const temporary = temporaryFor(target);
      try {
        await replaced(target, temporary, content, found?.mode);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw error;
      }
    },
    fileTrouble(file, 'written'),
  );

/** The same where that is no reason to fail: a sentence where it could not be. */
export const writeWhole = (file: string, text: string): T.Task<O.Option<string>> =>
  pipe(
    written(file, text),
    TE.match(
      (failure) => O.some(showFailure(failure)),
      () => O.none,
    ),
  );

/**
 * {@link written} of a file in a folder that one process works on (folder-lock.ts): what a stop left half written has the file's name with
 * `.tmp` behind it, and is taken away.
 */
export const writtenIn = (
  folder: string,
  name: string,
  content: string | Uint8Array,
): TE.TaskEither<InputFailure, void> => {
  const file = path.join(folder, name);
  const temporary = `${file}.tmp`;
  return TE.tryCatch(
    async () => {
      await rm(temporary, { force: true });
      await replaced(file, temporary, content);
    },
    fileTrouble(file, 'written'),
  );
};

/** Writes what a file held under a name that is not taken; that name. Fails as {@link writtenIn} does. */
export const putAside = (
  folder: string,
  name: string,
  bytes: Uint8Array,
): TE.TaskEither<InputFailure, string> =>
  pipe(
    TE.tryCatch(
      async () => {
        const names = await readdir(folder);
        let n = 1;
        while (names.includes(`damaged-${n}-${name}`)) n++;
        return `damaged-${n}-${name}`;
      },
      fileTrouble(folder, 'read'),
    ),
    TE.chainFirst((aside) => writtenIn(folder, aside, bytes)),
  );
