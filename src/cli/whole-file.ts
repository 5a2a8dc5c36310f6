/**
 * How is a file written so that it is there whole or not at all? Under another name, synced, and then it takes its own; and the
 * folder is synced, so that it outlasts a loss of power.
 */
import { open, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { InputFailure } from '../failure.js';
import { fileTrouble } from './file-trouble.js';

/** Makes what was written to a folder outlast a loss of power, where the system lets folders be synced. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
};

/** Writes a file of a folder whole. Fails where it cannot be written. */
export const writeWhole = (
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

/** Writes what a file held under a name that is not taken; that name. Fails as {@link writeWhole} does. */
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
    TE.chainFirst((aside) => writeWhole(folder, aside, bytes)),
  );
