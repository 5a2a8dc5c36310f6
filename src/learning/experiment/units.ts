/**
 * Which pieces of work has a run, and which of them belong to one of n machines? Every (strategy, seed) is one. Counted
 * strategy by strategy, the k-th belongs to shard k mod n, so that slow strategies are spread over all shards; each
 * shard works seed by seed, so that what is done early can be compared in pairs.
 */
import type { Unit } from './experiment.js';
import type { StrategyName } from './strategy-name.js';

/** The i-th of n parts of a run, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The units of a shard. Throws a RangeError unless 1 ≤ index ≤ count. */
export const unitsOf = (
  strategies: readonly StrategyName[],
  seeds: readonly number[],
  { index, count }: Shard = { index: 1, count: 1 },
): readonly Unit[] => {
  if (!Number.isInteger(count) || !Number.isInteger(index) || index < 1 || index > count)
    throw new RangeError(`unitsOf: shard ${index} of ${count}`);
  return seeds.flatMap((seed, j) =>
    strategies.flatMap((strategy, i) =>
      (i * seeds.length + j) % count === index - 1 ? [{ strategy, seed }] : [],
    ),
  );
};
