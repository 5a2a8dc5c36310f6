/** What has a policy learned, and on which features? It reads whitened features by column, so it means nothing without them. */
import { forPool, type TrainedModel } from '../../gflownet/model-file.js';
import { isRecord, membersOf, requireMatrix, wrongArgument } from '../../misuse.js';
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

/** Throws a TypeError unless a value is such a policy by its form. */
export const requireAnchored = (where: string, learned: unknown): void => {
  const { trained, whitened } = membersOf(where, 'learned', learned, '{ trained, whitened }');
  const { model, parameters } = membersOf(where, 'learned.trained', trained, '{ model, parameters }');
  if (!isRecord(model) || !isRecord(model['shape']))
    throw wrongArgument(where, 'learned.trained.model', model, 'what modelOf or defaultModel gives');
  if (!ArrayBuffer.isView(parameters))
    throw wrongArgument(where, 'learned.trained.parameters', parameters, 'a Float32Array or Float64Array');
  requireMatrix(where, 'learned.whitened', whitened);
};

/** What was learned, of some of the points alone: those that are still in the pool. */
export const anchoredAt = (
  { trained, whitened, classes }: AnchoredPolicy,
  indices: readonly number[],
): AnchoredPolicy => ({
  trained: forPool(trained, indices.length),
  whitened: rowsAt(whitened, indices),
  ...(classes === undefined ? {} : { classes: categoricalAt(classes, indices) }),
});
