/**
 * Planning: from a program to a list of steps over numbered slots of memory, the same for every engine.
 *
 *  0. Composites that the engine has no kernel for are replaced by what they mean (src/engine/expanded.ts), and nodes by
 *     their operands where they are the same (src/engine/simplified.ts).
 *  1. Structurally equal nodes are computed once (src/engine/common-subexpressions.ts).
 *  2. Movement becomes views of other nodes' memory; a copy is made only where a view cannot say it, or where a computation
 *     wants its operand row-major (src/engine/draft.ts).
 *  3. What does not depend on the carry is computed once a run (the prologue), the rest every step (the body).
 *  4. Elementwise steps are laid out by src/engine/layout.ts, and all steps put in order by src/engine/order.ts. Each value
 *     has a slot of its own; engines hand memory on (webgpu/chains.ts, cpu/in-place.ts and cpu/addresses.ts).
 *  5. A carried input and its next value are a pair of slots that trade places after every step, so nothing is copied.
 */
import { sizeOf, type Tensor, type TypedArray } from '../tensor/expression.js';
import { topologicalOrder, type Program } from '../tensor/program.js';
import { isContiguous } from '../tensor/view.js';
import { mergeCommon } from './common-subexpressions.js';
import { copyInto, emptyDraft, newSlot, placeOf, rowMajor, type Draft, type Input } from './draft.js';
import { expanded, type Keeps } from './expanded.js';
import { ordered } from './order.js';
import { simplified } from './simplified.js';
import type { Place, Slot, Step } from './step.js';

export type { Place, Slot, Step } from './step.js';

/** What an engine needs to run a program. */
export interface Plan {
  readonly slots: readonly Slot[];
  readonly inputs: Readonly<Record<string, Input>>;
  readonly constants: readonly { readonly slot: number; readonly values: TypedArray }[];
  /** Steps that depend on no carried input. */
  readonly prologue: readonly Step[];
  readonly body: readonly Step[];
  /** Pairs of slots that trade places after every step: the carried input's and its next value's. */
  readonly carry: Readonly<Record<string, { readonly current: number; readonly next: number }>>;
  /** Row-major places of the outputs, valid after a step until the next. */
  readonly outputs: Readonly<Record<string, Place>>;
}

/** Pairs of slots for the carry: its next value in a slot of its own, whole and row-major, that a step writes. */
const carryOf = (draft: Draft, { carry }: Program, at: (node: Tensor) => Place): Plan['carry'] => {
  const { inputs, constants } = draft;
  const taken = new Set([...Object.values(inputs), ...constants].map(({ slot }) => slot));
  return Object.fromEntries(
    Object.entries(carry).map(([name, node]) => {
      const place = at(node);
      const whole =
        isContiguous(place.view) &&
        place.view.offset === 0 &&
        draft.slots[place.slot]?.size === sizeOf(place.shape);
      const own = whole && draft.varying.has(place.slot) && !taken.has(place.slot);
      const next = own ? place.slot : copyInto(draft, place, true).slot;
      taken.add(next);
      return [name, { current: inputs[name]?.slot ?? -1, next }];
    }),
  );
};

/**
 * Plans a program; `keeps` says which composites the engine has kernels for, `wide` that it likes large operations better than
 * little memory. Pure; never fails on a program that could be built.
 */
export const plan = (original: Program, keeps: Keeps = () => false, wide = false): Plan => {
  const program = simplified(expanded(original, keeps, wide));
  const carried = new Set(Object.keys(program.carry));
  const roots = [...Object.values(program.outputs), ...Object.values(program.carry)];
  const { values, at } = mergeCommon(topologicalOrder(roots), carried);

  const draft = emptyDraft();
  const places: Place[] = [];
  for (const { node, operands, varying } of values) {
    const own = operands.map((operand) => places[operand] as Place);
    // Without a carry nothing repeats, and memory is better reused: everything is the body.
    places.push(placeOf(draft, node, own, carried.size === 0 || varying));
  }
  const placeAt = (node: Tensor): Place => places[at(node)] as Place;

  const { inputs } = draft;
  // Inputs that the program takes but does not read have memory all the same, so they can be set.
  for (const [name, { shape, dtype }] of Object.entries(program.inputs))
    inputs[name] ??= { slot: newSlot(draft, dtype, sizeOf(shape), false), shape, dtype };
  const carry = carryOf(draft, program, placeAt);
  const outputs = Object.fromEntries(
    Object.entries(program.outputs).map(([name, node]) => [name, rowMajor(draft, placeAt(node))]),
  );

  const { slots, steps, constants, varying } = draft;
  const of = (each: boolean) => steps.filter(({ output }) => varying.has(output.slot) === each);
  const built = { slots, prologue: of(false), body: of(true), inputs, constants, carry, outputs };
  const kept = keptSlots(built);
  return { ...built, prologue: ordered(built.prologue, kept), body: ordered(built.body, kept) };
};

/** Slots that are read or written from outside of the steps: of inputs, constants, the carry and outputs. */
export const outerSlots = ({ inputs, constants, carry, outputs }: Plan): readonly number[] => [
  ...[...Object.values(inputs), ...constants, ...Object.values(outputs)].map(({ slot }) => slot),
  ...Object.values(carry).flatMap(({ current, next }) => [current, next]),
];

/** Slots that keep their memory: what is given, carried, read from outside, or computed once a run for the body. */
export const keptSlots = (plan: Plan): ReadonlySet<number> => {
  const once = new Set(plan.prologue.map(({ output }) => output.slot));
  const read = plan.body.flatMap(({ operands }) => operands.map(({ slot }) => slot));
  return new Set([...outerSlots(plan), ...read.filter((slot) => once.has(slot))]);
};

/**
 * Where each slot lies in a step: in even steps at itself, in odd steps carried slots have traded places. Returns
 * partners by slot: physical slot = odd ? partners[slot] : slot.
 */
export const partners = (plan: Plan): readonly number[] => {
  const result = plan.slots.map((_, slot) => slot);
  for (const { current, next } of Object.values(plan.carry)) {
    result[current] = next;
    result[next] = current;
  }
  return result;
};

/** The slots that a plan's steps, inputs, constants and outputs really touch, ascending. */
export const usedSlots = (plan: Plan): readonly number[] => {
  const touched = [...plan.prologue, ...plan.body].flatMap(({ output, operands }) => [output, ...operands]);
  return [...new Set([...outerSlots(plan), ...touched.map(({ slot }) => slot)])].sort((a, b) => a - b);
};
