/** A chain: steps that may be one dispatch, what they read and what of theirs is written. */
import { at } from '../../at.js';
import { present } from '../../present.js';
import type { TypedArray } from '../../tensor/expression.js';
import type { Plan, Step } from '../plan.js';
import type { Pointwise } from './pointwise-step.js';

/**
 * What a chain may hold: storage bindings that every adapter has in a stage, and steps that compile quickly; of the epilogue of a
 * product, whose `store` is compiled at each place that calls it.
 */
const room = { bindings: 8, steps: 32, epilogue: 16 } as const;

const bitsOf = (values: TypedArray): number => at(new Uint32Array(values.buffer, values.byteOffset, 1), 0);

/** What joining asks of a program: its values' readers, and which values are known or kept. */
export interface Facts {
  readonly readers: ReadonlyMap<number, ReadonlySet<Step>>;
  readonly pinned: ReadonlySet<number>;
  /** The bits of the constants of one element. */
  readonly words: ReadonlyMap<number, number>;
}

/** Of the steps of a body, and the slots that are kept. */
export const factsOf = (body: readonly Step[], { constants }: Plan, pinned: ReadonlySet<number>): Facts => {
  const readers = new Map<number, Set<Step>>();
  for (const step of body)
    for (const { slot } of step.operands) readers.set(slot, (readers.get(slot) ?? new Set()).add(step));
  const single = constants.filter(({ values }) => values.length === 1);
  return { readers, pinned, words: new Map(single.map(({ slot, values }) => [slot, bitsOf(values)])) };
};

/** Steps that may be one dispatch. */
export interface Chain {
  /** Whose epilogue they are. */
  readonly product?: Step;
  readonly steps: readonly Step[];
  readonly points: readonly Pointwise[];
  readonly reads: readonly number[];
  readonly writes: readonly Step['output'][];
}

/** The steps as a chain; undefined where there is no room for them. */
export const chainOf = (
  steps: readonly Step[],
  points: readonly Pointwise[],
  { readers, pinned, words }: Facts,
  product?: Step,
): Chain | undefined => {
  const members = new Set(steps);
  const made = [...(product === undefined ? [] : [product.output]), ...points.map(({ output }) => output)];
  const inside = new Set(made.map(({ slot }) => slot));
  const reads = new Set(
    points
      .flatMap((point) => point.reads.map(({ slot }) => slot))
      .filter((slot) => !inside.has(slot) && !words.has(slot)),
  );
  const writes = made.filter(
    ({ slot }) => pinned.has(slot) || [...(readers.get(slot) ?? [])].some((reader) => !members.has(reader)),
  );
  const [longest, bound] = product === undefined ? [room.steps, 0] : [room.epilogue, 2];
  return steps.length > longest || bound + reads.size + writes.length > room.bindings
    ? undefined
    : { ...present({ product }), steps, points, reads: [...reads], writes };
};
