/**
 * A plan for one linear memory, where a step may write what it reads: an elementwise step writes over an operand that it is
 * the last to read, a product that is only added to something is added in place, and small slots go to the next of their
 * size. Large slots are left apart otherwise: addresses.ts says which share bytes.
 */
import { bytesOf, sizeOf } from '../../tensor/expression.js';
import { isContiguous } from '../../tensor/view.js';
import { keptSlots, type Place, type Plan, type Slot, type Step } from '../plan.js';
import { primitives } from '../../tensor/primitives/index.js';

/** Bytes below which a slot has bytes of its own. */
export const smallSlot = 2 ** 14;

/** Whether a step computes element by element. */
const isElementwise = ({ primitive }: Step): boolean => {
  if (primitive === 'copy') return false;
  const { lowering } = primitives[primitive];
  return lowering.kind === 'pointwise';
};

/** Whether a place is its whole slot, row-major. */
const isWhole = ({ slot, view }: Place, slots: readonly Slot[]): boolean =>
  view.offset === 0 && isContiguous(view) && sizeOf(view.shape) === slots[slot]?.size;

/**
 * Products that are read once, to be added to something of their own size, become products with a third operand: what they
 * are added to.
 */
const accumulated = (
  steps: readonly Step[],
  slots: readonly Slot[],
  kept: ReadonlySet<number>,
): readonly Step[] => {
  const uses = new Map<number, number>();
  for (const { operands } of steps)
    for (const { slot } of operands) uses.set(slot, (uses.get(slot) ?? 0) + 1);
  const products = new Map(
    steps.filter(({ primitive }) => primitive === 'matmul').map((step) => [step.output.slot, step]),
  );
  const dropped = new Set<Step>();
  const merged = steps.map((step) => {
    const [a, b] = step.operands;
    if (step.primitive !== 'add' || a === undefined || b === undefined) return step;
    for (const [own, other] of [
      [a, b],
      [b, a],
    ] as const) {
      // prettier-ignore
      const product = products.get(own.slot);
      const fits = isWhole(own, slots) && isWhole(other, slots) && own.slot !== other.slot;
      if (product === undefined || !fits || uses.get(own.slot) !== 1 || kept.has(own.slot)) continue;
      dropped.add(product);
      const { shape } = product.output;
      return { ...product, operands: [...product.operands, other], output: { ...step.output, shape } };
    }
    return step;
  });
  return merged.filter((step) => !dropped.has(step));
};

/**
 * The steps with their slots renamed; slots of `pinned` keep theirs.
 */
const reused = (
  steps: readonly Step[],
  slots: readonly Slot[],
  pinned: ReadonlySet<number>,
): readonly Step[] => {
  const lastUse = new Map<number, number>();
  steps.forEach((step, i) => {
    for (const operand of step.operands) lastUse.set(operand.slot, i);
    lastUse.set(step.output.slot, Math.max(i, lastUse.get(step.output.slot) ?? i));
  });
  const image = new Map<number, number>();
  const free = new Map<string, number[]>();
  const keyOf = (slot: number): string => {
    const { dtype, size } = slots[slot] as Slot;
    return `${dtype}|${size * bytesOf(dtype)}`;
  };
  const isShared = (slot: number): boolean => {
    const { dtype, size } = slots[slot] as Slot;
    return size * bytesOf(dtype) < smallSlot;
  };
  /** The operand that a step may write over, if there is one. */
  const overwritten = (step: Step, i: number): number | undefined => {
    const { slot: out } = step.output;
    const accumulates = step.primitive === 'matmul' && step.operands.length === 3;
    if (!(accumulates || isElementwise(step))) return undefined;
    const candidates = accumulates ? step.operands.slice(2) : step.operands;
    return candidates
      .map(({ slot }) => slot)
      .find(
        (slot) =>
          !pinned.has(slot) &&
          lastUse.get(slot) === i &&
          keyOf(slot) === keyOf(out) &&
          step.operands.every(
            (o) => o.slot !== slot || (isWhole(o, slots) && (!accumulates || o === candidates[0])),
          ),
      );
  };
  return steps.map((step, i) => {
    const { slot } = step.output;
    const over = pinned.has(slot) ? undefined : overwritten(step, i);
    if (!pinned.has(slot))
      image.set(
        slot,
        over === undefined ? (free.get(keyOf(slot))?.pop() ?? slot) : (image.get(over) ?? over),
      );
    const operands = step.operands.map((operand) => ({
      ...operand,
      slot: image.get(operand.slot) ?? operand.slot,
    }));
    // Freed after the output was placed: what a step reads is not free for it.
    for (const used of new Set([...step.operands.map((operand) => operand.slot), slot]))
      if (!pinned.has(used) && used !== over && lastUse.get(used) === i && isShared(used))
        free.set(keyOf(used), [...(free.get(keyOf(used)) ?? []), image.get(used) ?? used]);
    return { ...step, operands, output: { ...step.output, slot: image.get(slot) ?? slot } };
  });
};

/** The plan in place. */
export const inPlace = (plan: Plan): Plan => {
  const { slots } = plan;
  const kept = keptSlots(plan);
  const prologue = accumulated(plan.prologue, slots, kept);
  const steps = reused([...prologue, ...accumulated(plan.body, slots, kept)], slots, kept);
  return { ...plan, prologue: steps.slice(0, prologue.length), body: steps.slice(prologue.length) };
};
