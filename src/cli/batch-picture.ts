/** What of a batch is drawn? The posterior over a pool with one feature, the labelled points, and those that were chosen. */
import type { BatchPlot, ExpectedPoint, PlanePoint } from '../report/batch-plot.js';
import { priorVariancesOf } from '../reward/gram.js';
import type { BatchProblem } from './batch-report.js';
import type { BatchOutcome } from './batch-work.js';

/** Points at which the function is drawn. */
const curvePoints = 400;

const along = (xs: readonly number[], truth: (x: number) => number): readonly PlanePoint[] => {
  const least = xs.reduce((a, b) => Math.min(a, b), Infinity);
  const greatest = xs.reduce((a, b) => Math.max(a, b), -Infinity);
  return Array.from({ length: curvePoints }, (_, i) => {
    const x = least + ((greatest - least) * i) / (curvePoints - 1);
    return { x, y: truth(x) };
  });
};

/** The picture of a batch of a problem with one feature, whose labels come from the function `truth`. */
export const batchPicture = (
  { source, targetName, featureNames, labelled, pool }: BatchProblem,
  truth: (x: number) => number,
  { report, posterior: { mean, noiseVariance, whitened } }: BatchOutcome,
): BatchPlot => {
  const variances = priorVariancesOf(whitened);
  const points = Array.from(pool.features.data, (x, n): ExpectedPoint => ({
    x,
    mean: mean[n] ?? NaN,
    deviation: Math.sqrt(noiseVariance * (variances[n] ?? NaN)),
  }));
  const chosen = new Set(report.rows);
  return {
    title: `${report.rows.length} of ${pool.rows.length} points of ${source}, by ${report.acquisition}`,
    feature: featureNames[0] ?? '',
    target: targetName,
    labelled: Array.from(labelled.features.data, (x, i) => ({ x, y: labelled.targets[i] ?? NaN })),
    pool: points,
    chosen: points.filter((_, n) => chosen.has(pool.rows[n] ?? NaN)),
    truth: along(Array.from(pool.features.data), truth),
  };
};
