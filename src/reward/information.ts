/**
 * The reward of BatchGFN: the joint mutual information of a batch's labels and the model's parameters,
 *
 *   U(B) = I(y_B ; θ | x_B, D)   in nats
 *
 * of a Gaussian surrogate by its whitened features (exact.ts), of class labels by their probabilities under parameter draws
 * (categorical/utility.ts).
 */
import { matrixFrom } from '../linear-algebra/matrix.js';
import { identity, logDeterminant } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import { add, gather, matmul, mul, transpose } from '../tensor/operations.js';
import { labelUtility } from './categorical/utility.js';
import { gaussianInformation } from './gaussian-information.js';
import type { Reward } from './utility.js';

/**
 * The joint mutual information of a Gaussian surrogate as an expression on any engine, of each batch, in nats: whitened features [N, D],
 * batches u32 [S, b] → [S]. The points of a batch may repeat.
 */
export const informationOfBatches = (features: Tensor, batches: Tensor): Tensor => {
  const points = gather(features, batches);
  const gram = matmul(points, transpose(points));
  const size = batches.shape[batches.shape.length - 1] ?? 1;
  return mul(0.5, logDeterminant(add(gram, identity(size, features.dtype))));
};

/** Joint mutual information, in nats: what strategies go by where nothing else is said. */
export const information: Reward = {
  name: 'information',
  unit: 'nats',
  utilityFor: ({ whitened, classes }) =>
    classes === undefined
      ? gaussianInformation(whitened)
      : // Labels tell nothing of parameters that are known.
        classes.draws === 1
        ? gaussianInformation(matrixFrom(whitened.rows, 1, () => 0))
        : labelUtility(classes, whitened),
};
