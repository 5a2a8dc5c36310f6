/**
 * Power-margin: b points without replacement, each with probability ∝ (1 − margin)^β of those left, the margin that by which the most
 * probable class leads (label-uncertainty.ts): the b largest of β log(1 − margin) + Gumbel (top.ts). The chance stands for what the
 * first labels of a batch would change about the others, as in power-bald.ts. Points without doubt come last, in random order.
 *
 * Source: Kirsch, Farquhar, Atighehchian, Jesson, Branchaud-Charron and Gal, Stochastic batch acquisition (2023, arXiv 2106.12059);
 * β = 1 is their default.
 */
import { drawingBy, hostStrategy, inOneStep } from './host.js';
import { margins, predicted } from './label-uncertainty.js';
import { gumbelTop, scaledLogits } from './top.js';

/** The strategy. It takes β as `coldness`, and fails with an InputFailure on a posterior of numbers. */
export const powerMargin = hostStrategy({
  takes: ['coldness'],
  ofClasses: true,
  prepare: inOneStep(({ scoredPool: { scored }, posterior: { classes } }, { batchSize, coldness = 1 }) => {
    const doubts = margins(...predicted('powerMargin', classes));
    const logits = scaledLogits(
      doubts.map((margin) => Math.log(Math.max(0, 1 - margin))),
      coldness,
    );
    return drawingBy((key) => scored(gumbelTop(key, batchSize, logits)));
  }),
});
