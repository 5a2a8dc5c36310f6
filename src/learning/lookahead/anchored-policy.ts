/** What has a policy learned, and on which features? It reads whitened features by column, so it means nothing without them. */
import { forPool, type TrainedModel } from '../../gflownet/model-file.js';
import { type Matrix, rowsAt } from '../../linear-algebra/matrix.js';
import { categoricalAt, type CategoricalPosterior } from '../../surrogate/categorical-posterior.js';

/** A trained policy and the pool that it was trained on. */
export interface AnchoredPolicy {
  readonly trained: TrainedModel;
  /** Φ, N×D. */
  readonly whitened: Matrix;
  /** Of class labels: their probabilities, by which labels of hypothetical batches are drawn. */
  readonly classes?: CategoricalPosterior;
}

/** What was learned, of some of the points alone: those that are still in the pool. */
export const anchoredAt = (
  { trained, whitened, classes }: AnchoredPolicy,
  indices: readonly number[],
): AnchoredPolicy => ({
  trained: forPool(trained, indices.length),
  whitened: rowsAt(whitened, indices),
  ...(classes === undefined ? {} : { classes: categoricalAt(classes, indices) }),
});
