/** What can be asked of `batchgfn bench samplers` and `strategies`: pools from files, which part of the table, and where it goes. */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { nearestName } from '../data/nearest-name.js';
import { inputFailure, type InputFailure } from '../failure.js';
import type { Shard } from '../learning/experiment/units.js';
import { filePath, text, type WordDecoder } from './decoders.js';
import { optional, several } from './options.js';
import { seedList } from './seed-list.js';
import { shard } from './shard.js';

/** A table of which all labels are known. */
export interface DataPool {
  readonly file: string;
  readonly target: string;
  /** Whether its labels are classes. */
  readonly classes: boolean;
  /** Rows labelled at the start, by the seed; 0 for a cold start. */
  readonly labels: number;
  /** So many rows alone; all if left out. */
  readonly rows: number | undefined;
}

/** Decoded options of both; undefined where they are left out. */
export interface SamplersChoice {
  readonly data: readonly DataPool[] | undefined;
  readonly only: readonly string[] | undefined;
  readonly out: string | undefined;
  readonly markdown: string | undefined;
  /** Of bench strategies. */
  readonly seeds: readonly number[] | undefined;
  readonly shard: Shard | undefined;
}

const usualLabels = 20;

const readDataPool = (word: string): O.Option<DataPool> => {
  const [, file = '', target = '', classes, labels, rows] =
    /^(.+?\.[^:.]+):([^:]+?)(:classes)?(?::(\d{1,7}))?(?::(\d{1,9}))?$/.exec(word) ?? [];
  const pool = {
    ...{ file, target, classes: classes !== undefined },
    labels: labels === undefined ? usualLabels : Number(labels),
    rows: rows === undefined ? undefined : Number(rows),
  };
  return file === '' || pool.rows === 0 ? O.none : O.some(pool);
};

const dataPool: WordDecoder<DataPool> = new t.Type(
  'FILE:TARGET, with :classes, and :LABELS or :LABELS:ROWS, behind it',
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
        'samplers, strategies: also a pool of a table with all labels, LABELS known (20; or 0), of ROWS rows',
    },
    dataPool,
  ),
  only: several(
    {
      long: 'only',
      placeholder: 'NAME',
      description:
        'these pools, ways, temperatures (half, default, four, exact), proposals, surrogates, strategies alone',
    },
    text('a name', 'Give the name of a pool or a way, demo,annealed for instance'),
  ),
  out: optional(
    {
      long: 'out',
      placeholder: 'FILE',
      description:
        'samplers, strategies: where records go, a line of JSON each; a table that was stopped goes on from it',
    },
    filePath('a file', 'Give the path of a file of records, samplers.jsonl for instance'),
  ),
  markdown: optional(
    {
      long: 'markdown',
      placeholder: 'FILE',
      description: 'samplers, strategies: also write the table of all records as Markdown',
    },
    filePath('a file', 'Give the path of a file to write, samplers.md for instance'),
  ),
  seeds: optional(
    {
      long: 'seeds',
      placeholder: 'N',
      description: 'strategies: how many seeds, from 0, or a list of them: 3,5,20-29 (10 if left out)',
    },
    seedList,
  ),
  shard,
};

/**
 * Of several lists of names those that are asked for, from each list all where none of it is. An InputFailure of `--only` for a name
 * that is in none.
 */
export const chosenOf = <Lists extends readonly (readonly string[])[]>(
  only: readonly string[],
  what: string,
  lists: Lists,
): E.Either<InputFailure, Lists> => {
  const known: readonly string[] = lists.flat();
  const wrong = only.find((name) => !known.includes(name));
  if (wrong !== undefined)
    return E.left(
      inputFailure({
        source: '--only',
        problem: `there is no ${what} ${wrong}`,
        remedy: pipe(
          nearestName(wrong, known),
          O.match(
            () => `Give some of ${known.join(', ')}`,
            (near) => `Perhaps ${near} is meant; there are ${known.join(', ')}`,
          ),
        ),
      }),
    );
  return E.right(
    lists.map((names) => {
      const named = names.filter((name) => only.includes(name));
      return named.length === 0 ? names : named;
    }) as unknown as Lists,
  );
};
