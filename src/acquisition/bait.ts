/**
 * BAIT's forward–backward greedy selection by the integrated predictive variance that a batch leaves: of 2b points, each the one that
 * leaves least, b are taken back, each the one whose loss is least. So an early point that later ones have made idle goes again. With P
 * and z_j of cross-covariances.ts, whose functionals are h_n = Rᵀ φ_n, G = R Rᵀ (predictive-variance.ts),
 *
 *   V(B) = tr(G A_B⁻¹),      V(B ∖ j) − V(B) = |z_j|² / P_jj
 *
 * On a Gaussian surrogate that is the paper's objective, tr((Σ_{n∈B} I_n)⁻¹ I), with Fisher matrices of a regression. Of class labels
 * it is that of their Gaussian approximation. Nothing in it is random, so all draws are one batch.
 *
 * Source: Ash, Goel, Krishnamurthy and Kakade, Gone fishing: neural active learning with Fisher embeddings (2021, arXiv 2106.09675),
 * algorithm 1.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { Matrix } from '../linear-algebra/matrix.js';
import { product, transpose } from '../linear-algebra/product.js';
import { dot } from '../linear-algebra/vector.js';
import { crossCovariances, lookAt } from '../reward/cross-covariances.js';
import { gramOf, priorVariancesOf } from '../reward/gram.js';
import { conditionalFactor } from '../reward/information-batch.js';
import { predictiveVariance } from '../reward/predictive-variance.js';
import { scannedAtOnce } from '../reward/scan.js';
import { integratedVariance } from '../reward/variance-left.js';
import type { Posterior } from '../surrogate/posterior.js';
import { greedyIndices } from './greedy.js';
import { always, finite, hostStrategy } from './host.js';

/** `size` of the points, each of the others the one without which V is least, of equal ones the first. */
const backward = (whitened: Matrix, points: readonly number[], size: number): readonly number[] => {
  const factor = conditionalFactor(gramOf(whitened), points);
  const cross = crossCovariances(product(whitened, transpose(integratedVariance(whitened, whitened).root)));
  while (factor.members.length > size) {
    let [idle, least] = [-1, Infinity];
    factor.members.forEach((n, position) => {
      const z = lookAt(cross, factor, position);
      const loss = dot(z, z) / factor.precision(position);
      if (loss < least || (loss === least && n < (factor.members[idle] ?? -1)))
        [idle, least] = [position, loss];
    });
    factor.remove(idle);
  }
  const kept = new Set(factor.members);
  return points.filter((n) => kept.has(n));
};

const chosen = (posterior: Posterior, batchSize: number): readonly number[] => {
  const { whitened } = posterior;
  const most = Math.min(2 * batchSize, whitened.rows);
  const forward = scannedAtOnce(greedyIndices(predictiveVariance().utilityFor(posterior), most));
  return backward(whitened, forward, batchSize);
};

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const bait = hostStrategy({
  takes: [],
  prepare: ({ scoredPool: { scored }, posterior }, { batchSize }) =>
    pipe(
      finite('BAIT', priorVariancesOf(posterior.whitened)),
      E.map(() => always(scored(chosen(posterior, batchSize)))),
    ),
});
