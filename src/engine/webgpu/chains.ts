/**
 * From a plan to few dispatches: pointwise steps of one size go together into chains (chain.ts), and what one step
 * of a chain gives to others of it alone is never in memory.
 *
 *  1. Dispatches stand in a list. Each step, in the plan's order, goes into the first chain of its size that has room and
 *     stands after everything the step reads, or holds it, if the step meets it element for element; else to the end.
 *     So the list can be run in order, whatever was joined.
 *  2. A chain whose values one later chain of its size alone reads, element for element, goes into that where there is
 *     room: partial sums of what a whole program adds up are not written and read again.
 *  3. A product whose values the first reader, a chain of its size, meets element for element, waits for that chain, which is its
 *     epilogue: bias and activation are made where the product is.
 *  4. Structures whose chains save too few dispatches for a compile are taken apart again (chain-choices.ts).
 *  5. Memory is handed on after its last use in the new order, exact sizes only: one dispatch may not read and write one
 *     buffer, and pools of exact size cannot fragment.
 *
 * Reductions that make what they fold were tried (30 November 2026) and left: 108 dispatches an iteration of training on 2,000
 * points in place of 109, the one saved being 640,000 elements made by the 2,560 threads of their sums.
 *
 * The operations and their order within an element are those of separate dispatches, and so are the bits, except on
 * adapters whose compilers contract a product and a sum to one rounding where they meet both.
 */
import { at } from '../../at.js';
import { bytesOf, sizeOf } from '../../tensor/expression.js';
import { keptSlots, type Plan, type Slot, type Step } from '../plan.js';
import { type Chain, chainOf, type Facts, factsOf } from './chain.js';
import { type Choice, choiceOf, minSaved, worthwhile } from './chain-choices.js';
import { isAligned, type Pointwise, pointwiseOf } from './pointwise-step.js';
import { scheduleOf, type Work } from './schedule.js';

/** A plan as dispatches. */
export interface Schedule {
  readonly prologue: readonly Work[];
  readonly body: readonly Work[];
}

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

/** Makes each chain the epilogue of a product that it meets element for element and that nothing before it reads. */
const epilogues = (list: readonly (Chain | Step)[], facts: Facts): readonly (Chain | Step)[] => {
  const left: (Chain | Step | readonly [])[] = [...list];
  const placeOf = new Map(
    list.flatMap((one, place) =>
      ('points' in one ? one.steps : [one]).map((step): [Step, number] => [step, place]),
    ),
  );
  const products = list.filter((one): one is Step => !('points' in one) && one.primitive === 'matmul');
  list.forEach((chain, place) => {
    if (!('points' in chain)) return;
    const { steps, points } = chain;
    const size = sizeOf(at(points, 0).output.shape);
    const isEpilogueOf = ({ output: { slot, shape } }: Step): boolean =>
      sizeOf(shape) === size &&
      points.every(({ reads }) => reads.every((read) => read.slot !== slot || isAligned(read))) &&
      [...(facts.readers.get(slot) ?? [])].every(
        (reader) => steps.includes(reader) || (placeOf.get(reader) ?? -1) > place,
      );
    for (const product of products) {
      const before = placeOf.get(product) ?? place;
      if (left[before] !== product || !chain.reads.includes(product.output.slot) || !isEpilogueOf(product))
        continue;
      const longer = chainOf(steps, points, facts, product);
      if (longer === undefined) continue;
      [left[before], left[place]] = [[], longer];
      return;
    }
  });
  return left.flat();
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
  const list = epilogues(sunk(grouped(plan.body, facts), facts), facts);
  const choices = list.flatMap((one): readonly (Choice | Work)[] =>
    'points' in one ? [choiceOf(one, facts)] : scheduleOf([one]),
  );
  const chosen = worthwhile(worthwhile(choices, least, true), least, false);
  const body =
    least === Infinity ? scheduleOf(plan.body) : chosen.filter((one): one is Work => !('apart' in one));
  const prologue = scheduleOf(plan.prologue);
  const works = reusing([...prologue, ...body], slots, pinned);
  return { prologue: works.slice(0, prologue.length), body: works.slice(prologue.length) };
};
