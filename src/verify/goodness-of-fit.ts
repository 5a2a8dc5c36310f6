/**
 * Are these counts what these probabilities give? Pearson's χ² and the G-test of independent draws:
 *
 *   χ² = Σ (O − E)² / E        G = 2 Σ O log (O / E) / q,   q = 1 + (Σ 1/π − 1) / (6 n (k − 1))
 *
 * over k cells, each against chi-square with k − 1 degrees of freedom; q is Williams' correction (Biometrika 63,
 * 1976). Two samples of n and m draws: χ² = Σ (√(m/n) A − √(n/m) B)² / (A + B), k − 1 degrees of freedom.
 *
 * Small cells. The outcomes are taken by ascending expected count and gathered until a cell expects `minimumExpected`
 * (5, after Cochran, Biometrics 10, 1954); what is left at the end joins the last cell. The rule looks at expected
 * counts alone (for two samples: at the totals A + B, given which the test is made), so the null distribution stands.
 * A draw of an outcome of probability 0 needs no test: the statistic is +∞ and p is 0.
 *
 * Draws of one chain are not independent: keep every m-th, m beyond the time in which the chain forgets, or use the
 * inclusion test with blocks (inclusion-test.ts).
 */
import { at } from '../at.js';
import { requireNumbers, wrongArgument } from '../misuse.js';
import { chiSquareSurvival } from './special-functions.js';

/** A test's outcome. */
export interface TestResult {
  readonly statistic: number;
  /** Of the chi-square distribution that the statistic has under the null hypothesis. */
  readonly degreesOfFreedom: number;
  /** The probability, under the null hypothesis, of a statistic at least as large. */
  readonly pValue: number;
}

/** Settings of the tests on counts. */
export interface PoolingOptions {
  /** Cells that expect fewer are gathered; 5 where it is not given. */
  readonly minimumExpected?: number;
}

/**
 * The cell of every outcome after small ones are gathered (rule in the header), numbered from 0; −1 where nothing is
 * expected.
 */
export const gatherSmallCells = (expected: ArrayLike<number>, minimumExpected = 5): Int32Array => {
  const cells = new Int32Array(expected.length).fill(-1);
  const order = Array.from({ length: expected.length }, (_, i) => i)
    .filter((i) => at(expected, i) > 0)
    .sort((i, j) => at(expected, i) - at(expected, j));
  let cell = 0;
  let gathered = 0;
  for (const i of order) {
    cells[i] = cell;
    gathered += at(expected, i);
    if (gathered >= minimumExpected) {
      cell++;
      gathered = 0;
    }
  }
  // The last cell is unfinished: its outcomes join the one before.
  if (gathered > 0 && cell > 0) for (const i of order) if (cells[i] === cell) cells[i] = cell - 1;
  return cells;
};

const sumBy = (cells: Int32Array, values: ArrayLike<number>): Float64Array => {
  const sums = new Float64Array(cells.reduce((most, cell) => Math.max(most, cell + 1), 0));
  cells.forEach((cell, i) => {
    if (cell >= 0) sums[cell] = at(sums, cell) + at(values, i);
  });
  return sums;
};

const totalOf = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

const checkCounts = (name: string, counts: ArrayLike<number>): number => {
  const wrong = Array.from(counts).find((count) => !Number.isInteger(count) || count < 0);
  if (wrong !== undefined) throw new RangeError(`${name}: counts are whole numbers from 0, not ${wrong}`);
  const total = totalOf(counts);
  if (total === 0) throw new RangeError(`${name}: nothing was drawn; count at least one draw`);
  return total;
};

const resultOf = (statistic: number, cells: number): TestResult => {
  const degreesOfFreedom = Math.max(0, cells - 1);
  const pValue =
    statistic === Infinity ? 0 : degreesOfFreedom === 0 ? 1 : chiSquareSurvival(statistic, degreesOfFreedom);
  return { statistic, degreesOfFreedom, pValue };
};

/** Observed and expected counts of the gathered cells; undefined where something impossible was drawn. */
const against = (
  name: string,
  counts: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  { minimumExpected = 5 }: PoolingOptions,
):
  | { readonly observed: Float64Array; readonly expected: Float64Array; readonly draws: number }
  | undefined => {
  requireNumbers(name, 'counts', counts);
  requireNumbers(name, 'probabilities', probabilities);
  if (counts.length !== probabilities.length)
    throw new RangeError(
      `${name}: ${counts.length} counts and ${probabilities.length} probabilities; give both over the same outcomes`,
    );
  const draws = checkCounts(name, counts);
  const wrong = Array.from(probabilities).find((p) => !(p >= 0));
  const total = totalOf(probabilities);
  if (wrong !== undefined || !(Math.abs(total - 1) <= 1e-6))
    throw new RangeError(
      `${name}: probabilities are from 0 and sum to 1 within 1e-6, here ${wrong === undefined ? `the sum is ${total}` : `one is ${wrong}`}`,
    );
  const expectations = Float64Array.from(probabilities, (p) => (draws * p) / total);
  if (expectations.some((e, i) => e === 0 && at(counts, i) > 0)) return undefined;
  const cells = gatherSmallCells(expectations, minimumExpected);
  return { observed: sumBy(cells, counts), expected: sumBy(cells, expectations), draws };
};

/**
 * Pearson's χ² test of counts of independent draws against probabilities of the same outcomes. Throws a RangeError
 * where the lengths differ, the counts are not whole numbers or all 0, or the probabilities do not sum to 1 within
 * 1e-6.
 */
export const chiSquareTest = (
  counts: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: PoolingOptions = {},
): TestResult => {
  const cells = against('chiSquareTest', counts, probabilities, options);
  if (cells === undefined) return resultOf(Infinity, counts.length);
  const { observed, expected } = cells;
  return resultOf(
    observed.reduce((sum, o, i) => sum + (o - at(expected, i)) ** 2 / (expected[i] ?? 1), 0),
    observed.length,
  );
};

/**
 * The G-test (likelihood ratio, with Williams' correction) of counts of independent draws against probabilities of
 * the same outcomes. Throws as {@link chiSquareTest}.
 */
export const gTest = (
  counts: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: PoolingOptions = {},
): TestResult => {
  const cells = against('gTest', counts, probabilities, options);
  if (cells === undefined) return resultOf(Infinity, counts.length);
  const { observed, expected, draws } = cells;
  const k = observed.length;
  if (k === 1) return resultOf(0, 1);
  const reciprocals = expected.reduce((sum, e) => sum + draws / e, 0);
  const correction = 1 + (reciprocals - 1) / (6 * draws * (k - 1));
  const g = observed.reduce((sum, o, i) => sum + (o > 0 ? 2 * o * Math.log(o / (expected[i] ?? 1)) : 0), 0);
  return resultOf(Math.max(0, g / correction), k);
};

/**
 * χ² test that two sets of independent draws, counted over the same outcomes, come from one distribution. The outcomes
 * must stand in an order that does not depend on who drew them (equal totals are gathered in that order). Throws a
 * RangeError where the lengths differ or where either drew nothing.
 */
export const twoSampleTest = (
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  { minimumExpected = 5 }: PoolingOptions = {},
): TestResult => {
  requireNumbers('twoSampleTest', 'first', first);
  requireNumbers('twoSampleTest', 'second', second);
  if (first.length !== second.length)
    throw new RangeError(
      `twoSampleTest: ${first.length} and ${second.length} counts; give both over the same outcomes`,
    );
  const n = checkCounts('twoSampleTest', first);
  const m = checkCounts('twoSampleTest', second);
  const fewer = Math.min(n, m) / (n + m);
  const expected = Float64Array.from(first, (a, i) => fewer * (a + at(second, i)));
  const cells = gatherSmallCells(expected, minimumExpected);
  const [a, b] = [sumBy(cells, first), sumBy(cells, second)];
  const statistic = a.reduce((sum, count, i) => {
    const other = at(b, i);
    return sum + (Math.sqrt(m / n) * count - Math.sqrt(n / m) * other) ** 2 / (count + other);
  }, 0);
  return resultOf(statistic, a.length);
};

/**
 * The total variation between the frequencies of n independent draws and the very distribution they are drawn from,
 * as expected: ≈ Σ √(p (1 − p) / (2 π n)), where n p is not small. What a perfect sampler shows; a threshold below it
 * fails everyone.
 */
export const perfectSamplerTotalVariation = (probabilities: ArrayLike<number>, draws: number): number => {
  const where = 'perfectSamplerTotalVariation';
  requireNumbers(where, 'probabilities', probabilities);
  const wrong = Array.from(probabilities).find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw wrongArgument(where, 'a probability', wrong, 'numbers from 0 to 1');
  if (!(Number.isFinite(draws) && draws > 0)) throw wrongArgument(where, 'draws', draws, 'a number above 0');
  return Array.from(probabilities).reduce(
    (sum, p) => sum + Math.min(Math.sqrt((p * (1 - p)) / (2 * Math.PI * draws)), p * (1 - p)),
    0,
  );
};
