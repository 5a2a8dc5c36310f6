/**
 * The greedy strategy: BatchBALD by joint mutual information (greedy.ts). Nothing in it is random, so all draws are one
 * batch, that which stands beside the draws of every other strategy.
 */
import { always, finite, hostStrategy, inOneStep } from './host.js';

/** The strategy. It fails with a NumericalFailure where a whitened feature is not finite. */
export const greedy = hostStrategy({
  takes: [],
  prepare: inOneStep(({ scoredPool: { utility }, baselines }) => {
    finite('greedy BatchBALD', utility.empty.gains());
    return always(baselines.greedy);
  }),
});
