/**
 * Which records can be compared? For each experiment its strategies, rounds, and the seeds for which every strategy has
 * every round up to the last one that any has. Other seeds are left out of all figures, and named.
 */
import { type Measure, type Measures, measuresOf } from '../learning/measures.js';
import type { RunRecord } from '../learning/record.js';
import { meanOf } from './student.js';

/** The rounds of one strategy from one seed, round 0 first. */
export type Course = readonly RunRecord[];

/** The comparable records of one experiment. */
export interface RunGrid {
  readonly experiment: string;
  /** Those of the first record; all are of one kind, where labels are (run-records.ts). */
  readonly measures: Measures;
  /** In the order in which the records name them. */
  readonly strategies: readonly string[];
  /** Rounds 0 … lastRound. */
  readonly lastRound: number;
  /** Complete for every strategy, ascending. */
  readonly seeds: readonly number[];
  /** The others, ascending. */
  readonly leftOut: readonly number[];
  /** A row a strategy, a course a seed of `seeds`. */
  readonly courses: readonly (readonly Course[])[];
}

const distinct = <A>(values: readonly A[]): readonly A[] => [...new Set(values)];

const gridOf = (first: RunRecord, records: readonly RunRecord[]): RunGrid => {
  const strategies = distinct(records.map(({ strategy }) => strategy));
  const keyOf = (strategy: string, seed: number, round: number): string =>
    JSON.stringify([strategy, seed, round]);
  // A round that was recorded twice counts as it was the second time.
  const found = new Map(records.map((one) => [keyOf(one.strategy, one.seed, one.round), one] as const));
  const lastRound = records.reduce((last, { round }) => Math.max(last, round), 0);
  const courseOf = (strategy: string, seed: number): Course =>
    Array.from({ length: lastRound + 1 }, (_, round) => found.get(keyOf(strategy, seed, round))).flatMap(
      (record) => (record === undefined ? [] : [record]),
    );
  const all = distinct(records.map(({ seed }) => seed)).toSorted((a, b) => a - b);
  const isComplete = (seed: number): boolean =>
    strategies.every((strategy) => courseOf(strategy, seed).length === lastRound + 1);
  const seeds = all.filter(isComplete);
  return {
    experiment: first.experiment,
    measures: measuresOf(first.metrics),
    strategies,
    lastRound,
    seeds,
    leftOut: all.filter((seed) => !seeds.includes(seed)),
    courses: strategies.map((strategy) => seeds.map((seed) => courseOf(strategy, seed))),
  };
};

/** The comparable records, an entry an experiment, in the order of the records. */
export const runGrids = (records: readonly RunRecord[]): readonly RunGrid[] =>
  distinct(records.map(({ experiment }) => experiment)).flatMap((experiment) => {
    const own = records.filter((record) => record.experiment === experiment);
    const [first] = own;
    return first === undefined ? [] : [gridOf(first, own)];
  });

/** One number of each seed's record of a round. */
export const atRound = (
  courses: readonly Course[],
  round: number,
  valueOf: (record: RunRecord) => number,
): readonly number[] =>
  courses.flatMap((course) => {
    const record = course[round];
    return record === undefined ? [] : [valueOf(record)];
  });

/** Each seed's final value of a measure: that of the last round, or the mean over the rounds after the first. */
export const finalValues = (
  { lastRound }: RunGrid,
  courses: readonly Course[],
  { of, final }: Measure,
): readonly number[] =>
  final === 'last' || lastRound === 0
    ? atRound(courses, lastRound, ({ metrics }) => of(metrics))
    : courses.map((course) => meanOf(course.slice(1).map(({ metrics }) => of(metrics))));

/** JMI of the batch over that of greedy's on the same posterior: nothing in round 0, or where greedy's is not above 0. */
export const informationRatio = ({ jointMutualInformation: jmi }: RunRecord): readonly number[] =>
  jmi === null || !(jmi.greedy > 0) ? [] : [jmi.batch / jmi.greedy];
