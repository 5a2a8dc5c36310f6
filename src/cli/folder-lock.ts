/**
 * How does one process at a time work on a folder, and none is kept out by one that died? Each puts a file there that
 * is named by its machine, its number and the moment it started, and then looks whether there is another: of two that
 * come at the same time at least one sees the other, and who sees another gives way. The file of a process that is no
 * more is taken away. Of a process on another machine it cannot be known: its file is left, and named in the message.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type Failure, inputFailure, type InputFailure } from '../failure.js';
import { fileTrouble } from './file-trouble.js';

const pattern = /^lock-(.+)-(\d+)-(\d+)$/;

/** When a process started, in the clock of the system, where that is told (Linux); else 0. A number is given anew in time. */
const startOf = async (pid: number): Promise<string> => {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name, in parentheses, and may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
};

const host = (): string => encodeURIComponent(hostname());

const isAlive = async (name: string): Promise<boolean> => {
  const [, machine = '', pid = '', start = ''] = pattern.exec(name) ?? [];
  if (machine !== host()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return start === (await startOf(Number(pid)));
};

/** Puts the lock there; the name of another that lives, if there is one. */
const lock = async (folder: string, own: string): Promise<string | undefined> => {
  try {
    await writeFile(path.join(folder, own), '', { flag: 'wx' });
  } catch (error) {
    // This very process is at work there.
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return own;
    throw error;
  }
  for (const name of await readdir(folder)) {
    if (name === own || !pattern.test(name)) continue;
    if (await isAlive(name)) {
      await rm(path.join(folder, own), { force: true });
      return name;
    }
    await rm(path.join(folder, name), { force: true });
  }
  return undefined;
};

const inUse = (folder: string, other: string): InputFailure =>
  inputFailure({
    source: folder,
    problem: `another process works on the session (${other})`,
    remedy: `Wait until it is done; if it is no more, remove the file ${path.join(folder, other)}`,
  });

/** Runs work on a folder while no other process does. An InputFailure where one does. */
export const alone = <A>(folder: string, work: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
  pipe(
    TE.tryCatch(
      async () => {
        const own = `lock-${host()}-${process.pid}-${await startOf(process.pid)}`;
        return { own, other: await lock(folder, own) };
      },
      fileTrouble(folder, 'written'),
    ),
    TE.chain(({ own, other }) => (other === undefined ? TE.right(own) : TE.left(inUse(folder, other)))),
    TE.chainW((own) => async () => {
      // fp-ts's own bracket does not release where the work rejects, as a programmer's mistake makes it.
      try {
        return await work();
      } finally {
        await rm(path.join(folder, own), { force: true });
      }
    }),
  );
