/**
 * Why can a file or a stream not be read or written, in words? The system's own codes (errno(3)), each with what is wrong and what
 * to change. Those that no other input would mend (a full disk, too many open files) are faults of the machine: exit code 1.
 */
import { inputFailure, type Fault, type InputFailure } from '../failure.js';

/** The code of an error of the system, ENOSPC for instance; '' where it has none. */
export const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';

type Told = Omit<Fault, 'source'>;

const ofMachine = (problem: string, remedy: string): Told => ({ problem, remedy, of: 'machine' });

const right: Told = {
  problem: 'you have not the right to do that',
  remedy: 'Give yourself the right, or give another path',
};

const tooManyOpen = ofMachine(
  'too many files are open',
  'Raise the limit (ulimit -n), or end what holds them, and do it again',
);

const told: Readonly<Record<string, Told>> = {
  ENOENT: {
    problem: 'there is no such file or folder',
    remedy: 'Check the path; folders on it have to be there',
  },
  ENOTDIR: { problem: 'a part of the path is a file, not a folder', remedy: 'Check the path' },
  EEXIST: { problem: 'there is a file of that name', remedy: 'Give the name of a folder, or of none yet' },
  EISDIR: { problem: 'this is a folder', remedy: 'Give the path of a file' },
  ENAMETOOLONG: { problem: 'the name is too long for the disk', remedy: 'Give a shorter one' },
  EACCES: right,
  EPERM: right,
  EROFS: {
    problem: 'the disk is mounted to be read only',
    remedy: 'Give a path on another disk, or mount it so that it can be written',
  },
  ENOSPC: ofMachine('the disk is full', 'Free space on it, or give a path on another disk'),
  EDQUOT: ofMachine('your share of the disk is used up', 'Remove files of yours, or ask for a larger share'),
  EFBIG: ofMachine('the file would be larger than is allowed', 'Raise the limit (ulimit -f)'),
  EMFILE: tooManyOpen,
  ENFILE: tooManyOpen,
  EIO: ofMachine('the disk has failed', 'Look at what the system says of it, or give a path on another disk'),
  ENXIO: {
    problem: 'nothing reads the pipe',
    remedy: 'Begin what reads it first, or give the name of a file',
  },
  EPIPE: ofMachine('what reads it has ended', 'Do it again with a reader that reads to the end'),
};

/** The words for an error: what is wrong, and what to change. */
export const troubleOf = (cause: unknown): Told => {
  const code = codeOf(cause);
  const known = told[code];
  if (known !== undefined) return { ...known, problem: `${code}, ${known.problem}` };
  if (code === 'ERR_INVALID_ARG_VALUE')
    return { problem: 'a path holds the character NUL', remedy: 'Give a path without it' };
  return {
    problem: cause instanceof Error ? cause.message : String(cause),
    remedy: 'Check the path and its rights',
  };
};

/** A file that cannot be read, or written. */
export const fileTrouble =
  (file: string, what: 'read' | 'written') =>
  (cause: unknown): InputFailure => {
    const trouble = troubleOf(cause);
    return inputFailure({
      source: file,
      ...trouble,
      problem: `the file cannot be ${what}: ${trouble.problem}`,
    });
  };
