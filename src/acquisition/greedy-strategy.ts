/**
 * The greedy strategy: BatchBALD for regression (greedy.ts). Nothing in it is random, so all draws are one batch, that
 * which stands beside the draws of every other strategy.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { noneChosen } from '../reward/exact.js';
import { always, finite, hostStrategy, scoredBatch } from './host.js';

/** The strategy. It fails with a NumericalFailure where a whitened feature is not finite. */
export const greedy = hostStrategy({
  takes: [],
  prepare: ({ whitened }, _, beside) =>
    pipe(
      finite('greedy BatchBALD', noneChosen(whitened).variances),
      E.map(() => always(scoredBatch(whitened, beside.greedy.indices))),
    ),
});
