/**
 * The inverse temperature β of class probabilities p(y = c | θ) = softmax(β f(θ))_c, by labels that took no part in f: the
 * maximum of
 *
 *   Σ_i log mean_s softmax(β f_i(θ_s))_{y_i}  −  ½ (log(β / β₀) / δ)²,      δ = 1
 *
 * where f_i is the posterior without row i. Values that were fitted to labels as if these were numbers have the order of the
 * classes but not the scale of log odds; held-out labels tell it. Around the median β₀ the prior keeps it where a handful of
 * labels, all right, would have it grow without end.
 *
 * Source: Guo et al., On Calibration of Modern Neural Networks (2017), arXiv 1706.04599 (temperature scaling).
 */
import { at } from '../at.js';
import { logSumExp } from '../linear-algebra/log-sum.js';
import type { Work } from '../work.js';
import { logSoftmaxInto } from './class-labels.js';

/** Held-out values f of n rows under S draws, [S, n, C], with the labels of the rows. */
export interface HeldOutValues {
  readonly draws: number;
  readonly classes: number;
  readonly values: Float64Array;
  readonly labels: Float64Array;
}

/** log β is sought within this of log β₀, on a grid of this step: the probabilities are not that sharp in it. */
const reach = 4;
const step = 0.2;

const logScoreAt = ({ draws, classes, values, labels }: HeldOutValues, beta: number): number => {
  const n = labels.length;
  const logp = new Float64Array(classes);
  const own = new Float64Array(draws);
  return labels.reduce((sum, label, i) => {
    for (let s = 0; s < draws; s++) {
      logSoftmaxInto(values, (s * n + i) * classes, beta, classes, logp, 0);
      own[s] = logp[label] ?? NaN;
    }
    return sum + logSumExp(own) - Math.log(draws);
  }, 0);
};

/** β, from held-out values and the median β₀ of its prior, in steps. β₀ itself without any row. */
export function* inverseTemperatureOf(held: HeldOutValues, median: number): Work<number> {
  const grid = Array.from({ length: 2 * Math.round(reach / step) + 1 }, (_, i) => i * step - reach);
  const scores: number[] = [];
  for (const x of grid) {
    yield;
    scores.push(logScoreAt(held, median * Math.exp(x)) - x ** 2 / 2);
  }
  return median * Math.exp(at(grid, scores.indexOf(Math.max(...scores))));
}
