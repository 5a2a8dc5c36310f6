/** Small pools that are hard on a sampler, each with few enough batches to be listed. */
import type { Problem } from '../../src/gflownet/problem.js';
import { matrixFromRows, type Matrix } from '../../src/linear-algebra/matrix.js';
import { randomPool } from './pools.js';

/** A pool with what is hard about it. */
export interface HarshCase {
  readonly name: string;
  readonly problem: Problem;
}

/** The rows of a pool, each changed. */
const rowsOf = (
  { rows, columns, data }: Matrix,
  change: (row: readonly number[], n: number) => readonly number[],
): Matrix =>
  matrixFromRows(
    Array.from({ length: rows }, (_, n) =>
      change(Array.from(data.subarray(n * columns, (n + 1) * columns)), n),
    ),
  );

const scaled = (pool: Matrix, factor: (n: number) => number): Matrix =>
  rowsOf(pool, (row, n) => row.map((x) => x * factor(n)));

/** One point's features times a factor, so that its norm dominates. */
const dominated = (factor: number): Matrix =>
  scaled(randomPool(15, 4, 3, 0.7), (n) => (n === 4 ? factor : 1));

/** The first points again and again. */
const repeated = (rows: number, of: number): Matrix => {
  const pool = randomPool(of, 3, 7);
  return matrixFromRows(
    Array.from({ length: rows }, (_, n) => Array.from(pool.data.subarray((n % of) * 3, (n % of) * 3 + 3))),
  );
};

/** Points in a few clusters, far from each other and alike within. */
const clustered = (rows: number, clusters: number): Matrix => {
  const centres = randomPool(clusters, 3, 11, 1.5);
  return rowsOf(randomPool(rows, 3, 12, 0.05), (row, n) =>
    row.map((x, i) => x + (centres.data[(n % clusters) * 3 + i] ?? 0)),
  );
};

/**
 * Threes of points in planes of their own: two orthogonal ones, and one between them that alone is worth more than either
 * and with either less than the two together. Greedy takes it, the best batch does not.
 */
const trap = (threes: number): Matrix =>
  matrixFromRows(
    Array.from({ length: 3 * threes }, (_, n) => {
      const [of, kind] = [Math.floor(n / 3), n % 3];
      const pair =
        [
          [3, 0.1],
          [0.1, 3],
          [2.4, 2.4],
        ][kind] ?? [];
      return Array.from({ length: 2 * threes }, (_, i) => (pair[i - 2 * of] ?? 0) * (1 - 0.03 * of));
    }),
  );

const at = (name: string, whitened: Matrix, batchSize: number, temperature: number): HarshCase => ({
  name: `${name}, b = ${batchSize}, T = ${temperature}`,
  problem: { whitened, batchSize, temperature },
});

/** The cases, at temperatures from 0.013 to 1. */
export const harshCases: readonly HarshCase[] = [
  at('one point × 100', dominated(100), 3, 0.5),
  at('one point × 1000', dominated(1000), 3, 0.5),
  at('one point × 1000', dominated(1000), 3, 0.02),
  at(
    'several scales',
    scaled(randomPool(14, 4, 5), (n) => 10 ** ((n % 5) - 2)),
    3,
    0.1,
  ),
  at('each point four times', repeated(16, 4), 5, 0.1),
  at('clusters', clustered(15, 4), 4, 0.05),
  at('one feature', randomPool(14, 1, 13, 2), 3, 0.05),
  at('more features than points', randomPool(12, 30, 15, 0.5), 3, 0.05),
  at('nearly all points', randomPool(9, 4, 17), 8, 0.013),
  at('nearly all points', randomPool(9, 4, 17), 8, 0.05),
  at('single points', randomPool(20, 4, 19), 1, 0.02),
  at('a trap for greedy', trap(4), 4, 0.05),
  at('plain', randomPool(15, 4, 21, 0.7), 3, 1),
];
