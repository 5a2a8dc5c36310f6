/** How is a table of the user read? With progress on stderr, until Ctrl-C, and by the delimiter that `--delimiter` names. */
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { DecimalMark } from '../data/decimal-comma.js';
import { delimiterNames } from '../data/delimiter.js';
import { fileBytes } from '../data/file-bytes.js';
import { type ReadControl, readTable, readTableIn } from '../data/read-table.js';
import { namedArray } from '../data/npz.js';
import { tableFormats } from '../data/table-format.js';
import { plainForm, type TableText, tableTextOf, type TextForm } from '../data/table-text.js';
import { writtenTable } from '../data/written-table.js';
import type { Table } from '../data/table.js';
import type { Failure, InputFailure } from '../failure.js';
import type { Context } from './command.js';
import { keyOf, wordDecoder } from './decoders.js';
import { fileTrouble } from './file-trouble.js';
import { naming, optional } from './options.js';
import { present } from '../present.js';
import { unpacked } from './unpacked.js';

/** What reading needs of the context. */
export interface ReadContext extends Pick<Context, 'progress' | 'signal'>, Pick<ReadControl, 'onBytes'> {}

const MEGABYTE = 1e6;

const megabytes = (bytes: number): number => Math.round((10 * bytes) / MEGABYTE) / 10;

/** How the file of a table is written, as far as the user says it. */
export interface FileForm extends TextForm {
  /** Of the table that it goes with. */
  readonly usualDecimal?: DecimalMark | undefined;
}

/** Reads a table. Fails as readTable does. */
export const tableOfFile = (
  file: string,
  { delimiter, decimal, usualDecimal, format }: FileForm,
  { progress, signal, onBytes }: ReadContext,
): TE.TaskEither<Failure, Table> =>
  pipe(
    readTable(file, {
      ...present({ delimiter, decimal, usualDecimal, format, onBytes }),
      signal,
      onRead: (done, total) =>
        progress({
          ...{ stage: 'reading', done: megabytes(done), total: megabytes(total) },
          note: `MB of ${file}`,
        }),
    }),
    TE.mapLeft((failure): Failure => failure),
  );

/**
 * The table in the bytes of a file as text: as it is written where it is CSV or TSV, packed or not, and else written as CSV. Fails as
 * readTable does, with a quote that does not close, and a table without a header.
 */
export const tableTextIn = (
  file: string,
  bytes: Uint8Array,
  form: FileForm,
): TE.TaskEither<InputFailure, TableText> =>
  pipe(
    unpacked(file, bytes),
    TE.chain((plain) =>
      plainForm(file, plain, form.format) !== undefined
        ? TE.fromEither(tableTextOf(file, plain, form))
        : pipe(
            readTableIn(
              file,
              plain,
              present({ delimiter: form.delimiter, decimal: form.decimal, format: form.format }),
            ),
            TE.map(writtenTable),
          ),
    ),
  );

/** The bytes of the file that a table is in. */
export const bytesOfTable = (file: string): TE.TaskEither<InputFailure, Uint8Array> =>
  TE.tryCatch(() => fileBytes(namedArray(file).file), fileTrouble(file, 'read'));

/** The table in a file as text. Fails as {@link tableTextIn} does, and where the file cannot be read. */
export const readTableText = (file: string, form: FileForm): TE.TaskEither<InputFailure, TableText> =>
  pipe(
    bytesOfTable(file),
    TE.chain((bytes) => tableTextIn(file, bytes, form)),
  );

const byName: Readonly<Record<string, string>> = delimiterNames;

/** A word for a delimiter, or the character itself; none of those that numbers, names and quotes are made of. */
const delimiterOf = (word: string): O.Option<string> =>
  pipe(
    O.fromNullable(Object.hasOwn(byName, word) ? byName[word] : undefined),
    O.alt(() => (word.length === 1 && !/[\p{L}\p{N}"'.+\-\r\n]/u.test(word) ? O.some<string>(word) : O.none)),
  );

/** `--delimiter`. */
export const delimiter = optional(
  {
    long: 'delimiter',
    placeholder: 'NAME',
    description: `between cells: ${Object.keys(delimiterNames).join(', ')}, or a character (recognised if left out)`,
  },
  wordDecoder(
    'a delimiter',
    () => `Give one of ${Object.keys(delimiterNames).join(', ')}, or one character`,
    (value): value is string => typeof value === 'string' && value.length === 1,
    delimiterOf,
  ),
);

/** `--decimal`. */
export const decimal = optional(
  {
    long: 'decimal',
    placeholder: 'MARK',
    description:
      'before the fraction of numbers: a point, or a comma (found if left out, by ; between cells)',
  },
  keyOf({ '.': null, ',': null } satisfies Readonly<Record<DecimalMark, null>>),
);

/** `--format`. */
export const format = optional(
  {
    long: 'format',
    placeholder: 'FORM',
    description: naming(
      'of the file: ',
      Object.keys(tableFormats),
      ' (by its ending, or its first bytes, if left out)',
    ),
  },
  keyOf(tableFormats),
);
