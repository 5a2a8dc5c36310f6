/** What can be asked of `batchgfn bench samplers`: pools from files, which part of the table, and where it goes. */
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import type { Shard } from '../learning/experiment/units.js';
import { filePath, text, type WordDecoder } from './decoders.js';
import { optional, several } from './options.js';
import { shard } from './shard.js';

/** A table of which all labels are known. */
export interface DataPool {
  readonly file: string;
  readonly target: string;
  /** Rows labelled at the start, by the seed. */
  readonly labels: number;
  /** The first so many rows alone; all if left out. */
  readonly rows: number | undefined;
}

/** Decoded options of bench samplers; undefined where they are left out. */
export interface SamplersChoice {
  readonly data: readonly DataPool[] | undefined;
  readonly only: readonly string[] | undefined;
  readonly out: string | undefined;
  readonly markdown: string | undefined;
  readonly shard: Shard | undefined;
}

const usualLabels = 20;

const readDataPool = (word: string): O.Option<DataPool> => {
  const [, file = '', target = '', labels, rows] =
    /^(.+?\.[^:.]+):([^:]+)(?::(\d{1,7}))?(?::(\d{1,9}))?$/.exec(word) ?? [];
  const pool = {
    ...{ file, target },
    labels: labels === undefined ? usualLabels : Number(labels),
    rows: rows === undefined ? undefined : Number(rows),
  };
  return file === '' || pool.labels < 1 || pool.rows === 0 ? O.none : O.some(pool);
};

const dataPool: WordDecoder<DataPool> = new t.Type(
  'FILE:TARGET, with :LABELS or :LABELS:ROWS behind it',
  (value): value is DataPool => typeof value === 'object' && value !== null,
  (word, context) =>
    pipe(
      readDataPool(word),
      O.match(
        () =>
          t.failure<DataPool>(
            word,
            context,
            'Give pool.csv:label for instance, pool.csv:label:50:2000 for 50 labels in the first 2,000 rows',
          ),
        t.success<DataPool>,
      ),
    ),
  String,
);

/** The options with their help. */
export const samplersOptions = {
  data: several(
    {
      long: 'data',
      placeholder: 'FILE:TARGET:LABELS:ROWS',
      description:
        'samplers: also a pool from a CSV file with all labels, LABELS of them known (20), of the first ROWS',
    },
    dataPool,
  ),
  only: several(
    {
      long: 'only',
      placeholder: 'NAME',
      description:
        'samplers: these pools, ways and temperatures (half, default, four, exact) alone; or proposals',
    },
    text('a name', 'Give the name of a pool or a way, demo,annealed for instance'),
  ),
  out: optional(
    {
      long: 'out',
      placeholder: 'FILE',
      description:
        'samplers: where records go, a line of JSON each; a table that was stopped goes on from it',
    },
    filePath('a file', 'Give the path of a file of records, samplers.jsonl for instance'),
  ),
  markdown: optional(
    {
      long: 'markdown',
      placeholder: 'FILE',
      description: 'samplers: also write the table of all records as Markdown',
    },
    filePath('a file', 'Give the path of a file to write, samplers.md for instance'),
  ),
  shard,
};
