/**
 * Where slots lie in one linear memory: two share bytes where one is read for the last time before the other is written,
 * in another group of steps.
 *
 * The largest are placed first, each at the lowest address that is free for as long as it lives (the greedy by size of
 * Pisarchyk and Lee 2020, arXiv 2001.03288, section 4).
 */
import { bytesOf } from '../../tensor/expression.js';
import type { Plan } from '../plan.js';
import { smallSlot } from './in-place.js';
import { stepsOf, type Group } from './runs.js';

/** A cache line; the widest alignment that any kernel wants. */
const alignment = 64;

/** Addresses in bytes by slot, and where they end. */
export interface Addresses {
  readonly addresses: readonly number[];
  readonly end: number;
}

/** First and last group of steps that a slot's value is needed for, prologue and body counted together. */
interface Life {
  readonly slot: number;
  readonly bytes: number;
  from: number;
  to: number;
}

/** The steps of a plan in groups: within one, steps may be interleaved, so that nothing shares bytes. */
export interface Grouped {
  readonly prologue: readonly Group[];
  readonly body: readonly Group[];
}

/** Lives of the used slots; what is given, asked for, carried, or left to the body by the prologue lives for ever. */
const livesOf = (
  { slots, inputs, constants, carry, outputs }: Plan,
  used: readonly number[],
  { prologue, body }: Grouped,
) => {
  const forEver = new Set([
    ...Object.values(inputs).map(({ slot }) => slot),
    ...constants.map(({ slot }) => slot),
    ...Object.values(carry).flatMap(({ current, next }) => [current, next]),
    ...Object.values(outputs).map(({ slot }) => slot),
  ]);
  const lives = new Map<number, Life>();
  for (const slot of used) {
    const { dtype, size } = slots[slot] ?? { dtype: 'f32', size: 0 };
    const whole = forEver.has(slot) || size * bytesOf(dtype) < smallSlot;
    lives.set(slot, {
      slot,
      bytes: size * bytesOf(dtype),
      from: whole ? 0 : Infinity,
      to: whole ? Infinity : 0,
    });
  }
  [...prologue, ...body].forEach((group, i) => {
    const steps = stepsOf(group);
    for (const { output } of steps) {
      const life = lives.get(output.slot);
      if (life === undefined) continue;
      life.from = Math.min(life.from, i);
      life.to = Math.max(life.to, i);
    }
    for (const { slot } of steps.flatMap(({ operands }) => operands)) {
      const life = lives.get(slot);
      if (life === undefined) continue;
      life.to = Math.max(life.to, i >= prologue.length && life.from < prologue.length ? Infinity : i);
    }
  });
  return [...lives.values()];
};

/** Addresses for the used slots of a plan. */
export const addressesOf = (plan: Plan, used: readonly number[], grouped: Grouped): Addresses => {
  const addresses: number[] = [];
  const placed: (Life & { readonly start: number; readonly end: number })[] = [];
  let end = 0;
  for (const life of livesOf(plan, used, grouped).sort((a, b) => b.bytes - a.bytes || a.slot - b.slot)) {
    const size = Math.ceil(life.bytes / alignment) * alignment;
    let start = 0;
    if (life.bytes < smallSlot) start = end;
    else
      // `placed` is in the order of addresses.
      for (const other of placed) {
        if (other.to < life.from || other.from > life.to) continue;
        if (start + size <= other.start) break;
        start = Math.max(start, other.end);
      }
    addresses[life.slot] = start;
    end = Math.max(end, start + size);
    if (life.bytes < smallSlot) continue;
    const at = placed.findIndex((other) => other.start > start);
    placed.splice(at < 0 ? placed.length : at, 0, { ...life, start, end: start + size });
  }
  return { addresses, end };
};
