/**
 * Which strategy wins over many pools? Of each pool and seed a strategy has one value,
 *
 *   mean over the rounds after the first of log RMSE, or of the cross-entropy of class labels (nats), on the test rows,
 *
 * as Holzmüller et al. (A framework and benchmark for deep batch active learning for regression, JMLR 2023) have it: where labels
 * grow by batches, it is by how much the whole curve lies below another's. A difference of 0.01 is 1 % of the RMSE.
 *
 *  - On a pool: its mean over seeds, and less that of the reference on the same seeds, with 95% Student intervals.
 *  - Over pools of one task, surrogate and reference: the mean of its ranks (ties share theirs), the part of pools that it wins, and of how
 *    many pools its difference is below 0, and clearly below or above it: by more than its interval.
 */
import { grouped } from '../../learning/grouped.js';
import type { RunRecord } from '../../learning/record.js';
import { present } from '../../present.js';
import { pairedDifference } from '../../report/paired.js';
import { type Course, type RunGrid, runGrids } from '../../report/run-grid.js';
import { type Interval, meanOf, studentInterval } from '../../report/student.js';

/**
 * The strategy that others are held against: that whose batch is the default one of a proposal, and on pools that begin without a label
 * `random`, as it is in doubt there whether choosing gains anything.
 */
export type Reference = 'greedy' | 'random';

const referenceOf = (courses: RunGrid['courses']): Reference =>
  courses.flat(2).some(({ labels }) => labels === 0) ? 'random' : 'greedy';

/** A strategy on a pool; lower scores are better. */
export interface PoolRow {
  readonly strategy: string;
  /** log RMSE or nats. */
  readonly score: Interval;
  /** Less that of the reference; null for itself, and where it is not there. */
  readonly lessReference: Interval | null;
  /** Of class labels, the mean over the same rounds. */
  readonly accuracy?: Interval;
  /** From 1, the least score. */
  readonly rank: number;
}

/** The strategies on a pool, in the order of their records; none where no seed is complete. */
export interface PoolTable {
  readonly pool: string;
  readonly seeds: number;
  /** Seeds that lack rounds of some strategy. */
  readonly leftOut: number;
  /** Before the first batch, and after the last. */
  readonly labels: readonly [first: number, last: number];
  readonly rows: readonly PoolRow[];
}

/** A strategy over the pools that it was measured on. */
export interface Standing {
  readonly strategy: string;
  readonly pools: number;
  readonly meanRank: number;
  /** The part of its pools on which no other has a lower score. */
  readonly won: number;
  /** The mean over pools of its difference from the reference; null where there is none. */
  readonly lessReference: number | null;
  /** Pools on which that is below 0, and on which 0 is above, or below, its whole interval. */
  readonly below: number;
  readonly clearlyBelow: number;
  readonly clearlyAbove: number;
}

/** Pools of one task, one surrogate and one reference. */
export interface PoolGroup {
  readonly task: 'regression' | 'classes';
  /** What stands behind the name of a pool; undefined of the usual surrogate. */
  readonly surrogate?: string;
  /** `random` where pools begin without a label. */
  readonly reference: Reference;
  readonly pools: readonly PoolTable[];
  /** The lowest mean rank first. */
  readonly standings: readonly Standing[];
}

const overRounds = (course: Course, of: (metrics: RunRecord['metrics']) => number): number =>
  meanOf((course.length > 1 ? course.slice(1) : course).map(({ metrics }) => of(metrics)));

/** What is averaged. NaN of other records than those of strategies on one target. */
const scoreOf = (metrics: RunRecord['metrics']): number =>
  'crossEntropy' in metrics ? metrics.crossEntropy : 'rmse' in metrics ? Math.log(metrics.rmse) : NaN;

/** The place of a value among all, from 1; equal ones share the mean of theirs. */
const rankIn = (all: readonly number[], value: number): number =>
  all.filter((other) => other < value).length + (all.filter((other) => other === value).length + 1) / 2;

const tableOf = ({ experiment, strategies, seeds, leftOut, courses, lastRound }: RunGrid): PoolTable => {
  const values = courses.map((own) => own.map((course) => overRounds(course, scoreOf)));
  const scores = seeds.length === 0 ? [] : values.map((own) => studentInterval(own));
  const means = scores.map(({ mean }) => mean);
  const reference = referenceOf(courses);
  const among = values[strategies.indexOf(reference)];
  const labelsAt = (round: number): number => courses[0]?.[0]?.[round]?.labels ?? NaN;
  return {
    ...{ pool: experiment, seeds: seeds.length, leftOut: leftOut.length },
    labels: [labelsAt(0), labelsAt(lastRound)],
    rows: scores.map((score, j) => {
      const strategy = strategies[j] ?? '';
      const own = courses[j] ?? [];
      const ofClasses = own.some(([first]) => first !== undefined && 'accuracy' in first.metrics);
      const accuracyOf = (metrics: RunRecord['metrics']): number =>
        'accuracy' in metrics ? metrics.accuracy : NaN;
      return {
        ...{ strategy, score, rank: rankIn(means, score.mean) },
        lessReference:
          strategy === reference || among === undefined ? null : pairedDifference(values[j] ?? [], among),
        ...(ofClasses
          ? { accuracy: studentInterval(own.map((course) => overRounds(course, accuracyOf))) }
          : {}),
      };
    }),
  };
};

const standingsOf = (pools: readonly PoolTable[]): readonly Standing[] =>
  Array.from(
    grouped(
      pools.flatMap(({ rows }) =>
        rows.map((row) => ({ row, best: Math.min(...rows.map(({ rank }) => rank)) })),
      ),
      ({ row: { strategy } }) => strategy,
    ),
    ([strategy, own]): Standing => {
      const differences = own.flatMap(({ row }) => row.lessReference ?? []);
      const clear = (sign: number): number =>
        differences.filter(({ mean, halfWidth }) => halfWidth !== null && sign * mean > halfWidth).length;
      return {
        ...{ strategy, pools: own.length },
        meanRank: meanOf(own.map(({ row }) => row.rank)),
        won: own.filter(({ row, best }) => row.rank === best).length / own.length,
        lessReference: differences.length === 0 ? null : meanOf(differences.map(({ mean }) => mean)),
        below: differences.filter(({ mean }) => mean < 0).length,
        ...{ clearlyBelow: clear(-1), clearlyAbove: clear(1) },
      };
    },
  ).toSorted((a, b) => a.meanRank - b.meanRank);

const taskOf = ({ courses }: RunGrid): PoolGroup['task'] =>
  courses.flat(2).some(({ metrics }) => 'accuracy' in metrics) ? 'classes' : 'regression';

/** What stands behind the slash of a pool's name. */
const surrogateIn = (experiment: string): string | undefined => experiment.split('/')[1];

/** The tables and standings of records, by task, surrogate and reference in the order in which they first occur. */
export const strategiesSummary = (records: readonly RunRecord[]): readonly PoolGroup[] =>
  Array.from(
    grouped(runGrids(records), (grid) =>
      JSON.stringify([taskOf(grid), surrogateIn(grid.experiment), referenceOf(grid.courses)]),
    ).values(),
    (grids): PoolGroup => {
      const [first] = grids;
      const pools = grids.map(tableOf);
      return {
        task: first === undefined ? 'regression' : taskOf(first),
        ...present({ surrogate: surrogateIn(first?.experiment ?? '') }),
        reference: referenceOf(first?.courses ?? []),
        ...{ pools, standings: standingsOf(pools) },
      };
    },
  );
