/**
 * What a law is: a question asked of anyone's sampler, answered by a report. A law needs nothing of this project; it
 * takes functions and plain values.
 *
 * A law decided by chance carries its p-value and its false-alarm probability: the p-value below which it is broken,
 * hence how often it fails a perfect sampler. The same seeds give the same report.
 */

/** A value, now or later: samplers may be synchronous. */
export type Awaitable<A> = A | Promise<A>;

/** Anything that draws outcomes. */
export interface Sampler<A> {
  /** `count` independent draws; the seed (a whole number from 0) decides them. */
  readonly sample: (seed: number, count: number) => Awaitable<readonly A[]>;
  /** Natural log of the probability (nats) with which each outcome is drawn, where the sampler knows it. */
  readonly logProbability?: (outcomes: readonly A[]) => Awaitable<ArrayLike<number>>;
}

/** A batch: indices into a pool, in any order. */
export type Batch = readonly number[];

/** Anything that draws batches of points of a pool. */
export interface BatchSampler extends Sampler<Batch> {
  /** Points in the pool, numbered from 0. */
  readonly poolSize: number;
  /** Points in a batch: one number, or the least and the most. */
  readonly batchSize: number | readonly [least: number, most: number];
}

/** A law's answer. */
export interface LawReport {
  readonly law: string;
  readonly holds: boolean;
  /** What was measured, and against what; where the law is broken, on which draw or by how much. */
  readonly detail: string;
  /** Where chance decides: the probability, for a perfect sampler, of a result at least as bad. */
  readonly pValue?: number;
  /** Where chance decides: the probability that this law fails a perfect sampler. */
  readonly falseAlarm?: number;
}

/** Where no other is given: a perfect sampler fails one law in a million seeds. */
export const defaultFalseAlarm = 1e-6;

/** A report as one line: `holds`, or `BROKEN`, the law, and the detail. */
export const showReport = ({ law, holds, detail }: LawReport): string =>
  `${holds ? 'holds ' : 'BROKEN'}  ${law}: ${detail}`;

/** Throws an Error with the report's line where the law is broken. */
export const assertLaw = (report: LawReport): void => {
  if (!report.holds) throw new Error(showReport(report));
};

/** The number with so many significant digits, as short as it goes. */
export const digits = (x: number, count = 3): string => String(Number(x.toPrecision(count)));

/** The report of a law that chance decides: holds where p ≥ falseAlarm. */
export const byChance = (
  law: string,
  pValue: number,
  falseAlarm: number,
  measured: string,
): LawReport & { readonly pValue: number; readonly falseAlarm: number } => ({
  law,
  holds: pValue >= falseAlarm,
  detail: `${measured}, p = ${digits(pValue)} (broken below ${digits(falseAlarm)}, which is its false-alarm probability)`,
  pValue,
  falseAlarm,
});

/**
 * The name by which outcomes are counted, where no other is given: an array of numbers is a set, so its order does
 * not matter; anything else goes by its JSON.
 */
export const keyOf = (outcome: unknown): string =>
  Array.isArray(outcome) && outcome.every((x) => typeof x === 'number')
    ? [...(outcome as readonly number[])].sort((a, b) => a - b).join(',')
    : JSON.stringify(outcome);

/** Outcomes counted by key. */
export const countBy = <A>(
  outcomes: readonly A[],
  key: (outcome: A) => string,
): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    const name = key(outcome);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
};
