/**
 * How do strategies differ on the same seeds? Some seeds are harder than others for every strategy; what they have in
 * common says nothing about the strategies and is taken out.
 *
 *  - Two strategies: Student's t interval of the differences, seed by seed.
 *  - J strategies in one picture: bands about their means. Each value is normalised by its seed (Cousineau 2005),
 *
 *      z_js = y_js − mean over strategies of y_·s + mean of all y
 *
 *    and the band of strategy j is mean_j ± t √(J / (J − 1)) s_j / √n, with s_j of the z_j·, over n seeds; the root undoes
 *    the shrinkage of the normalised variance (Morey 2008). With one strategy the band is the t interval of its values.
 *
 * D. Cousineau, Confidence intervals in within-subject designs, Tutorials in Quantitative Methods for Psychology 1 (2005);
 * R. D. Morey, Confidence intervals from normalized data: a correction to Cousineau (2005), ibid. 4 (2008).
 */
import { meanOf, studentInterval, type Interval } from './student.js';

/**
 * The 95% interval of the mean of a − b, seed by seed. Throws a RangeError where the two have different lengths or
 * nothing.
 */
export const pairedDifference = (a: readonly number[], b: readonly number[]): Interval => {
  if (a.length !== b.length)
    throw new RangeError(`pairedDifference: ${a.length} values beside ${b.length}; give one of each a seed`);
  return studentInterval(a.map((value, i) => value - (b[i] ?? NaN)));
};

/**
 * The Cousineau–Morey 95% bands of J strategies: `values` has a row a strategy, a column a seed. Throws a RangeError where
 * rows have different lengths or nothing.
 */
export const withinSeedBands = (values: readonly (readonly number[])[]): readonly Interval[] => {
  const seeds = values[0]?.length ?? 0;
  if (values.some((row) => row.length !== seeds))
    throw new RangeError('withinSeedBands: the strategies have different numbers of seeds');
  const strategies = values.length;
  if (strategies < 2) return values.map((row) => studentInterval(row));
  const ofSeed = Array.from({ length: seeds }, (_, s) => meanOf(values.map((row) => row[s] ?? NaN)));
  const ofAll = meanOf(ofSeed);
  return values.map((row) =>
    studentInterval(
      row.map((value, s) => value - (ofSeed[s] ?? NaN) + ofAll),
      Math.sqrt(strategies / (strategies - 1)),
    ),
  );
};
