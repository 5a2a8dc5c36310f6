/**
 * BALD: the b points of largest gain by themselves, by Gaussian information gain(n) = ½ log(1 + |φ_n|²) nats, of equal ones
 * the first. What its points say twice it does not see. Nothing in it is random, so all draws are one batch.
 *
 * Source: Houlsby, Huszár, Ghahramani and Lengyel, Bayesian active learning for classification and preference learning
 * (2011, arXiv 1112.5745), for Gaussian outcomes; as a rule for batches, Kirsch, van Amersfoort and Gal, BatchBALD (2019).
 */
import { always, finite, hostStrategy, inOneStep } from './host.js';
import { top } from './top.js';

/** The strategy. It fails with a NumericalFailure where a whitened feature is not finite. */
export const bald = hostStrategy({
  takes: [],
  prepare: inOneStep(({ scoredPool: { utility, scored } }, { batchSize }) =>
    always(scored(top(batchSize, finite('BALD', utility.empty.gains())))),
  ),
});
