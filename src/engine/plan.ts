/**
 * Planning: from a program to a list of steps over numbered slots of memory, the same for every engine.
 *
 *  0. Composites that the engine has no kernel for are replaced by what they mean (src/engine/expanded.ts).
 *  1. Structurally equal nodes are computed once.
 *  2. Movement becomes views of other nodes' memory; a copy is made only where a view cannot say it, or where a
 *     computation wants its operand row-major.
 *  3. What does not depend on the carry is computed once a run (the prologue), the rest every step (the body).
 *  4. Elementwise steps are laid out by src/engine/layout.ts, and all steps put in order by src/engine/order.ts. Each value
 *     has a slot of its own; engines hand memory on (webgpu/chains.ts, cpu/in-place.ts and cpu/addresses.ts).
 *  5. A carried input and its next value are a pair of slots that trade places after every step, so nothing is copied.
 */
import {
  allocate,
  sizeOf,
  type DType,
  type Shape,
  type Tensor,
  type TypedArray,
} from '../tensor/expression.js';
import { primitives } from '../tensor/primitives/index.js';
import { topologicalOrder, type Program } from '../tensor/program.js';
import { elementsOf, expanded, type Keeps } from './expanded.js';
import { layoutOf } from './layout.js';
import { mergeCommon, type Value } from './common-subexpressions.js';
import { ordered } from './order.js';
import type { Place, Slot, Step } from './step.js';
import { isContiguous, wholeView, type View } from '../tensor/view.js';

export type { Place, Slot, Step } from './step.js';

/** What an engine needs to run a program. */
export interface Plan {
  readonly slots: readonly Slot[];
  readonly inputs: Readonly<
    Record<string, { readonly slot: number; readonly shape: Shape; readonly dtype: DType }>
  >;
  readonly constants: readonly { readonly slot: number; readonly values: TypedArray }[];
  /** Steps that depend on no carried input. */
  readonly prologue: readonly Step[];
  readonly body: readonly Step[];
  /** Pairs of slots that trade places after every step: the carried input's and its next value's. */
  readonly carry: Readonly<Record<string, { readonly current: number; readonly next: number }>>;
  /** Row-major places of the outputs, valid after a step until the next. */
  readonly outputs: Readonly<Record<string, Place>>;
}

/** Host values in a slot's dtype. */
const inDtype = (values: TypedArray, dtype: DType): TypedArray => {
  const memory = allocate(dtype, values.length);
  memory.set(values);
  return memory;
};

interface Emitted {
  readonly step: Step;
  readonly varying: boolean;
}

/**
 * Plans a program; `keeps` says which composites the engine has kernels for. Pure; never fails on a program that could be
 * built.
 */
export const plan = (original: Program, keeps: Keeps = () => false): Plan => {
  const program = expanded(original, keeps);
  const carried = new Set(Object.keys(program.carry));
  const roots = [...Object.values(program.outputs), ...Object.values(program.carry)];
  const { values, at } = mergeCommon(topologicalOrder(roots), carried);
  // Without a carry nothing repeats, and memory is better reused: everything is the body.
  const varies = (v: Value): boolean => carried.size === 0 || v.varying;

  const slots: Slot[] = [];
  const fresh = (dtype: DType, size: number): number => slots.push({ dtype, size }) - 1;
  const emitted: Emitted[] = [];
  const places: Place[] = [];
  const inputs: Record<string, { slot: number; shape: Shape; dtype: DType }> = {};
  const constants: { slot: number; values: TypedArray }[] = [];
  const copies = new Map<string, Place>();

  // Which slots change from step to step: a copy belongs where its source is made, whoever asks for it first.
  const changing = new Set<number>();

  const rowMajorCopy = (place: Place): Place => {
    const key = `${place.slot}|${place.view.offset}|${place.view.shape.join()}|${place.view.strides.join()}`;
    const known = copies.get(key);
    if (known !== undefined) return known;
    const { shape } = place.view;
    const slot = fresh(place.dtype, sizeOf(shape));
    const varying = changing.has(place.slot);
    if (varying) changing.add(slot);
    emitted.push({
      step: {
        primitive: 'copy',
        attributes: {},
        operands: [place],
        output: { slot, shape, dtype: place.dtype },
      },
      varying,
    });
    const made = { slot, shape, dtype: place.dtype, view: wholeView(shape) };
    copies.set(key, made);
    return made;
  };

  for (const value of values) {
    const { node } = value;
    const { shape, dtype } = node;
    const operands = value.operands.map((operand) => places[operand] as Place);
    const compute = (reads: readonly Place[], own: Shape, result: View): Place => {
      const slot = fresh(dtype, node.primitive === 'composite' ? elementsOf(node) : sizeOf(own));
      if (varies(value)) changing.add(slot);
      emitted.push({
        step: {
          primitive: node.primitive,
          attributes: node.attributes,
          operands: reads,
          output: { slot, shape: own, dtype },
        },
        varying: varies(value),
      });
      return { slot, shape, dtype, view: result };
    };
    const place = ((): Place => {
      if (node.primitive === 'input' || node.primitive === 'constant') {
        const slot = fresh(dtype, sizeOf(shape));
        if (varies(value)) changing.add(slot);
        if (node.primitive === 'input') inputs[node.attributes.name] = { slot, shape, dtype };
        else constants.push({ slot, values: inDtype(node.attributes.values, dtype) });
        return { slot, shape, dtype, view: wholeView(shape) };
      }
      const { lowering } = primitives[node.primitive];
      if (lowering.kind === 'view') {
        const [operand] = operands;
        if (operand === undefined) throw new Error(`plan: the view ${node.primitive} has no operand`);
        const view = (lowering.view as (o: View, t: Tensor, a: Tensor['attributes']) => View | undefined)(
          operand.view,
          node,
          node.attributes,
        );
        const copied = view === undefined ? rowMajorCopy(operand) : undefined;
        return {
          slot: copied?.slot ?? operand.slot,
          shape,
          dtype,
          view: view ?? { ...wholeView(shape), offset: copied?.view.offset ?? 0 },
        };
      }
      if (lowering.kind === 'bound') throw new Error(`plan: ${node.primitive} must be bound`);
      if (lowering.kind === 'pointwise') {
        const layout = layoutOf(
          shape,
          operands.map(({ view }) => view),
        );
        const reads = operands.map((operand, i) => ({
          ...operand,
          shape: layout.shape,
          view: layout.operands[i] ?? operand.view,
        }));
        return compute(reads, layout.shape, layout.result);
      }
      return compute(
        lowering.reads === 'views'
          ? operands
          : operands.map((operand) => (isContiguous(operand.view) ? operand : rowMajorCopy(operand))),
        shape,
        wholeView(shape),
      );
    })();
    places.push(place);
  }

  // Inputs that the program takes but does not read have memory all the same, so they can be set.
  for (const [name, { shape, dtype }] of Object.entries(program.inputs))
    inputs[name] ??= { slot: fresh(dtype, sizeOf(shape)), shape, dtype };

  // Next values of the carry: each needs a slot of its own, whole and row-major.
  const bound = new Set([...Object.values(inputs), ...constants].map(({ slot }) => slot));
  const invariant = new Set(emitted.filter((e) => !e.varying).map((e) => e.step.output.slot));
  const taken = new Set<number>();
  const carry: Record<string, { current: number; next: number }> = {};
  for (const [name, next] of Object.entries(program.carry)) {
    const place = places[at(next)] as Place;
    const whole =
      isContiguous(place.view) && place.view.offset === 0 && slots[place.slot]?.size === sizeOf(place.shape);
    const own = whole && !bound.has(place.slot) && !taken.has(place.slot) && !invariant.has(place.slot);
    let slot = place.slot;
    if (!own) {
      slot = fresh(place.dtype, sizeOf(place.shape));
      emitted.push({
        step: {
          primitive: 'copy',
          attributes: {},
          operands: [place],
          output: { slot, shape: place.shape, dtype: place.dtype },
        },
        varying: true,
      });
    }
    taken.add(slot);
    carry[name] = { current: inputs[name]?.slot ?? -1, next: slot };
  }
  const outputs = Object.fromEntries(
    Object.entries(program.outputs).map(([name, node]) => {
      const place = places[at(node)] as Place;
      return [name, isContiguous(place.view) ? place : rowMajorCopy(place)];
    }),
  );

  const of = (varying: boolean) => emitted.filter((e) => e.varying === varying).map(({ step }) => step);
  const built = { slots, prologue: of(false), body: of(true), inputs, constants, carry, outputs };
  const kept = keptSlots(built);
  return { ...built, prologue: ordered(built.prologue, kept), body: ordered(built.body, kept) };
};

/** Slots that keep their memory: what is given, carried, read from outside, or computed once a run for the body. */
export const keptSlots = ({
  inputs,
  constants,
  prologue,
  body,
  carry,
  outputs,
}: Plan): ReadonlySet<number> => {
  const kept = new Set<number>();
  const once = new Set<number>();
  for (const { output } of prologue) once.add(output.slot);
  for (const { operands } of body) for (const { slot } of operands) if (once.has(slot)) kept.add(slot);
  for (const { slot } of Object.values(inputs)) kept.add(slot);
  for (const { slot } of constants) kept.add(slot);
  for (const { current, next } of Object.values(carry)) kept.add(current).add(next);
  for (const { slot } of Object.values(outputs)) kept.add(slot);
  return kept;
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

/** The slots that a plan's steps, inputs, constants and outputs really touch. */
export const usedSlots = ({ inputs, constants, prologue, body, carry, outputs }: Plan): readonly number[] => {
  const used = new Set<number>();
  for (const { slot } of Object.values(inputs)) used.add(slot);
  for (const { slot } of constants) used.add(slot);
  for (const steps of [prologue, body])
    for (const { output, operands } of steps) {
      used.add(output.slot);
      for (const { slot } of operands) used.add(slot);
    }
  for (const { current, next } of Object.values(carry)) used.add(current).add(next);
  for (const { slot } of Object.values(outputs)) used.add(slot);
  return [...used].sort((a, b) => a - b);
};
