/**
 * A utility on some points of its pool alone: what their batches are worth stays what it is in the whole pool (a reduction of
 * variance over the pool, for one), and points are known by their positions among them.
 */
import { rowsAt } from '../linear-algebra/matrix.js';
import { gather } from '../tensor/operations.js';
import type { PartialBatch, Reward, Utility } from './utility.js';

const partialAt = (state: PartialBatch, indices: readonly number[]): PartialBatch => ({
  chosen: state.chosen.map((n) => indices.indexOf(n)),
  gains: () => {
    const all = state.gains();
    return Float64Array.from(indices, (n) => all[n] ?? NaN);
  },
  with: (i) => partialAt(state.with(indices[i] ?? -1), indices),
});

/** The name of the table of indices, which no other table has. */
const positions = 'indices of the pool';

/** The utility of batches of the given points, different points of the pool: position i stands for `indices[i]`. */
export const restrictedTo = (utility: Utility, indices: readonly number[]): Utility => {
  const { value: of, empty, batchesWithin, gainOperations, proxyFeatures: proxy, programmed } = utility;
  const indexOf = (i: number): number => indices[i] ?? -1;
  return {
    points: indices.length,
    value: (batch) => of(batch.map(indexOf)),
    empty: partialAt(empty, indices),
    batchFrom: batchesWithin(indices),
    batchesWithin: (positions) => batchesWithin(positions.map(indexOf)),
    gainOperations,
    proxyFeatures: rowsAt(proxy, indices),
    ...(programmed === undefined
      ? {}
      : {
          programmed: (size) => {
            const whole = programmed(size);
            return {
              tables: {
                ...whole.tables,
                [positions]: { shape: [indices.length], dtype: 'u32', values: Uint32Array.from(indices) },
              },
              value: (tables, batches) => whole.value(tables, gather(tables[positions] ?? batches, batches)),
            };
          },
        }),
  };
};

/** A reward whose utility of a pool's points, `indices` of a larger pool, is the larger one's. */
export const rewardWithin = ({ name, unit }: Reward, whole: Utility, indices: readonly number[]): Reward => {
  const utility = restrictedTo(whole, indices);
  return { name, unit, utilityFor: () => utility };
};
