/** Which seeds are asked for? `--seeds 10` for the seeds 0 to 9, or a list of them. */
import * as O from '#fp-ts/Option';
import { type WordDecoder, wordDecoder } from './decoders.js';

const MOST_SEEDS = 10_000;

const seedsFrom = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

const seedsIn = (part: string): readonly number[] => {
  const [, from = '', to] = /^\s*(\d{1,15})(?:-(\d{1,15}))?\s*$/.exec(part) ?? [];
  if (from === '' || Number(to ?? from) - Number(from) >= MOST_SEEDS) return [];
  return seedsFrom(Number(from), Number(to ?? from));
};

/** Decodes a number of seeds, or a list of different ones with ranges. */
export const seedList: WordDecoder<readonly number[]> = wordDecoder(
  'a number of seeds or a list of different ones',
  () => 'Give 10 for the seeds 0 to 9, or a list such as 3,5,8 or 20-29',
  (value): value is readonly number[] => Array.isArray(value),
  (word) => {
    const parts = word.split(',').map(seedsIn);
    const seeds = /^\d{1,5}$/.test(word)
      ? seedsFrom(0, Math.min(Number(word), MOST_SEEDS) - 1)
      : parts.flat();
    const sound = parts.every(({ length }) => length > 0) && seeds.length > 0 && seeds.length <= MOST_SEEDS;
    return sound && new Set(seeds).size === seeds.length ? O.some(seeds) : O.none;
  },
);
