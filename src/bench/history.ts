/**
 * Has something become faster or slower since an earlier bench? A line of a history is the timings of one bench, each by its
 * place in the report, and beside them the time of a fixed loop on the host, the reference, which was timed before and after:
 * a machine that is slower as a whole is slower in it too. Two lines are compared by
 *
 *   ratio = (now / reference now) / (then / reference then)
 *
 * of medians. The median of n samples has the standard error 1.2533 · 1.4826 · MAD / √n where samples are near normal; of
 * log ratio the relative ones of its four medians add up by squares. A change counts as one where |log ratio| is beyond three
 * of them and 5 %: what runs in other processes, and where memory lies, comes and goes by that much.
 */
import type * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import { nonNegative, positive } from '../data/ranges.js';
import type { Failure } from '../failure.js';
import { dotRange } from '../linear-algebra/vector.js';
import { measure, onHost, type BenchControl, type Timing } from './measure.js';

const timingCodec = t.readonly(
  t.type({
    seconds: nonNegative,
    deviation: nonNegative,
    fastest: nonNegative,
    repeats: positive,
    calls: positive,
  }),
);

/** Decodes a line of a history. */
export const historyLineCodec = t.readonly(
  t.type({
    /** Of this form of a line. */
    version: t.literal(1),
    /** When it was measured, ISO 8601. */
    date: t.string,
    bench: t.string,
    /** What was asked for, and on what: lines that differ in it are not compared. */
    circumstances: t.string,
    /** Of the fixed loop, before and after. */
    reference: t.readonly(t.type({ before: timingCodec, after: timingCodec })),
    timings: t.readonly(t.record(t.string, timingCodec)),
  }),
  'HistoryLine',
);

/** The timings of one bench, and those of the reference beside them. */
export type HistoryLine = t.TypeOf<typeof historyLineCodec>;

const isTiming = (value: object): value is Timing => timingCodec.is(value);

/** What tells an entry of an array from its neighbours: a size or a shape where it has one, else its number. */
const nameOf = (entry: unknown, index: number): string => {
  const { kernel, shape, poolSize } = (entry ?? {}) as {
    readonly kernel?: string;
    readonly shape?: readonly number[];
    readonly poolSize?: number;
  };
  return kernel !== undefined && shape !== undefined
    ? `${kernel} ${shape.join('×')}`
    : poolSize !== undefined
      ? `N = ${poolSize}`
      : String(index);
};

/** All timings of a report, each by the names that lead to it. */
export const timingsIn = (
  report: unknown,
  path: readonly string[] = [],
): Readonly<Record<string, Timing>> => {
  if (typeof report !== 'object' || report === null) return {};
  if (isTiming(report)) return { [path.join(', ')]: report };
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(report)
    ? report.map((entry, index) => [nameOf(entry, index), entry] as const)
    : Object.entries(report);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => Object.entries(timingsIn(value, [...path, name]))),
  );
};

const length = 4096;

/** The reference: inner products of 4,096 numbers. */
export const measureReference = (
  control: BenchControl,
): TE.TaskEither<Failure, { readonly reference: Timing }> => {
  const numbers = Float64Array.from({ length }, (_, i) => Math.sin(i));
  return measure(
    'reference',
    { reference: onHost(() => dotRange(numbers, 0, numbers, 0, length)) },
    { repeats: 15, minSeconds: 0.02 },
    control,
  );
};

/** A timing then and now. */
export interface Change {
  readonly name: string;
  readonly before: number;
  readonly now: number;
  /** Of now over before, by the reference. */
  readonly ratio: number;
  /** How far a ratio is from 1 by chance alone, as a factor: three standard errors, and 5 % at least. */
  readonly noise: number;
  readonly change: 'faster' | 'slower' | 'none';
}

/** The variance of the logarithm of a median. */
const logVariance = ({ seconds, deviation, repeats }: Timing): number =>
  seconds > 0 ? ((1.2533 * 1.4826 * deviation) / seconds) ** 2 / repeats : Infinity;

/** Of the reference: the mean of before and after, and how far they are apart. */
const referenceOf = ({
  reference: { before, after },
}: HistoryLine): { readonly seconds: number; readonly variance: number } => ({
  seconds: Math.sqrt(before.seconds * after.seconds),
  variance:
    (logVariance(before) + logVariance(after)) / 4 + (Math.log(after.seconds / before.seconds) / 2) ** 2,
});

const leastNoise = Math.log(1.05);

/** What changed between two lines, of the timings that both have. */
export const changesOf = (earlier: HistoryLine, later: HistoryLine): readonly Change[] => {
  const [then, now] = [referenceOf(earlier), referenceOf(later)];
  return Object.entries(later.timings).flatMap(([name, timing]): readonly Change[] => {
    const before = earlier.timings[name];
    if (before === undefined) return [];
    const ratio = timing.seconds / now.seconds / (before.seconds / then.seconds);
    const error = Math.sqrt(logVariance(before) + logVariance(timing) + then.variance + now.variance);
    const noise = Math.max(leastNoise, 3 * error);
    const beyond = Math.abs(Math.log(ratio)) > noise;
    return [
      {
        ...{ name, before: before.seconds, now: timing.seconds, ratio },
        noise: Math.exp(noise),
        change: !beyond ? 'none' : ratio > 1 ? 'slower' : 'faster',
      },
    ];
  });
};
