/**
 * What PowerBALD and SoftmaxBALD share: gains of points by themselves become logits, β times these with Gumbel noise are
 * ranked, and the first b are a batch (top.ts). O(N D) to prepare, O(N) a draw.
 */
import { drawingBy, finite, hostStrategy, inOneStep } from './host.js';
import type { Strategy } from './strategy.js';
import { gumbelTop, scaledLogits } from './top.js';

/** The strategy by its name for people and the logits at β = 1 of gains in nats (both N long; −∞ for never but last). */
export const gumbelBald = (name: string, logitsOf: (gains: Float64Array) => Float64Array): Strategy =>
  hostStrategy({
    takes: ['coldness'],
    prepare: inOneStep(({ scoredPool: { utility, scored } }, { batchSize, coldness = 1 }) => {
      const logits = scaledLogits(logitsOf(finite(name, utility.empty.gains())), coldness);
      return drawingBy((key) => scored(gumbelTop(key, batchSize, logits)));
    }),
  });
