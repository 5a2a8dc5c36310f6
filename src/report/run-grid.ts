/**
 * Which records can be compared? For each experiment its strategies, rounds, and the seeds for which every strategy has
 * every round up to the last one that any has. Other seeds are left out of all figures, and named.
 */
import { grouped } from '../learning/grouped.js';
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

/** The rounds of each seed, in order. A round that was recorded twice counts as it was the second time. */
const coursesOf = (records: readonly RunRecord[]): ReadonlyMap<number, Course> =>
  new Map(
    Array.from(
      grouped(records, ({ seed }) => seed),
      ([seed, own]) => [
        seed,
        Array.from(new Map(own.map((record) => [record.round, record])).values()).sort(
          (a, b) => a.round - b.round,
        ),
      ],
    ),
  );

const gridOf = (first: RunRecord, records: readonly RunRecord[]): RunGrid => {
  const byStrategy = grouped(records, ({ strategy }) => strategy);
  const courses = Array.from(byStrategy.values(), coursesOf);
  const lastRound = records.reduce((last, { round }) => Math.max(last, round), 0);
  const all = distinct(records.map(({ seed }) => seed)).toSorted((a, b) => a - b);
  // Different rounds up to the last one are all of them where there are as many.
  const isComplete = (seed: number): boolean =>
    courses.every((course) => course.get(seed)?.length === lastRound + 1);
  const seeds = all.filter(isComplete);
  return {
    experiment: first.experiment,
    measures: measuresOf(first.metrics),
    strategies: Array.from(byStrategy.keys()),
    lastRound,
    seeds,
    leftOut: all.filter((seed) => !isComplete(seed)),
    courses: courses.map((course) => seeds.map((seed) => course.get(seed) ?? [])),
  };
};

/** The comparable records, an entry an experiment, in the order of the records. */
export const runGrids = (records: readonly RunRecord[]): readonly RunGrid[] =>
  Array.from(grouped(records, ({ experiment }) => experiment).values()).flatMap((own) => {
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
