/**
 * PowerBALD: b points without replacement, each with probability ∝ gain(n)^β of those left, gain(n) = ½ log(1 + |φ_n|²)
 * nats: the b largest of β log gain(n) + Gumbel (top.ts). The chance stands for what the first labels of a batch would
 * change about the gains of the others. A power has no unit: pools whose gains differ by a factor are drawn from alike.
 * Points of no gain come last, in random order.
 *
 * Source: Kirsch, Farquhar, Atighehchian, Jesson, Branchaud-Charron and Gal, Stochastic batch acquisition (2023, arXiv
 * 2106.12059); β = 1 is their default.
 */
import { gumbelBald } from './gumbel-bald.js';

/** The strategy. It takes β as `coldness`, and fails with a NumericalFailure where a whitened feature is not finite. */
export const powerBald = gumbelBald('PowerBALD', (gains) => gains.map(Math.log));
