/**
 * Parts of a run put together: the same record twice is one, two that differ in more than their seconds are a fault, and
 * what is missing between them is named.
 */
import { requireArray, requireObjects } from '../../misuse.js';
import * as E from '#fp-ts/Either';
import { inputFailure, type InputFailure } from '../../failure.js';
import { lastingText, placeOf, type RunRecord } from '../record.js';

/** A record that is not there. */
export type Missing = Pick<RunRecord, 'strategy' | 'seed' | 'round'>;

/** The records of a run, and those missing up to the last round of any. */
export interface Merged {
  /** By strategy, seed and round. */
  readonly records: readonly RunRecord[];
  /** The first {@link MISSING_NAMED} of those that are missing. */
  readonly missing: readonly Missing[];
  /** How many are missing in all. */
  readonly missingCount: number;
}

/** How many missing records are named: a file may claim any round. */
export const MISSING_NAMED = 1000;

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const inOrder = (a: Missing, b: Missing): number =>
  byName(a.strategy, b.strategy) || a.seed - b.seed || a.round - b.round;

const keyOf = ({ strategy, seed, round }: Missing): string => JSON.stringify([strategy, seed, round]);

/** Every round up to the last of any, of every strategy with every seed. */
function* expected(records: readonly RunRecord[], rounds: number): Generator<Missing> {
  const strategies = Array.from(new Set(records.map(({ strategy }) => strategy))).sort(byName);
  const seeds = Array.from(new Set(records.map(({ seed }) => seed))).sort((a, b) => a - b);
  for (const strategy of strategies)
    for (const seed of seeds) for (let round = 0; round <= rounds; round++) yield { strategy, seed, round };
}

/** Those that are missing of different records. No more are made than are there and named. */
const missingOf = (records: readonly RunRecord[]): Pick<Merged, 'missing' | 'missingCount'> => {
  const there = new Set(records.map(keyOf));
  const rounds = records.reduce((most, { round }) => Math.max(most, round), 0);
  const strategies = new Set(records.map(({ strategy }) => strategy)).size;
  const seeds = new Set(records.map(({ seed }) => seed)).size;
  const missingCount = strategies * seeds * (rounds + 1) - records.length;
  const missing: Missing[] = [];
  for (const record of expected(records, rounds)) {
    if (missing.length === Math.min(missingCount, MISSING_NAMED)) break;
    if (!there.has(keyOf(record))) missing.push(record);
  }
  return { missing, missingCount };
};

/**
 * Puts records together, of one strategy, seed and round the first; missing is every round, up to the last of any, of every
 * strategy with every seed that occurs. An InputFailure where two of one strategy, seed and round differ, or two are of
 * different experiments.
 */
export const mergeRecords = (records: readonly RunRecord[]): E.Either<InputFailure, Merged> => {
  requireArray('mergeRecords', 'records', records);
  records.forEach((record, i) => {
    requireObjects('mergeRecords', { [`records[${i}]`]: record });
  });
  const kept = new Map<string, RunRecord>();
  const [first] = records;
  for (const record of records) {
    if (record.experiment !== first?.experiment || record.fingerprint !== first.fingerprint)
      return E.left(
        inputFailure({
          source: 'the parts',
          problem: `they are records of different experiments or settings (${placeOf(record)} of ${record.experiment})`,
          remedy: 'Merge the parts of one run alone',
        }),
      );
    const before = kept.get(keyOf(record));
    if (before !== undefined && lastingText(before) !== lastingText(record))
      return E.left(
        inputFailure({
          source: 'the parts',
          problem: `there are two different records of ${placeOf(record)}`,
          remedy: 'Leave one of the parts out, or make both again on one kind of engine',
        }),
      );
    if (before === undefined) kept.set(keyOf(record), record);
  }
  const all = Array.from(kept.values()).sort(inOrder);
  return E.right({ records: all, ...missingOf(all) });
};
