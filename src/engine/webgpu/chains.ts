/**
 * From a plan to few dispatches: pointwise steps of one size go together into chains (chain-code.ts), and what one step
 * of a chain gives to others of it alone is never in memory.
 *
 *  1. Dispatches stand in a list. Each step, in the plan's order, goes into the first chain of its size that has room and
 *     stands after everything the step reads, or holds it, if the step meets it element for element; else to the end.
 *     So the list can be run in order, whatever was joined.
 *  2. A chain whose values one later chain of its size alone reads, element for element, goes into that where there is
 *     room: partial sums of what a whole program adds up are not written and read again.
 *  3. Structures whose chains save too few dispatches for a compile are taken apart again.
 *  4. Memory is handed on after its last use in the new order, exact sizes only: one dispatch may not read and write one
 *     buffer, and pools of exact size cannot fragment.
 *
 * The operations and their order within an element are those of separate dispatches, and so are the bits, except on
 * adapters whose compilers contract a product and a sum to one rounding where they meet both.
 */
import { at } from '../../at.js';
import { bytesOf, sizeOf, type TypedArray } from '../../tensor/expression.js';
import { keptSlots, type Plan, type Slot, type Step } from '../plan.js';
import { codeOf, isAligned, pointwiseOf, type Pointwise } from './chain-code.js';
import { scheduleOf, type Work } from './schedule.js';

/** A plan as dispatches. */
export interface Schedule {
  readonly prologue: readonly Work[];
  readonly body: readonly Work[];
}

/**
 * What the chains of one structure must save a step of the program to be compiled, if nothing else is said: a dispatch that is
 * saved counts as one and as its elements' traffic besides, {@link traffic} of them as one more. A compile takes some 20 ms and a
 * dispatch 40 µs on a software adapter, both about a fifth of that on a GPU; but a chain stands for the pipelines of its steps,
 * too: with all chains of a training iteration of 2,000 points in place of those that save 4, 68 pipelines rather than 65, and
 * 115 dispatches rather than 132 (30 November 2026).
 */
export const minSaved = 2;

/** Elements that are read and written in the time of a dispatch: on lavapipe some 2,000, on a GPU millions. */
const traffic = 2 ** 14;

/** What a chain may hold: storage bindings that every adapter has in a stage, and steps that compile quickly. */
const room = { bindings: 8, steps: 32 } as const;

const bitsOf = (values: TypedArray): number => at(new Uint32Array(values.buffer, values.byteOffset, 1), 0);

/** What joining asks of a program: its values' readers, and which values are known or kept. */
interface Facts {
  readonly readers: ReadonlyMap<number, ReadonlySet<Step>>;
  readonly pinned: ReadonlySet<number>;
  /** The bits of the constants of one element. */
  readonly words: ReadonlyMap<number, number>;
}

const factsOf = (body: readonly Step[], { constants }: Plan, pinned: ReadonlySet<number>): Facts => {
  const readers = new Map<number, Set<Step>>();
  for (const step of body)
    for (const { slot } of step.operands) readers.set(slot, (readers.get(slot) ?? new Set()).add(step));
  const single = constants.filter(({ values }) => values.length === 1);
  return { readers, pinned, words: new Map(single.map(({ slot, values }) => [slot, bitsOf(values)])) };
};

/** Steps that may be one dispatch. */
interface Chain {
  readonly steps: readonly Step[];
  readonly points: readonly Pointwise[];
  readonly reads: readonly number[];
  readonly writes: readonly Step['output'][];
}

/** The steps as a chain; undefined where there is no room for them. */
const chainOf = (
  steps: readonly Step[],
  points: readonly Pointwise[],
  { readers, pinned, words }: Facts,
): Chain | undefined => {
  const members = new Set(steps);
  const inside = new Set(points.map(({ output }) => output.slot));
  const reads = new Set(
    points
      .flatMap((point) => point.reads.map(({ slot }) => slot))
      .filter((slot) => !inside.has(slot) && !words.has(slot)),
  );
  const writes = points
    .map(({ output }) => output)
    .filter(
      ({ slot }) => pinned.has(slot) || [...(readers.get(slot) ?? [])].some((reader) => !members.has(reader)),
    );
  return steps.length > room.steps || reads.size + writes.length > room.bindings
    ? undefined
    : { steps, points, reads: [...reads], writes };
};

/** Puts steps, each with a slot of its own, into chains and steps that stay alone, in an order that can be run. */
const grouped = (body: readonly Step[], facts: Facts): readonly (Chain | Step)[] => {
  const list: (Chain | Step)[] = [];
  const chains = new Map<number, { readonly place: number; chain: Chain }[]>();
  const placeOf = new Map<number, number>();
  const join = (step: Step, point: Pointwise): number | undefined => {
    const after = Math.max(-1, ...point.reads.map(({ slot }) => placeOf.get(slot) ?? -1));
    const meets = point.reads.every((read) => placeOf.get(read.slot) !== after || isAligned(read));
    for (const entry of chains.get(sizeOf(point.output.shape)) ?? []) {
      const { place, chain } = entry;
      if (place < after || (place === after && !meets)) continue;
      const longer = chainOf([...chain.steps, step], [...chain.points, point], facts);
      if (longer === undefined) continue;
      entry.chain = longer;
      list[place] = longer;
      return place;
    }
    return undefined;
  };
  for (const step of body) {
    const point = pointwiseOf(step);
    const joined = point === undefined ? undefined : join(step, point);
    const chain = point === undefined || joined !== undefined ? undefined : chainOf([step], [point], facts);
    const place = joined ?? list.push(chain ?? step) - 1;
    if (chain !== undefined) {
      const size = sizeOf(step.output.shape);
      chains.set(size, [...(chains.get(size) ?? []), { place, chain }]);
    }
    placeOf.set(step.output.slot, place);
  }
  return list;
};

/** Puts chains into the one later chain that reads what they give, element for element, from the last to the first. */
const sunk = (list: readonly (Chain | Step)[], facts: Facts): readonly (Chain | Step)[] => {
  const left: (Chain | Step | readonly [])[] = [];
  const placeOf = new Map<Step, number>();
  const settle = (one: Chain | Step, place: number): void => {
    left[place] = one;
    for (const step of 'points' in one ? one.steps : [one]) placeOf.set(step, place);
  };
  list.forEach(settle);
  list.toReversed().forEach((chain) => {
    if (!('points' in chain)) return;
    const place = left.indexOf(chain);
    const given = chain.writes.map(({ slot }) => slot);
    const readers = given.flatMap((slot) => [...(facts.readers.get(slot) ?? [])]);
    const places = new Set(readers.map((step) => placeOf.get(step) ?? place));
    places.delete(place);
    const [target = place] = places;
    const later = left[target] ?? [];
    if (places.size !== 1 || !('points' in later)) return;
    const points = [...chain.points, ...later.points];
    const longer = chainOf([...chain.steps, ...later.steps], points, facts);
    const size = sizeOf(at(points, 0).output.shape);
    const meets = later.points.every(
      ({ output, reads }) =>
        sizeOf(output.shape) === size && reads.every((read) => !given.includes(read.slot) || isAligned(read)),
    );
    if (!meets || longer === undefined) return;
    settle(longer, target);
    left[place] = [];
  });
  return left.flat();
};

/** A chain as one dispatch, and as many. */
interface Choice {
  readonly together: Work;
  readonly apart: readonly Work[];
}

const choiceOf = ({ steps, points, reads, writes }: Chain, { words }: Facts): Choice | Work => {
  const apart = scheduleOf(steps);
  const [only] = apart;
  if (only !== undefined && apart.length === 1) return only;
  const code = codeOf(
    points,
    reads,
    writes.map(({ slot }) => slot),
    (slot) => words.get(slot),
  );
  return { together: { ...code, reads, writes }, apart };
};

/** Chains of structures that save enough as one dispatch, the others as many. */
const worthwhile = (choices: readonly (Choice | Work)[], least: number): readonly Work[] => {
  const saved = new Map<string | undefined, number>();
  for (const choice of choices)
    if ('apart' in choice) {
      const { together, apart } = choice;
      const own = (apart.length - 1) * (1 + together.dispatch.threads / traffic);
      saved.set(together.text, (saved.get(together.text) ?? 0) + own);
    }
  return choices.flatMap((choice) => {
    if (!('apart' in choice)) return [choice];
    const { together, apart } = choice;
    return (saved.get(together.text) ?? 0) >= least ? [together] : apart;
  });
};

/** Hands memory on after its last use, exact sizes only: a dispatch never writes what it reads. */
const reusing = (
  works: readonly Work[],
  slots: readonly Slot[],
  pinned: ReadonlySet<number>,
): readonly Work[] => {
  const lastUse = new Map<number, number>();
  works.forEach(({ reads, writes }, i) => {
    for (const slot of [...reads, ...writes.map((output) => output.slot)]) lastUse.set(slot, i);
  });
  const image = new Map<number, number>();
  const at = (slot: number): number => image.get(slot) ?? slot;
  const free = new Map<number, number[]>();
  const freeOf = (slot: number): number[] => {
    const { dtype, size } = slots[slot] ?? { dtype: 'f32', size: 0 };
    const bytes = size * bytesOf(dtype);
    const found = free.get(bytes) ?? [];
    free.set(bytes, found);
    return found;
  };
  return works.map((work, i) => {
    const written = work.writes.map(({ slot }) => slot);
    for (const slot of written)
      if (!pinned.has(slot) && !image.has(slot)) image.set(slot, freeOf(slot).pop() ?? slot);
    // Freed after the outputs were placed.
    for (const slot of new Set([...work.reads, ...written]))
      if (!pinned.has(slot) && lastUse.get(slot) === i) freeOf(slot).push(at(slot));
    return {
      ...work,
      reads: work.reads.map(at),
      writes: work.writes.map((output) => ({ ...output, slot: at(output.slot) })),
    };
  });
};

/**
 * The dispatches of a plan, pointwise steps of its body in chains where the chains of one structure save at least
 * `least` dispatches; with Infinity each step is dispatched by itself. Pure.
 */
export const scheduled = (plan: Plan, least: number = minSaved): Schedule => {
  const { slots } = plan;
  const pinned = keptSlots(plan);
  const facts = factsOf(plan.body, plan, pinned);
  const choices = sunk(grouped(plan.body, facts), facts).flatMap((one): readonly (Choice | Work)[] =>
    'points' in one ? [choiceOf(one, facts)] : scheduleOf([one]),
  );
  const body = least === Infinity ? scheduleOf(plan.body) : worthwhile(choices, least);
  const prologue = scheduleOf(plan.prologue);
  const works = reusing([...prologue, ...body], slots, pinned);
  return { prologue: works.slice(0, prologue.length), body: works.slice(prologue.length) };
};
