/** What is in the bytes of a file? As they are, or what was packed by gzip. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import * as TE from '#fp-ts/TaskEither';
import { isGzip } from '../data/table-format.js';
import { inputFailure, type InputFailure } from '../failure.js';

/** The bytes of a file, unpacked. An InputFailure where they are packed and damaged. */
export const unpacked = (file: string, bytes: Uint8Array): TE.TaskEither<InputFailure, Uint8Array> =>
  isGzip(bytes)
    ? TE.tryCatch(
        async (): Promise<Uint8Array> => new Uint8Array(await promisify(gunzip)(bytes)),
        () =>
          inputFailure({
            ...{ source: file, problem: 'the gzip file is damaged, or cut off' },
            remedy: 'Write it again, or give it unpacked',
          }),
      )
    : TE.right(bytes);
