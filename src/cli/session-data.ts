/**
 * Is the table that a session was made from still as it was then? The session has its own copy of the rows and goes on with that;
 * but a user who adds rows, corrects cells or gives another file should hear that the session does not have them, and that lines
 * are counted as they were. So the start tells the length of the file and its digest (SHA-256). Its path is that from the folder, so
 * that both can be moved together. Nothing hangs on clocks: neither the file's nor the system's.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type * as T from '#fp-ts/Task';
import * as TE from '#fp-ts/TaskEither';
import { namedArray } from '../data/npz.js';
import { STANDARD_INPUT } from '../data/read-table.js';
import type { Failure } from '../failure.js';
import type { DataFile } from '../learning/session/events.js';
import { present } from '../present.js';
import type { Context } from './command.js';
import { fileTrouble, troubleOf } from './file-trouble.js';
import type { FileForm } from './table-file.js';

/** SHA-256 of the first bytes of a file, as 64 hexadecimal digits. Rejects where it cannot be read, and once the signal is aborted. */
const digestOfFirst = async (file: string, bytes: number, signal: AbortSignal): Promise<string> => {
  const hash = createHash('sha256');
  if (bytes > 0)
    for await (const piece of createReadStream(file, { end: bytes - 1, signal }))
      hash.update(piece as Uint8Array);
  return hash.digest('hex');
};

/** Bytes as they are read, for a table that cannot be read twice. */
export interface SeenBytes {
  readonly onBytes: (piece: Uint8Array) => void;
  /** How many there were, and their digest. */
  readonly seen: () => Pick<DataFile, 'bytes' | 'sha256'>;
}

/** Looks at bytes on their way. */
export const seeingBytes = (): SeenBytes => {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    onBytes: (piece) => {
      hash.update(piece);
      bytes += piece.length;
    },
    seen: () => ({ bytes, sha256: hash.copy().digest('hex') }),
  };
};

/**
 * What a start tells of the file that it is made from, by a form as far as it was said; of standard input by the bytes that were `seen`.
 * Undefined for what else is no file on a disk. Fails where it cannot be read, and with Interrupted.
 */
export const dataFileOf = (
  folder: string,
  file: string,
  { delimiter, decimal, format }: FileForm,
  { seen }: SeenBytes,
  signal: AbortSignal,
): TE.TaskEither<Failure, DataFile | undefined> =>
  TE.tryCatch(
    async () => {
      const form = present({ delimiter, decimal, format });
      if (file === STANDARD_INPUT) return { file, ...seen(), ...form };
      const onDisk = namedArray(file);
      const found = await stat(onDisk.file);
      if (!found.isFile()) return undefined;
      return {
        file: path.relative(path.resolve(folder), path.resolve(file)),
        bytes: found.size,
        sha256: await digestOfFirst(onDisk.file, found.size, signal),
        ...form,
      };
    },
    (cause): Failure =>
      signal.aborted ? { _tag: 'Interrupted', during: 'reading' } : fileTrouble(file, 'read')(cause),
  );

const copied = 'the session goes on with its own copy of the rows, by the lines that they had then';

const another = 'make another session of the file with batchgfn init';

/** What is to be said of the file that a session of a folder was made from; nothing where it is as it was. */
const sentenceOf = async (
  folder: string,
  { file, bytes, sha256 }: DataFile,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const now = namedArray(path.resolve(folder, file)).file;
  try {
    const found = await stat(now);
    const longEnough = found.isFile() && found.size >= bytes;
    if (longEnough && (await digestOfFirst(now, bytes, signal)) === sha256)
      return found.size === bytes
        ? undefined
        : `${now} has become longer since the session was made: ${copied}, without what was added. For rows that were added, ${another}.`;
    return `${now} is not what it was when the session was made: ${copied}. Where rows were corrected or moved, ${another}.`;
  } catch (error) {
    return signal.aborted
      ? undefined
      : `${now}, which the session was made from, cannot be read: ${troubleOf(error).problem}. It is not needed: ${copied}. Put it there to hear whether it has changed.`;
  }
};

/**
 * Tells of a file that is no longer what it was, or no longer there. `data`: of the start of the session in the folder; undefined of
 * one that was made before starts told of it.
 */
export const tellOfChanges =
  (folder: string, { remark, signal }: Pick<Context, 'remark' | 'signal'>) =>
  (data: DataFile | undefined): T.Task<void> =>
  async () => {
    const sentence =
      data === undefined || data.file === STANDARD_INPUT ? undefined : await sentenceOf(folder, data, signal);
    if (sentence !== undefined) remark(sentence);
  };
