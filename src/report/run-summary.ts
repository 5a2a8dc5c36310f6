/**
 * How did each strategy end? By its measures' final values (run-grid.ts), over the seeds that all strategies completed:
 * means with Student's 95% intervals, and the differences from greedy BatchBALD and from random batches seed by
 * seed, which are smaller than the spread from seed to seed lets expect.
 */
import type { Measure, MeasureName } from '../learning/measures.js';
import type { RunRecord } from '../learning/record.js';
import { present } from '../present.js';
import { pairedDifference } from './paired.js';
import { atRound, finalValues, informationRatio, runGrids, type Course, type RunGrid } from './run-grid.js';
import { meanOf, studentInterval, type Interval } from './student.js';

/** The final figures of one strategy. */
export interface StrategySummary {
  readonly strategy: string;
  /** Labels after the last round, mean over seeds. */
  readonly labels: number;
  readonly seeds: number;
  /** The figures on the test rows by name: those of the labels' kind, in the order of the table. */
  readonly metrics: Readonly<Partial<Record<MeasureName, Interval>>>;
  /** Of several targets the RMSE of each, in its units. */
  readonly outputs?: readonly { readonly target: string; readonly rmse: Interval }[];
  /** The compared measure less that of `greedy` on the same seed; null for greedy itself and where it was not run. */
  readonly lessGreedy: Interval | null;
  /** The same for `random`. */
  readonly lessRandom: Interval | null;
  /** JMI of its batches over greedy's on the same posterior, mean over seeds and rounds; null where nothing is known. */
  readonly informationRatio: number | null;
  /** ESS of its own draws, as a fraction of them: mean over seeds and rounds; null where nothing is known. */
  readonly effectiveSampleSize: number | null;
  /** EUBO − ELBO, nats: by how much at most its own draws and the target miss each other; the same mean. */
  readonly evidenceGap: number | null;
  /** To propose a batch, and to fit the surrogate: means over seeds and rounds. */
  readonly seconds: { readonly propose: number; readonly fit: number };
}

/** The final figures of one experiment; `strategies` is empty where no seed is complete. */
export interface ExperimentSummary {
  readonly experiment: string;
  readonly rounds: number;
  /** The measure by which strategies are compared. */
  readonly compared: MeasureName;
  /** Complete for all strategies. */
  readonly seeds: readonly number[];
  /** Seeds that lack rounds of some strategy. */
  readonly leftOut: readonly number[];
  readonly strategies: readonly StrategySummary[];
}

const meanOrNull = (values: readonly number[]): number | null =>
  values.length === 0 ? null : meanOf(values);

/** The RMSE of each of several targets, by records of a last round; none of one target. */
const outputsOf = (records: readonly RunRecord[]): StrategySummary['outputs'] => {
  const all = records.map(({ metrics }) => ('outputs' in metrics ? metrics.outputs : []));
  const targets = all[0]?.map(({ target }) => target) ?? [];
  return targets.length === 0
    ? undefined
    : targets.map((target, j) => ({ target, rmse: studentInterval(all.map((own) => own[j]?.rmse ?? NaN)) }));
};

const strategySummary = (grid: RunGrid, strategy: string, courses: readonly Course[]): StrategySummary => {
  const { lastRound, measures } = grid;
  const last = (valueOf: (record: RunRecord) => number): readonly number[] =>
    atRound(courses, lastRound, valueOf);
  const finalOf = (measure: Measure, of = courses): readonly number[] => finalValues(grid, of, measure);
  const [compared] = measures.curves;
  const less = (other: string): Interval | null => {
    const others = grid.courses[grid.strategies.indexOf(other)];
    return other === strategy || others === undefined
      ? null
      : pairedDifference(finalOf(compared), finalOf(compared, others));
  };
  // Round 0 proposes nothing; an experiment without rounds has nothing else.
  const proposing = courses.flatMap((course) => course.slice(1));
  const samplers = proposing.flatMap(({ sampler }) => sampler ?? []);
  return {
    strategy,
    labels: meanOf(last(({ labels }) => labels)),
    seeds: courses.length,
    metrics: Object.fromEntries(
      measures.table
        .map((measure) => [measure.name, studentInterval(finalOf(measure))] as const)
        // Older records have no EUBO.
        .filter(([, { mean }]) => !Number.isNaN(mean)),
    ),
    ...present({ outputs: outputsOf(courses.flatMap((course) => course[lastRound] ?? [])) }),
    lessGreedy: less('greedy'),
    lessRandom: less('random'),
    informationRatio: meanOrNull(proposing.flatMap(informationRatio)),
    effectiveSampleSize: meanOrNull(samplers.flatMap((sampler) => sampler.effectiveSampleSize ?? [])),
    evidenceGap: meanOrNull(
      samplers.flatMap(({ elbo, eubo }) => (elbo === null || eubo === null ? [] : eubo - elbo)),
    ),
    seconds: {
      propose: meanOrNull(proposing.map(({ seconds }) => seconds.propose)) ?? 0,
      fit: meanOf(courses.flat().map(({ seconds }) => seconds.fit)),
    },
  };
};

/** The final figures of comparable records. */
export const summaryOfGrid = (grid: RunGrid): ExperimentSummary => ({
  experiment: grid.experiment,
  rounds: grid.lastRound,
  compared: grid.measures.curves[0].name,
  seeds: grid.seeds,
  leftOut: grid.leftOut,
  strategies:
    grid.seeds.length === 0
      ? []
      : grid.strategies.map((strategy, j) => strategySummary(grid, strategy, grid.courses[j] ?? [])),
});

/** The final figures of records, an entry an experiment, in the order of the records. */
export const summaryOfRuns = (records: readonly RunRecord[]): readonly ExperimentSummary[] =>
  runGrids(records).map(summaryOfGrid);
