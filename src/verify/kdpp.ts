/**
 * The k-DPP oracle. At T = ½ the reward of a batch is det(I + Φ_B Φ_Bᵀ), so the target over batches of size b is the
 * k-DPP with L = I + Φ Φᵀ (Kulesza and Taskar 2012, arXiv 1207.6083, section 5), whose partition function is
 * Z = e_b(λ(L)), exactly, at any size of the pool. With the spectrum μ of ΦᵀΦ (D×D) it is
 *
 *   Z = Σ_j e_j(μ) C(N − j, b − j)
 *
 * for a batch is chosen by j of the directions and b − j of the N − j points that are left.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Failure } from '../failure.js';
import { logBinomial } from '../gflownet/exact/subsets.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { columnGram } from '../linear-algebra/product.js';
import { symmetricEigenvalues } from '../linear-algebra/symmetric-eigen.js';
import { logElementarySymmetric } from './elementary-symmetric.js';

/**
 * log Z in nats of batches of `batchSize` under exp(JMI / ½), from whitened features N×D. Costs O(N D² + D³). Fails
 * with a NumericalFailure where a feature is not finite.
 */
export const kdppLogZ = (whitened: Matrix, batchSize: number): E.Either<Failure, number> =>
  pipe(
    symmetricEigenvalues(columnGram(whitened)),
    E.map((eigenvalues) => {
      const logs = logElementarySymmetric(
        eigenvalues.map((mu) => (mu > 0 ? Math.log(mu) : -Infinity)),
        batchSize,
      );
      const terms = Array.from(logs, (log, j) => log + logBinomial(whitened.rows - j, batchSize - j));
      const largest = Math.max(...terms);
      return largest + Math.log(terms.reduce((total, term) => total + Math.exp(term - largest), 0));
    }),
  );
