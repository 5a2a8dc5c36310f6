/** Which part of a run is done here? `--shard I/N`, so that several machines share one. */
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import type { Shard } from '../learning/experiment/units.js';
import type { WordDecoder } from './decoders.js';
import { optional } from './options.js';

const read = (word: string): O.Option<Shard> => {
  const [, index, count] = (/^(\d{1,6})\/(\d{1,6})$/.exec(word) ?? []).map(Number);
  return index !== undefined && count !== undefined && index >= 1 && index <= count
    ? O.some({ index, count })
    : O.none;
};

const shardDecoder: WordDecoder<Shard> = new t.Type(
  'a shard i/n, i from 1 to n',
  (value): value is Shard => value !== undefined,
  (word, context) =>
    pipe(
      read(word),
      O.match(
        () => t.failure<Shard>(word, context, 'Give 1/2 and 2/2 for two halves, say'),
        t.success<Shard>,
      ),
    ),
  String,
);

/** `--shard`. */
export const shard = optional(
  { long: 'shard', placeholder: 'I/N', description: 'do the I-th of N parts alone (see merge)' },
  shardDecoder,
);
