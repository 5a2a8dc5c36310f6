/**
 * How long does something take, on a machine that does other things too? Contenders take turns, in rounds that go forward
 * and backward (A B C, C B A, …), so that what drifts meets all of them alike and a ratio of two medians means something. A
 * sample is as many calls as fill a least time; what is told is the median of the samples and their median absolute deviation,
 *
 *   MAD = median over i of | x_i − median of x |        (Hampel 1974)
 *
 * which a sample that was disturbed does not move.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Progress } from '../acquisition/strategy.js';
import type { Failure } from '../failure.js';
import { clock } from '../clock.js';
import { split, type Key } from '../random/key.js';

/** The middle of some numbers, the mean of the two middle ones of an even count; NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
};

/** The median distance from the median; NaN of no numbers. */
export const medianAbsoluteDeviation = (values: readonly number[]): number => {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
};

/** Seconds a call: the median of the samples, their median absolute deviation, the least, and how they were taken. */
export interface Timing {
  readonly seconds: number;
  readonly deviation: number;
  /** The fastest sample: the one that least else was done beside. */
  readonly fastest: number;
  /** How many samples. */
  readonly repeats: number;
  /** Calls a sample. */
  readonly calls: number;
}

/** The timing of samples of so many calls, each in seconds. */
export const timingOf = (samples: readonly number[], calls = 1): Timing => {
  const each = samples.map((seconds) => seconds / calls);
  return {
    seconds: median(each),
    deviation: medianAbsoluteDeviation(each),
    fastest: Math.min(...each),
    repeats: samples.length,
    calls,
  };
};

/** A timing of calls that did so many things each, as one of a thing. */
export const share = ({ seconds, deviation, fastest, repeats, calls }: Timing, things: number): Timing => ({
  seconds: seconds / things,
  deviation: deviation / things,
  fastest: fastest / things,
  repeats,
  calls: calls * things,
});

/** Who is measured when: each contender (by number) once a round, rounds forward and backward in turn. */
export const turns = (contenders: number, repeats: number): readonly number[] =>
  Array.from({ length: repeats }, (_, round) =>
    Array.from({ length: contenders }, (__, i) => (round % 2 === 0 ? i : contenders - 1 - i)),
  ).flat();

/** Something to be timed: it does its work so many times over, and is done when the work is. */
export type Run = (calls: number) => TaskEither<Failure, unknown>;

/** How a measurement is watched and stopped. */
export interface BenchControl {
  readonly progress: (progress: Progress) => void;
  /** Once aborted, the measurement ends after the sample in hand with an Interrupted failure. */
  readonly signal: AbortSignal;
}

/** How samples are taken. */
export interface Sampling {
  readonly repeats: number;
  /** Seconds that a sample should take at least; where one call takes longer, it is one call. */
  readonly minSeconds: number;
}

/** Most calls a sample: programs that take no time at all must end too. */
const maxCalls = 2 ** 20;

/** Gives signals and progress bars their turn. The CPU engine works without a pause. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Interrupted, once the signal is aborted. */
export const interruption = ({ signal }: BenchControl): E.Either<Failure, void> =>
  signal.aborted ? E.left({ _tag: 'Interrupted', during: 'bench' }) : E.right(undefined);

const sampled =
  (run: Run, calls: number, control: BenchControl): TaskEither<Failure, number> =>
  async () => {
    await breathe();
    const free = interruption(control);
    if (E.isLeft(free)) return free;
    const start = clock();
    const done = await run(calls)();
    return E.isLeft(done) ? done : E.right(clock() - start);
  };

/** Seconds of a first call from which on it is no question that a sample is one call. */
const long = 1;

/** How many calls fill a sample. The first call is not timed: it compiles, and takes its memory. */
const callsOf =
  (run: Run, minSeconds: number, control: BenchControl): TaskEither<Failure, number> =>
  async () => {
    const first = await sampled(run, 1, control)();
    if (E.isLeft(first)) return first;
    if (first.right > Math.max(long, 10 * minSeconds)) return E.right(1);
    for (let calls = 1; ;) {
      const taken = await sampled(run, calls, control)();
      if (E.isLeft(taken)) return taken;
      if (taken.right >= minSeconds || calls >= maxCalls) return E.right(calls);
      const wanted = Math.ceil((1.1 * calls * minSeconds) / Math.max(taken.right, 1e-9));
      calls = Math.min(maxCalls, 16 * calls, Math.max(calls + 1, wanted));
    }
  };

/**
 * Times contenders that take turns, each by its name. Fails with what a contender fails with, and with Interrupted.
 */
export const measure =
  <C extends Readonly<Record<string, Run>>>(
    stage: string,
    contenders: C,
    { repeats, minSeconds }: Sampling,
    control: BenchControl,
  ): TaskEither<Failure, { readonly [Name in keyof C]: Timing }> =>
  async () => {
    const entries: { readonly name: string; readonly run: Run; readonly calls: number }[] = [];
    for (const [name, run] of Object.entries(contenders)) {
      const calls = await callsOf(run, minSeconds, control)();
      if (E.isLeft(calls)) return calls;
      entries.push({ name, run, calls: calls.right });
    }
    const samples = entries.map((): number[] => []);
    const order = turns(entries.length, repeats);
    for (const [done, i] of order.entries()) {
      const entry = entries[i];
      if (entry === undefined) continue;
      const taken = await sampled(entry.run, entry.calls, control)();
      if (E.isLeft(taken)) return taken;
      samples[i]?.push(taken.right);
      control.progress({ stage, done: done + 1, total: order.length, note: entry.name });
    }
    const timings = entries.map(({ name, calls }, i) => [name, timingOf(samples[i] ?? [], calls)]);
    return E.right(Object.fromEntries(timings) as { readonly [Name in keyof C]: Timing });
  };

/** Keys that are never used twice. */
export const keysOf = (key: Key): (() => Key) => {
  let used = 0;
  return () => split(key, used++);
};

/** A run of work on the host. */
export const onHost =
  (work: () => unknown): Run =>
  (calls) =>
    TE.fromIO(() => {
      for (let call = 0; call < calls; call++) work();
    });
