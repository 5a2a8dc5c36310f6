/**
 * A utility on some points of its pool alone: what their batches are worth stays what it is in the whole pool (a reduction of
 * variance over the pool, for one), and points are known by their places among them.
 */
import { rowsAt } from '../linear-algebra/matrix.js';
import { gather } from '../tensor/operations.js';
import { memberList, type MutableBatch } from './mutable-batch.js';
import type { Growing, Reward, Utility } from './utility.js';

const growingAt = (state: Growing, indices: readonly number[]): Growing => ({
  chosen: state.chosen.map((n) => indices.indexOf(n)),
  gains: () => {
    const all = state.gains();
    return Float64Array.from(indices, (n) => all[n] ?? NaN);
  },
  with: (i) => growingAt(state.with(indices[i] ?? -1), indices),
});

const batchAt = (batch: MutableBatch, indices: readonly number[], points: number): MutableBatch => {
  const place = new Map(indices.map((n, i) => [n, i]));
  const at = (i: number): number => indices[i] ?? -1;
  const all = new Float64Array(points);
  const list = memberList(batch.members.map((n) => place.get(n) ?? -1));
  return {
    members: list.members,
    utility: batch.utility,
    gains: (j, out) => {
      // Of all points: the largest may be none of these.
      batch.gains(j, all);
      for (let i = 0; i < indices.length; i++) out[i] = all[at(i)] ?? NaN;
    },
    replace: (j, i) => {
      list.replace(j, i);
      batch.replace(j, at(i));
    },
    add: (i) => {
      list.add(i);
      batch.add(at(i));
    },
    remove: (j) => {
      list.remove(j);
      batch.remove(j);
    },
    set: (members) => {
      list.set(members);
      batch.set(members.map(at));
    },
    evaluations: batch.evaluations,
  };
};

/** The name of the table of indices, which no other table has. */
const places = 'indices of the pool';

/** The utility of batches of the given points, different points of the pool: place i stands for `indices[i]`. */
export const restrictedTo = (utility: Utility, indices: readonly number[]): Utility => {
  const { points, of, empty, batchFrom, gainOperations, guide, programmed } = utility;
  return {
    points: indices.length,
    of: (batch) => of(batch.map((i) => indices[i] ?? -1)),
    empty: growingAt(empty, indices),
    batchFrom: (members) => batchAt(batchFrom(members.map((i) => indices[i] ?? -1)), indices, points),
    gainOperations,
    guide: rowsAt(guide, indices),
    ...(programmed === undefined
      ? {}
      : {
          programmed: (size) => {
            const whole = programmed(size);
            return {
              tables: {
                ...whole.tables,
                [places]: { shape: [indices.length], dtype: 'u32', values: Uint32Array.from(indices) },
              },
              of: (tables, batches) => whole.of(tables, gather(tables[places] ?? batches, batches)),
            };
          },
        }),
  };
};

/** A reward whose utility of a pool's points, `indices` of a larger pool, is the larger one's. */
export const rewardWithin = ({ name, unit }: Reward, whole: Utility, indices: readonly number[]): Reward => {
  const utility = restrictedTo(whole, indices);
  return { name, unit, on: () => utility };
};
