/**
 * SoftmaxBALD: b points without replacement, each with probability ∝ exp(β gain(n)) of those left,
 * gain(n) = ½ log(1 + |φ_n|²) nats: the b largest of β gain(n) + Gumbel (top.ts). At β = 1 the draws are wide, as gains of
 * single points rarely differ by more than a few nats.
 *
 * Source: Kirsch, Farquhar, Atighehchian, Jesson, Branchaud-Charron and Gal, Stochastic batch acquisition (2023, arXiv
 * 2106.12059); β = 1 is their default.
 */
import { gumbelBald } from './gumbel-bald.js';

/** The strategy. It takes β as `coldness`, and fails with a NumericalFailure where a whitened feature is not finite. */
export const softmaxBald = gumbelBald('SoftmaxBALD', (gains) => gains);
