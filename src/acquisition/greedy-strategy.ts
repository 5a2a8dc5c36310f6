/**
 * The greedy strategy: BatchBALD by joint mutual information (greedy.ts). Nothing in it is random, so all draws are one
 * batch, that which stands beside the draws of every other strategy.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { always, finite, hostStrategy } from './host.js';

/** The strategy. It fails with a NumericalFailure where a whitened feature is not finite. */
export const greedy = hostStrategy({
  takes: [],
  prepare: ({ scoredPool: { utility }, baselines }) =>
    pipe(
      finite('greedy BatchBALD', utility.empty.gains()),
      E.map(() => always(baselines.greedy)),
    ),
});
