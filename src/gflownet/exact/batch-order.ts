/**
 * The order in which exact answers list the batches of a problem: by size from the smallest to the largest, and within a
 * size in lexicographic order of their ascending members.
 */
import { binomial, ranker, unranker } from './subsets.js';

/** Sizes of batches, smallest and largest; they vary where the two differ. */
export type BatchSizes = readonly [smallest: number, largest: number];

/** All batches of a pool of some sizes, without a list of them. */
export interface BatchOrder {
  readonly poolSize: number;
  readonly sizes: BatchSizes;
  /** How many there are. */
  readonly count: number;
  /** The row of the first batch of a size, and `count` for the size after the largest. */
  readonly start: (size: number) => number;
  /** The row of a batch, its points in any order. Throws a RangeError for what is no batch of the problem. */
  readonly rowOf: (batch: Iterable<number>) => number;
  /** The batch of a row, ascending. Throws a RangeError for a row that is not there. */
  readonly batchAt: (row: number) => number[];
}

/**
 * The order of all batches of a pool of N points. Throws a RangeError where sizes are not whole numbers with
 * 1 ≤ smallest ≤ largest ≤ N, and where there are 2^53 batches of a size or more.
 */
export const batchOrder = (poolSize: number, [smallest, largest]: BatchSizes): BatchOrder => {
  if (
    ![smallest, largest].every(Number.isInteger) ||
    !(1 <= smallest && smallest <= largest && largest <= poolSize)
  )
    throw new RangeError(
      `batches of ${smallest} to ${largest} of ${poolSize} points: sizes go from 1 to the pool's`,
    );
  const ofSize = Array.from({ length: largest - smallest + 1 }, (_, i) => ({
    rank: ranker(poolSize, smallest + i),
    unrank: unranker(poolSize, smallest + i),
  }));
  const starts = [0];
  for (let size = smallest; size <= largest; size++)
    starts.push((starts[size - smallest] ?? NaN) + binomial(poolSize, size));
  const start = (size: number): number => starts[size - smallest] ?? NaN;
  const count = start(largest + 1);
  return {
    poolSize,
    sizes: [smallest, largest],
    count,
    start,
    rowOf: (batch) => {
      const members = Array.from(batch).sort((a, b) => a - b);
      const own = ofSize[members.length - smallest];
      const inPool = members.every(
        (n, i) => Number.isInteger(n) && n > (members[i - 1] ?? -1) && n < poolSize,
      );
      if (own === undefined || !inPool)
        throw new RangeError(
          `{${members.join(', ')}} is no batch of ${smallest} to ${largest} different points of a pool of ${poolSize}`,
        );
      return start(members.length) + own.rank(members);
    },
    batchAt: (row) => {
      const position = starts.findIndex((from, i) => from <= row && row < (starts[i + 1] ?? NaN));
      if (!Number.isInteger(row) || position < 0)
        throw new RangeError(`there is no batch ${row} among ${count} (0 … ${count - 1})`);
      return ofSize[position]?.unrank(row - (starts[position] ?? NaN)) ?? [];
    },
  };
};
