/** Which lines does a small file of text have? Without the mark that it may begin with, and the break that it may end with. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { InputFailure } from '../failure.js';
import { fileBytes } from '../data/file-bytes.js';
import { fileTrouble } from './file-trouble.js';

/** The lines. An InputFailure where the file cannot be read. */
export const readTextLines = (file: string): TE.TaskEither<InputFailure, readonly string[]> =>
  pipe(
    TE.tryCatch(() => fileBytes(file), fileTrouble(file, 'read')),
    TE.map((content) =>
      new TextDecoder('utf-8', { ignoreBOM: true })
        .decode(content)
        .replace(/^\ufeff/u, '')
        .replace(/\r?\n$/u, '')
        .split(/\r?\n/u),
    ),
  );
