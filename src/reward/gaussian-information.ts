/** The joint mutual information of a Gaussian surrogate as a utility: U(B) = ½ log det(I + Φ_B Φ_Bᵀ), in nats (exact.ts). */
import { type Matrix, rowsAt } from '../linear-algebra/matrix.js';
import { choose, type Conditioned, gains, jointMutualInformation, noneChosen } from './exact.js';
import { type Gram, gramOf } from './gram.js';
import { informationBatch } from './information-batch.js';
import type { PartialBatch, Utility } from './utility.js';

const partial = (state: Conditioned): PartialBatch => ({
  chosen: state.chosen,
  gains: () => gains(state),
  with: (n) => partial(choose(n)(state)),
});

const batchesOf = (whitened: Matrix): Utility['batchFrom'] => {
  let gram: Gram | undefined;
  return (members) => informationBatch((gram ??= gramOf(whitened)), members);
};

/** JMI of batches in nats by whitened features, N×D. */
export const gaussianInformation = (whitened: Matrix): Utility => ({
  points: whitened.rows,
  value: (batch) => jointMutualInformation(whitened, batch),
  empty: partial(noneChosen(whitened)),
  batchFrom: batchesOf(whitened),
  batchesWithin: (indices) => batchesOf(rowsAt(whitened, indices)),
  gainOperations: (size) => 50 + 6 * size,
  proxyFeatures: whitened,
});
