/** Which array does the user name? A file of NumPy: `draws.npy`, or one of the arrays of `model.npz` as `model.npz:draws`. */
import { readFile } from 'node:fs/promises';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { readNpy, type NumberArray } from '../data/npy.js';
import { isZip, readNpz } from '../data/npz.js';
import type { InputFailure } from '../failure.js';
import { fileTrouble } from './file-trouble.js';

/** A file, and the array in it. */
const parted = (word: string): { readonly file: string; readonly name?: string } => {
  const [, file, name] = /^(.+\.npz):([^:]+)$/iu.exec(word) ?? [];
  return file === undefined || name === undefined ? { file: word } : { file, name };
};

/** Reads it. An InputFailure where it cannot be read, or is no array of numbers. */
export const readArrayFile = (word: string): TE.TaskEither<InputFailure, NumberArray> => {
  const { file, name } = parted(word);
  return pipe(
    TE.tryCatch((): Promise<Uint8Array> => readFile(file), fileTrouble(file, 'read')),
    TE.chain((bytes) => (isZip(bytes) ? readNpz(file, bytes, name) : TE.fromEither(readNpy(file, bytes)))),
  );
};
