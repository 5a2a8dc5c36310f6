/**
 * The joint mutual information of batches of labels and the model, as an expression on any engine:
 *
 *   JMI(B) = I(y_B ; θ | x_B, D) = ½ log det(I + Φ_B Φ_Bᵀ)   in nats
 *
 * for a Gaussian surrogate with whitened features Φ (Kirsch, van Amersfoort and Gal 2019; Houlsby et al. 2011).
 */
import type { Tensor } from '../tensor/expression.js';
import { identity, logDeterminant } from '../tensor/derived/matrix.js';
import { add, gather, matmul, mul, transpose } from '../tensor/operations.js';

/** JMI of each batch in nats: features [N, D], batches u32 [S, b] → [S]. The points of a batch may repeat. */
export const jointMutualInformation = (features: Tensor, batches: Tensor): Tensor => {
  const points = gather(features, batches);
  const gram = matmul(points, transpose(points));
  const size = batches.shape[batches.shape.length - 1] ?? 1;
  return mul(0.5, logDeterminant(add(gram, identity(size, features.dtype))));
};
