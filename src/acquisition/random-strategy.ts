/**
 * The random strategy: batches drawn uniformly from all C(N, b) of them, the most informative of which is proposed. They
 * are other batches than the random ones beside the draws, from a key of their own.
 */
import { drawingBy, finite, hostStrategy, inOneStep } from './host.js';
import { randomScored } from './random.js';

/** The strategy. It fails with a NumericalFailure where a whitened feature is not finite. */
export const random = hostStrategy({
  takes: [],
  prepare: inOneStep(({ scoredPool }, { batchSize }) => {
    finite('drawing at random', scoredPool.utility.empty.gains());
    return drawingBy((key) => randomScored(scoredPool, batchSize, key));
  }),
});
