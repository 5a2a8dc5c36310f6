/** Small settings of exact answers, and sums over all their ordered trajectories: the definition, with nothing shared. */
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { BatchSizes } from '../../src/gflownet/exact/batch-order.js';

/** Points of a pool. */
export type Subset = readonly number[];

/** In ascending order. */
export const sorted = (subset: Subset): number[] => [...subset].sort((a, b) => a - b);

/** The log of a sum by logs, written again here. */
export const logSum = (logs: readonly number[]): number => {
  const largest = Math.max(...logs);
  return largest === -Infinity
    ? largest
    : largest + Math.log(logs.reduce((total, log) => total + Math.exp(log - largest), 0));
};

/** All subsets of the given sizes, by size and then by members. */
export const subsetsOfSizes = (poolSize: number, [smallest, largest]: BatchSizes): number[][] =>
  Array.from({ length: 2 ** poolSize }, (_, bits) =>
    Array.from({ length: poolSize }, (_, point) => point).filter((point) => (bits >> point) & 1),
  )
    .filter(({ length }) => smallest <= length && length <= largest)
    .sort((a, b) => {
      const place = a.findIndex((x, i) => x !== b[i]);
      return a.length - b.length || (a[place] ?? 0) - (b[place] ?? 0);
    });

/** Visits every ordered trajectory of up to `largest` points. */
export const trajectories = (poolSize: number, largest: number, visit: (order: Subset) => void): void => {
  const walk = (order: Subset): void => {
    visit(order);
    if (order.length === largest) return;
    for (let point = 0; point < poolSize; point++) if (!order.includes(point)) walk([...order, point]);
  };
  walk([]);
};

/** A pool, sizes of batches, and the seed of everything random. */
export interface Setting {
  readonly seed: number;
  readonly poolSize: number;
  readonly sizes: BatchSizes;
}

/** Pools of up to 6 points, batches of up to 4, of one size or of several. */
export const settings: fc.Arbitrary<Setting> = fc
  .record({ seed: fc.nat(10_000), poolSize: fc.integer({ min: 1, max: 6 }), a: fc.nat(3), b: fc.nat(3) })
  .map(({ seed, poolSize, a, b }) => {
    const [one, other] = [1 + (a % poolSize), 1 + (b % poolSize)];
    return { seed, poolSize, sizes: [Math.min(one, other), Math.max(one, other)] };
  });

/** P of every batch by the definition: the sum over its trajectories of the product of their steps. */
export const endsBySummation = (
  { poolSize, sizes }: Setting,
  logPolicy: (subset: Subset) => ArrayLike<number>,
) => {
  const [smallest, largest] = sizes;
  const batches = subsetsOfSizes(poolSize, sizes);
  const rows = new Map(batches.map((batch, row) => [batch.join(), row]));
  const ends = new Float64Array(batches.length);
  trajectories(poolSize, largest, (order) => {
    const row = rows.get(sorted(order).join());
    if (row === undefined) return;
    let probability = 1;
    order.forEach((point, step) => {
      const log = logPolicy(sorted(order.slice(0, step)))[point] ?? NaN;
      probability = probability === 0 ? 0 : probability * Math.exp(log);
    });
    if (order.length < largest && smallest < largest && probability > 0)
      probability *= Math.exp(logPolicy(sorted(order))[poolSize] ?? NaN);
    ends[row] = (ends[row] ?? 0) + probability;
  });
  return ends;
};

/** Holds numbers together. */
export const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12) => {
  assert.is(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++)
    assert.ok(
      Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN)) <= tolerance,
      `${i}: ${actual[i]}, should be ${expected[i]}`,
    );
};
