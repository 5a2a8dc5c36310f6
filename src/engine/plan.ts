/**
 * Planning: from a program to a list of steps over numbered slots of memory, the same for every engine.
 *
 *  1. Structurally equal nodes are computed once.
 *  2. Movement becomes views of other nodes' memory; a copy is made only where a view cannot say it, or where a
 *     computation wants its operand row-major.
 *  3. What does not depend on the carry is computed once a run (the prologue), the rest every step (the body).
 *  4. Memory of the body is handed on after its last use, exact sizes only: one dispatch may not read and write one
 *     buffer, and pools of exact size cannot fragment.
 *  5. A carried input and its next value are a pair of slots that trade places after every step, so nothing is copied.
 */
import {
  allocate,
  bytesOf,
  sizeOf,
  type DType,
  type PrimitiveName,
  type Shape,
  type Tensor,
  type TypedArray,
} from '../tensor/expression.js';
import type { OperandView } from '../tensor/primitive.js';
import { primitives } from '../tensor/primitives/index.js';
import { topologicalOrder, type Program } from '../tensor/program.js';
import { merge, type Value } from './merge.js';
import { isContiguous, wholeView, type View } from '../tensor/view.js';

/** A slot: memory for some elements of one dtype. */
export interface Slot {
  readonly dtype: DType;
  readonly size: number;
}

/** A view of a slot. */
export interface Place extends OperandView {
  readonly slot: number;
}

/** One step: a primitive's evaluation, or the copy of a view into row-major memory. */
export interface Step {
  readonly primitive: PrimitiveName | 'copy';
  readonly attributes: Tensor['attributes'];
  readonly operands: readonly Place[];
  readonly output: { readonly slot: number; readonly shape: Shape; readonly dtype: DType };
}

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

/** Plans a program. Pure; never fails on a program that could be built. */
export const plan = (program: Program): Plan => {
  const carried = new Set(Object.keys(program.carry));
  const roots = [...Object.values(program.outputs), ...Object.values(program.carry)];
  const { values, at } = merge(topologicalOrder(roots), carried);
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
    const compute = (reads: readonly Place[]): Place => {
      const slot = fresh(dtype, sizeOf(shape));
      if (varies(value)) changing.add(slot);
      emitted.push({
        step: {
          primitive: node.primitive,
          attributes: node.attributes,
          operands: reads,
          output: { slot, shape, dtype },
        },
        varying: varies(value),
      });
      return { slot, shape, dtype, view: wholeView(shape) };
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
      return compute(
        lowering.reads === 'views'
          ? operands
          : operands.map((operand) => (isContiguous(operand.view) ? operand : rowMajorCopy(operand))),
      );
    })();
    places.push(place);
  }

  // Inputs that the program takes but does not read have memory all the same, so they can be set.
  for (const [name, { shape, dtype }] of Object.entries(program.inputs))
    inputs[name] ??= { slot: fresh(dtype, sizeOf(shape)), shape, dtype };

  // Next values of the carry: each needs a slot of its own, whole and row-major.
  const bound = new Set([...Object.values(inputs), ...constants].map(({ slot }) => slot));
  const invariantSlots = () => emitted.filter((e) => !e.varying).map((e) => e.step.output.slot);
  const invariant = new Set(invariantSlots());
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

  const pinned = new Set([
    ...bound,
    ...invariantSlots(),
    ...taken,
    ...Object.values(outputs).map(({ slot }) => slot),
  ]);
  const body = emitted.filter((e) => e.varying).map((e) => e.step);
  return {
    ...reuse(
      slots,
      body,
      pinned,
      emitted.filter((e) => !e.varying).map((e) => e.step),
    ),
    inputs,
    constants,
    carry,
    outputs,
  };
};

/** Hands the memory of the body's steps on after its last use. Pinned slots and the prologue's keep theirs. */
const reuse = (
  slots: readonly Slot[],
  body: readonly Step[],
  pinned: ReadonlySet<number>,
  prologue: readonly Step[],
): Pick<Plan, 'slots' | 'body' | 'prologue'> => {
  const lastUse = new Map<number, number>();
  body.forEach((step, i) => {
    for (const operand of step.operands) lastUse.set(operand.slot, i);
    lastUse.set(step.output.slot, Math.max(i, lastUse.get(step.output.slot) ?? i));
  });
  const image = new Map<number, number>();
  const free = new Map<string, number[]>();
  const keyOf = (slot: number): string => {
    const { dtype, size } = slots[slot] as Slot;
    return `${dtype}|${size * bytesOf(dtype)}`;
  };
  const renamed = body.map((step, i) => {
    const { slot } = step.output;
    if (!pinned.has(slot)) image.set(slot, free.get(keyOf(slot))?.pop() ?? slot);
    const operands = step.operands.map((operand) => ({
      ...operand,
      slot: image.get(operand.slot) ?? operand.slot,
    }));
    // Freed after the output was placed: a step never writes what it reads.
    for (const used of new Set([...step.operands.map((operand) => operand.slot), slot]))
      if (!pinned.has(used) && lastUse.get(used) === i) {
        const key = keyOf(used);
        free.set(key, [...(free.get(key) ?? []), image.get(used) ?? used]);
      }
    return { ...step, operands, output: { ...step.output, slot: image.get(slot) ?? slot } };
  });
  // Slots that lost their use are dropped: engines allocate by use.
  return { slots, body: renamed, prologue };
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
export const usedSlots = (plan: Plan): readonly number[] =>
  [
    ...new Set([
      ...Object.values(plan.inputs).map(({ slot }) => slot),
      ...plan.constants.map(({ slot }) => slot),
      ...[...plan.prologue, ...plan.body].flatMap((step) => [
        step.output.slot,
        ...step.operands.map((o) => o.slot),
      ]),
      ...Object.values(plan.carry).flatMap(({ current, next }) => [current, next]),
      ...Object.values(plan.outputs).map(({ slot }) => slot),
    ]),
  ].sort((a, b) => a - b);
