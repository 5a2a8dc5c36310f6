/**
 * What do the records say of the strategies? Mean squared error on the test rows, the mean over seeds ± its standard
 * error s/√n, in the first, the middle and the last round; and in the last round the mean over the seeds of both of the
 * difference to a strategy of reference, which is of pairs: one seed gives all strategies the same data.
 */
import type { RunRecord } from '../record.js';

/** A mean over n seeds and its standard error, which is null with one seed. In squared units of the target. */
export interface MeanOverSeeds {
  readonly mean: number;
  readonly standardError: number | null;
  readonly seeds: number;
}

/** One strategy. */
export interface StrategySummary {
  readonly strategy: string;
  /** Mean squared error by round, those of {@link RunSummary.rounds}; null where there is no record. */
  readonly meanSquaredError: readonly (MeanOverSeeds | null)[];
  /** This strategy's mean squared error in the last round less that of the reference, seed by seed. */
  readonly difference: MeanOverSeeds | null;
}

/** The strategies side by side. */
export interface RunSummary {
  readonly rounds: readonly number[];
  /** Labels after each of them. */
  readonly labels: readonly number[];
  /** greedy, else random, else none. */
  readonly reference: string | null;
  readonly strategies: readonly StrategySummary[];
}

const overSeeds = (values: readonly number[]): MeanOverSeeds | null => {
  const seeds = values.length;
  if (seeds === 0) return null;
  const mean = values.reduce((sum, x) => sum + x, 0) / seeds;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, standardError: seeds === 1 ? null : Math.sqrt(squares / (seeds - 1) / seeds), seeds };
};

/** The summary of records, in the order in which strategies first occur. */
export const summaryOfRun = (records: readonly RunRecord[]): RunSummary => {
  const last = records.reduce((most, { round }) => Math.max(most, round), 0);
  const rounds = Array.from(new Set([0, Math.floor(last / 2), last]));
  const names = Array.from(new Set(records.map(({ strategy }) => strategy)));
  const reference = ['greedy', 'random'].find((name) => names.includes(name)) ?? null;
  const errors = (strategy: string, at: number): ReadonlyMap<number, number> =>
    new Map(
      records
        .filter((record) => record.strategy === strategy && record.round === at)
        .map(({ seed, metrics }) => [seed, metrics.rmse ** 2]),
    );
  const beside = reference === null ? new Map<number, number>() : errors(reference, last);
  return {
    rounds,
    labels: rounds.map((at) => records.find(({ round }) => round === at)?.labels ?? 0),
    reference,
    strategies: names.map((strategy) => ({
      strategy,
      meanSquaredError: rounds.map((at) => overSeeds(Array.from(errors(strategy, at).values()))),
      difference:
        strategy === reference
          ? null
          : overSeeds(
              Array.from(errors(strategy, last)).flatMap(([seed, error]) => {
                const other = beside.get(seed);
                return other === undefined ? [] : [error - other];
              }),
            ),
    })),
  };
};
