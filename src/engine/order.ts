/**
 * The order of a plan's steps: as they were built, but that steps whose operands are there run at once where that gives
 * memory back: where they, with those that may follow them, free as much as they write, or sum much up into little.
 *
 * Without this, what the log-probability of one step of a trajectory is made of, and later its gradient, would be held
 * until those of all others are asked for.
 *
 * The order of least memory is NP-complete to find (Sethi 1975, Complete register allocation problems, SIAM J. Comput. 4);
 * this is list scheduling that tries a chain of steps and takes it back where it does not pay. The exact answer for small
 * graphs: Ahn et al. 2020, Ordering chaos: memory-aware scheduling of irregularly wired neural networks, arXiv 2003.02369.
 */
import { bytesOf, sizeOf } from '../tensor/expression.js';
import type { Step } from './step.js';

/** Steps that leave this fraction of what they read are run at once. */
const little = 1 / 8;
/** Steps that are tried one after the other to see whether memory comes back. */
const longest = 24;
/** Bytes that are as good as none. */
const small = 2 ** 18;

/** One step among the others, and how far the schedule has come with it. */
interface Task {
  readonly step: Step;
  /** What it reads. */
  readonly reads: readonly Value[];
  readonly output: Value;
  /** Bytes of the largest value that it reads. */
  readonly largest: number;
  /** How many of its operands are still to be written. */
  waiting: number;
  done: boolean;
}

/** What lies in a slot. */
interface Value {
  /** Bytes; 0 for what no step writes. */
  bytes: number;
  /** Whether its memory comes back when nobody reads it any more. */
  readonly freed: boolean;
  readonly readers: Task[];
  /** How many readers are still to run. */
  left: number;
}

/** The tasks of steps, in their order. */
const tasksOf = (steps: readonly Step[], kept: ReadonlySet<number>): readonly Task[] => {
  const written = new Set(steps.map(({ output }) => output.slot));
  const values = new Map<number, Value>();
  const valueIn = (slot: number): Value => {
    const known = values.get(slot);
    const value = known ?? { bytes: 0, freed: written.has(slot) && !kept.has(slot), readers: [], left: 0 };
    values.set(slot, value);
    return value;
  };
  for (const { output } of steps) valueIn(output.slot).bytes = sizeOf(output.shape) * bytesOf(output.dtype);
  return steps.map((step) => {
    const slots = [...new Set(step.operands.map(({ slot }) => slot))];
    const reads = slots.map(valueIn);
    const task: Task = {
      step,
      reads,
      output: valueIn(step.output.slot),
      largest: reads.reduce((most, { bytes }) => Math.max(most, bytes), 0),
      waiting: slots.filter((slot) => written.has(slot)).length,
      done: false,
    };
    for (const value of reads) {
      value.readers.push(task);
      value.left += 1;
    }
    return task;
  });
};

const ready = ({ done, waiting }: Task): boolean => !done && waiting === 0;

/** Bytes that are taken when a task runs, less those that come back. */
const growth = ({ reads, output }: Task): number =>
  reads.reduce((sum, { freed, left, bytes }) => (freed && left === 1 ? sum - bytes : sum), output.bytes);

/** Runs a task, or takes it back. */
const shift = (task: Task, by: 1 | -1): void => {
  task.done = by === 1;
  for (const value of task.reads) value.left -= by;
  for (const reader of task.output.readers) reader.waiting -= by;
};

/** What may run now that a task has: readers of its output, and of what only one reader is left of. */
const after = ({ output, reads }: Task): readonly Task[] =>
  [output, ...reads.filter(({ left }) => left === 1)].flatMap(({ readers }) => readers.filter(ready));

/** Runs a task and some that may follow, if that pays. Which ran, and what then may run next. */
const tryFrom = (first: Task): { readonly ran: readonly Task[]; readonly next: readonly Task[] } => {
  const enough = Math.max(little * first.largest, small);
  const ran: Task[] = [];
  const open = new Set([first]);
  let grown = 0;
  while (ran.length < longest) {
    const least = [...open]
      .filter(ready)
      .reduce<Task | undefined>(
        (best, task) => (best === undefined || growth(task) < growth(best) ? task : best),
        undefined,
      );
    if (least === undefined) break;
    grown += growth(least);
    shift(least, 1);
    ran.push(least);
    if (grown <= enough) return { ran, next: ran.flatMap(after) };
    for (const task of after(least)) open.add(task);
  }
  for (const task of ran.reverse()) shift(task, -1);
  return { ran: [], next: [] };
};

/** Steps in an order of their own; each slot is written by one step at most. `kept` are slots that stay to the end. */
export const ordered = (steps: readonly Step[], kept: ReadonlySet<number>): readonly Step[] => {
  const tasks = tasksOf(steps, kept);
  if (tasks.every(({ largest }) => largest < small)) return steps;
  const order: Step[] = [];
  // Tasks on much memory that may run and have not: what was not worth it may become so.
  const open = new Set<Task>();
  for (const task of tasks) {
    if (task.done) continue;
    shift(task, 1);
    order.push(task.step);
    // An explicit stack: chains are longer than JavaScript's own.
    const due = [...after(task)].reverse();
    if (Math.max(task.largest, task.output.bytes) >= small) due.unshift(...open);
    for (let candidate = due.pop(); candidate !== undefined; candidate = due.pop()) {
      if (!ready(candidate)) continue;
      const { ran, next } = tryFrom(candidate);
      order.push(...ran.map(({ step }) => step));
      if (candidate.done) open.delete(candidate);
      else if (candidate.largest >= small) open.add(candidate);
      due.push(...[...next].reverse());
    }
  }
  return order;
};
