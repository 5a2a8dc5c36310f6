/**
 * The order of a plan's steps: as they were built, but that steps whose operands are there run at once where that gives
 * memory back: where they, with those that may follow them, free as much as they write, or sum much up into little.
 *
 * Without this, what the log-probability of one step of a trajectory is made of, and later its gradient, would be held
 * until those of all others are asked for.
 */
import { bytesOf, sizeOf } from '../tensor/expression.js';
import type { Step } from './step.js';

/** Steps that leave this part of what they read are run at once. */
const little = 1 / 8;
/** Steps that are tried one after the other to see whether memory comes back. */
const longest = 24;
/** Bytes that are as good as none. */
const small = 2 ** 18;

/** Steps in an order of their own; each slot is written by one step at most. `kept` are slots that stay to the end. */
export const ordered = (steps: readonly Step[], kept: ReadonlySet<number>): readonly Step[] => {
  const bytesAt = new Map(
    steps.map(({ output: { slot, shape, dtype } }) => [slot, sizeOf(shape) * bytesOf(dtype)]),
  );
  const bytes = (slot: number): number => bytesAt.get(slot) ?? 0;
  const reads = steps.map((step) => [...new Set(step.operands.map(({ slot }) => slot))]);
  const largest = reads.map((slots) => slots.reduce((most, slot) => Math.max(most, bytes(slot)), 0));
  if (largest.every((most) => most < small)) return steps;

  const readers = new Map<number, number[]>();
  reads.forEach((slots, i) => {
    for (const slot of slots) readers.set(slot, [...(readers.get(slot) ?? []), i]);
  });
  /** How many operands of a step are still to be written, and how many readers of a slot are still to run. */
  const waiting = reads.map((slots) => slots.filter((slot) => bytesAt.has(slot)).length);
  const left = new Map([...readers].map(([slot, own]) => [slot, own.length]));
  const done = new Set<number>();
  const order: number[] = [];

  const outputOf = (i: number): number => steps[i]?.output.slot ?? -1;
  const freedBy = (i: number): readonly number[] =>
    (reads[i] ?? []).filter((slot) => bytesAt.has(slot) && !kept.has(slot) && left.get(slot) === 1);
  const growth = (i: number): number =>
    freedBy(i).reduce((sum, slot) => sum - bytes(slot), bytes(outputOf(i)));
  const shift = (i: number, by: 1 | -1): void => {
    for (const slot of reads[i] ?? []) left.set(slot, (left.get(slot) ?? 0) - by);
    for (const reader of readers.get(outputOf(i)) ?? []) waiting[reader] = (waiting[reader] ?? 0) - by;
  };
  const run = (i: number): void => {
    done.add(i);
    order.push(i);
    shift(i, 1);
  };
  const back = (i: number): void => {
    done.delete(i);
    order.pop();
    shift(i, -1);
  };
  /** What may run now that `i` has: readers of its output, and of what only one reader is left of. */
  const after = (i: number): readonly number[] =>
    [outputOf(i), ...(reads[i] ?? []).filter((slot) => left.get(slot) === 1)]
      .flatMap((slot) => readers.get(slot) ?? [])
      .filter((reader) => waiting[reader] === 0 && !done.has(reader));

  /** Runs `first` and some that may follow, if that pays; what then may run next. */
  const tryFrom = (first: number): readonly number[] => {
    const enough = Math.max(little * (largest[first] ?? 0), small);
    const tried: number[] = [];
    const next = new Set([first]);
    let grown = 0;
    while (tried.length < longest) {
      const open = [...next].filter((i) => waiting[i] === 0 && !done.has(i));
      const least = open.reduce<number | undefined>(
        (best, i) => (best === undefined || growth(i) < growth(best) ? i : best),
        undefined,
      );
      if (least === undefined) break;
      grown += growth(least);
      run(least);
      tried.push(least);
      if (grown <= enough) return tried.flatMap(after);
      for (const i of after(least)) next.add(i);
    }
    for (const i of tried.reverse()) back(i);
    return [];
  };

  // Steps on much memory that may run and have not: what was not worth it may become so.
  const open = new Set<number>();
  steps.forEach((_, i) => {
    if (done.has(i)) return;
    run(i);
    // An explicit stack: chains are longer than JavaScript's own.
    const due = [...after(i)].reverse();
    const largeStep = (largest[i] ?? 0) >= small || bytes(outputOf(i)) >= small;
    if (largeStep) due.unshift(...open);
    for (let candidate = due.pop(); candidate !== undefined; candidate = due.pop()) {
      if (done.has(candidate) || waiting[candidate] !== 0) continue;
      const next = tryFrom(candidate);
      if (done.has(candidate)) open.delete(candidate);
      else if ((largest[candidate] ?? 0) >= small) open.add(candidate);
      due.push(...[...next].reverse());
    }
  });
  return order.map((i) => steps[i] as Step);
};
