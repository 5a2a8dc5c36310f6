/**
 * The random strategy: batches drawn uniformly from all C(N, b) of them, the most informative of which is proposed. They
 * are other batches than the random ones beside the draws, from a key of their own.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { uniformSubset } from '../random/subset.js';
import { finite, type HostSampler, hostStrategy, noTarget } from './host.js';

/** The strategy. It fails with a NumericalFailure where a whitened feature is not finite. */
export const random = hostStrategy({
  takes: [],
  prepare: ({ scoredPool: { utility, scored } }, { batchSize }) =>
    pipe(
      finite('drawing at random', utility.empty.gains()),
      E.map(({ length }): HostSampler => ({
        draw: (key) => scored(uniformSubset(key, length, batchSize)),
        target: () => noTarget,
      })),
    ),
});
