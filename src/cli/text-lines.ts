/** Which lines does a small file of text have? Without the mark that it may begin with, and the break that it may end with. */
import { readFile } from 'node:fs/promises';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { InputFailure } from '../failure.js';
import { fileTrouble } from './file-trouble.js';

/** The lines. An InputFailure where the file cannot be read. */
export const readTextLines = (file: string): TE.TaskEither<InputFailure, readonly string[]> =>
  pipe(
    TE.tryCatch(() => readFile(file, 'utf8'), fileTrouble(file, 'read')),
    TE.map((content) =>
      content
        .replace(/^\ufeff/u, '')
        .replace(/\r?\n$/u, '')
        .split(/\r?\n/u),
    ),
  );
