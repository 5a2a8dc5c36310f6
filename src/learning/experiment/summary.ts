/**
 * What do the records say of the strategies? One measure: mean squared error on the test rows, or accuracy where labels are
 * classes. Its mean over seeds ± the standard error s/√n stands for the first, the middle and the last round; for policies that
 * are compared on the same posteriors, for all rounds after the first together. Beside it stands the difference to a strategy
 * of reference in the last of these, seed by seed, as one seed gives all strategies the same data.
 */
import { requireArray } from '../../misuse.js';
import { relativeDeviation } from '../../linear-algebra/deviation.js';
import { present } from '../../present.js';
import { type Measure, type MeasureName, measures, measuresOf } from '../measures.js';
import type { RunRecord } from '../record.js';
import { grouped } from '../grouped.js';

/** A mean over n seeds and its standard error, which is null with one seed. */
export interface MeanOverSeeds {
  readonly mean: number;
  readonly standardError: number | null;
  readonly seeds: number;
}

/** Where a strategy would have stopped: before the first batch that is not worth its labels, or at its end. */
export interface Stopped {
  readonly labels: MeanOverSeeds;
  /** The measure there. */
  readonly value: MeanOverSeeds;
  /** The part of seeds that stopped before their end. */
  readonly early: number;
}

/** One strategy. */
export interface StrategySummary {
  readonly strategy: string;
  /** The measure, a value a column; null where there is no record. */
  readonly values: readonly (MeanOverSeeds | null)[];
  /** What stopping by the rule of expectation.ts would have come to, over seeds; where records say what was expected. */
  readonly stopped?: Stopped;
  /** This strategy's measure in the last column less that of the reference, seed by seed. */
  readonly difference: MeanOverSeeds | null;
}

/** Rounds that a value is the mean of, and the labels after the last of them. */
export interface SummaryColumn {
  readonly from: number;
  readonly to: number;
  readonly labels: number;
}

/** The strategies side by side. */
export interface RunSummary {
  /** What the figures are; mean squared error in squared units of the target. */
  readonly measure: MeasureName;
  readonly columns: readonly SummaryColumn[];
  /** greedy, else random, else none. */
  readonly reference: string | null;
  readonly strategies: readonly StrategySummary[];
}

const overSeeds = (values: readonly number[]): MeanOverSeeds | null => {
  const seeds = values.length;
  if (seeds === 0) return null;
  const { largest, centre, deviation } = relativeDeviation(Float64Array.from(values));
  return {
    ...{ mean: centre * largest, seeds },
    standardError: seeds === 1 ? null : (deviation / Math.sqrt(seeds)) * largest,
  };
};

/** Where the records of a strategy would have stopped. */
const stoppedOf = (own: readonly RunRecord[], measure: Measure): Stopped | undefined => {
  if (!own.some(({ expected }) => expected !== undefined)) return undefined;
  const stops = Array.from(grouped(own, ({ seed }) => seed).values(), (ofSeed) => {
    const inOrder = ofSeed.toSorted((a, b) => a.round - b.round);
    const idle = inOrder.findIndex(({ expected }) => expected?.worthwhile === false);
    return { record: inOrder.at(idle < 0 ? -1 : Math.max(0, idle - 1)), early: idle >= 0 };
  });
  const [labels, value] = [
    overSeeds(stops.map(({ record }) => record?.labels ?? NaN)),
    overSeeds(stops.map(({ record }) => (record === undefined ? NaN : measure.of(record.metrics)))),
  ];
  if (labels === null || value === null) return undefined;
  return { labels, value, early: stops.filter(({ early }) => early).length / stops.length };
};

/** The summary of records, in the order in which strategies first occur. */
export const summaryOfRun = (records: readonly RunRecord[]): RunSummary => {
  requireArray('summaryOfRun', 'records', records);
  const last = records.reduce((most, { round }) => Math.max(most, round), 0);
  const [first] = records;
  const measure = first === undefined ? measures.meanSquaredError : measuresOf(first.metrics).short;
  const spans: readonly (readonly [number, number])[] =
    measure.final === 'mean'
      ? [[Math.min(1, last), last]]
      : Array.from(new Set([0, Math.floor(last / 2), last]), (at) => [at, at] as const);
  const columns = spans.map(([from, to]): SummaryColumn => ({
    ...{ from, to },
    labels: records.find(({ round }) => round === to)?.labels ?? 0,
  }));
  const names = Array.from(new Set(records.map(({ strategy }) => strategy)));
  const reference = ['greedy', 'random'].find((name) => names.includes(name)) ?? null;
  const byStrategy = grouped(records, ({ strategy }) => strategy);
  /** By seed. */
  const valuesOf = (strategy: string, { from, to }: SummaryColumn): ReadonlyMap<number, number> => {
    const own = (byStrategy.get(strategy) ?? []).filter(({ round }) => round >= from && round <= to);
    return new Map(
      Array.from(
        grouped(own, ({ seed }) => seed),
        ([seed, ofSeed]) => {
          const values = ofSeed.map(({ metrics }) => measure.of(metrics));
          return [seed, values.reduce((sum, value) => sum + value, 0) / values.length];
        },
      ),
    );
  };
  const final = columns.at(-1);
  const inTheEnd = (strategy: string | null): ReadonlyMap<number, number> =>
    strategy === null || final === undefined ? new Map<number, number>() : valuesOf(strategy, final);
  const referenceValues = inTheEnd(reference);
  return {
    measure: measure.name,
    ...{ columns, reference },
    strategies: names.map((strategy) => ({
      strategy,
      ...present({ stopped: stoppedOf(byStrategy.get(strategy) ?? [], measure) }),
      values: columns.map((column) => overSeeds(Array.from(valuesOf(strategy, column).values()))),
      difference:
        strategy === reference
          ? null
          : overSeeds(
              Array.from(inTheEnd(strategy)).flatMap(([seed, value]) => {
                const other = referenceValues.get(seed);
                return other === undefined ? [] : [value - other];
              }),
            ),
    })),
  };
};
