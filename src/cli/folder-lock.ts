/**
 * How does one process at a time work on a folder, or on a file, and none is kept out by one that died? Each puts a file there that
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
import { targetOf } from './whole-file.js';

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

/** What is locked. */
interface Locked {
  /** Where the lock lies, and what its name begins with. */
  readonly folder: string;
  readonly prefix: string;
  /** In words, and as it was given. */
  readonly of: string;
  readonly source: string;
}

/** Puts the lock there; the name of another that lives, if there is one. */
const lock = async (folder: string, prefix: string, own: string): Promise<string | undefined> => {
  try {
    await writeFile(path.join(folder, own), '', { flag: 'wx' });
  } catch (error) {
    // This very process is at work there.
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return own;
    throw error;
  }
  for (const name of await readdir(folder)) {
    if (name === own || !name.startsWith(prefix) || !pattern.test(name.slice(prefix.length))) continue;
    if (await isAlive(name.slice(prefix.length))) {
      await rm(path.join(folder, own), { force: true });
      return name;
    }
    await rm(path.join(folder, name), { force: true });
  }
  return undefined;
};

const inUse = ({ folder, of, source }: Locked, own: string, other: string): InputFailure =>
  inputFailure(
    own === other
      ? { source, problem: `this process works on ${of} already`, remedy: 'Wait until it is done' }
      : {
          source,
          problem: `another process works on ${of} (${other})`,
          remedy: `Wait until it is done; if it is no more, remove the file ${path.join(folder, other)}`,
        },
  );

const whileLocked = <A>(locked: Locked, work: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> => {
  const { folder, prefix, source } = locked;
  return pipe(
    TE.tryCatch(
      async () => {
        const own = `${prefix}lock-${host()}-${process.pid}-${await startOf(process.pid)}`;
        return { own, other: await lock(folder, prefix, own) };
      },
      fileTrouble(source, 'written'),
    ),
    TE.chain(({ own, other }) => (other === undefined ? TE.right(own) : TE.left(inUse(locked, own, other)))),
    TE.chainW((own) => async () => {
      // fp-ts's own bracket does not release where the work rejects, as a programmer's mistake makes it.
      try {
        return await work();
      } finally {
        await rm(path.join(folder, own), { force: true });
      }
    }),
  );
};

/** Runs work on the session of a folder while no other process does. An InputFailure where one does. */
export const alone = <A>(folder: string, work: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
  whileLocked({ folder, prefix: '', of: 'the session', source: folder }, work);

/**
 * The same of a file, by whichever link it is given; its lock lies beside it, with a name of its own. Of two names of one file on the disk
 * (hard links) it cannot be seen that they are one.
 */
export const aloneOnFile = <A>(file: string, work: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
  pipe(
    TE.fromTask<string, Failure>(() => targetOf(file)),
    TE.chain((target) =>
      whileLocked(
        {
          ...{ folder: path.dirname(path.resolve(target)), prefix: `.${path.basename(target)}.` },
          ...{ of: 'the file', source: file },
        },
        work,
      ),
    ),
  );
