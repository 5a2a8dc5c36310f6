/**
 * Stochastic BatchBALD: the greedy rule as a distribution. Each next point is drawn with
 *
 *   P(n | s) = exp(gain(n | s) / T) / Z(s),    Z(s) = Σ_{m not in s} exp(gain(m | s) / T)
 *
 * so at a low T its batches are the greedy one, at a high T uniform ones. As gains add up to JMI, an order of B has
 * P_F = exp(JMI(B) / T) / Π_i Z(s_i), and with the uniform P_B = 1 / b! its weight towards the target exp(JMI / T) is
 *
 *   log w = Σ_i log Z(s_i) − log b!
 *
 * from which follow the same estimates as for a GFlowNet (gflownet/estimates.ts): this is the sampler that looks at no
 * later point and is not trained. All C(N, b) batches can be drawn, so log mean w tends to log Z.
 *
 * By another utility the gains are those of its guide at κT (guided.ts), and log w gains U(B) / T − JMI(B) / κT of the
 * guide.
 *
 * Source: the softmax of Kirsch et al., Stochastic batch acquisition (2023, arXiv 2106.12059), on the conditional gains of
 * Kirsch, van Amersfoort and Gal, BatchBALD (2019). O(b N (D + b)) a draw.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { estimatesOf } from '../gflownet/estimates.js';
import { firstAbove } from '../linear-algebra/cumulative.js';
import { type Key, uniforms } from '../random/key.js';
import {
  choose,
  type Conditioned,
  gainOf,
  jointMutualInformation,
  noneChosen,
  type ScoredBatch,
} from '../reward/exact.js';
import { guideScale } from './guided.js';
import { finite, type HostSampler, hostStrategy } from './host.js';
import { temperatureOf } from './summary.js';
import { importanceEstimate } from './summary.js';
import { utilityOfScored, type Worth } from './worth.js';

/** A batch, in the order drawn, and its log weight in nats. */
interface Weighted extends ScoredBatch {
  readonly logWeight: number;
}

/** A place among the free points, by a uniform number, and log Z(s) in nats. */
const next = (
  state: Conditioned,
  free: readonly number[],
  temperature: number,
  uniform: number,
): { readonly place: number; readonly logZ: number } => {
  const logits = Float64Array.from(free, (n) => gainOf(n, state) / temperature);
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let total = 0;
  const sums = logits.map((logit) => (total += Math.exp(logit - largest)));
  return { place: firstAbove(sums, 0, sums.length, uniform * total), logZ: largest + Math.log(total) };
};

const drawFrom =
  (start: Conditioned, { utility, scored }: Worth, batchSize: number, temperature: number, scale: number) =>
  (key: Key): Weighted => {
    const { whitened } = start;
    let state = start;
    let logWeight = 0;
    const free = Array.from({ length: whitened.rows }, (_, n) => n);
    const indices: number[] = [];
    uniforms(key, batchSize).forEach((uniform, i) => {
      const { place, logZ } = next(state, free, scale * temperature, uniform);
      const chosen = free.splice(place, 1);
      indices.push(...chosen);
      logWeight += logZ - Math.log(i + 1);
      // Nothing is drawn after the last.
      if (i + 1 < batchSize) state = chosen.reduce((before, n) => choose(n)(before), state);
    });
    const batch = scored(indices);
    if (utility.programmed === undefined) return { ...batch, logWeight };
    const guided = jointMutualInformation(whitened, indices) / scale;
    return { ...batch, logWeight: logWeight + (utilityOfScored(batch) - guided) / temperature };
  };

/**
 * The strategy. The temperature is that of temperature.ts if left out; fails with a NumericalFailure where a whitened
 * feature is not finite.
 */
export const stochasticBatchBald = hostStrategy({
  takes: ['temperature'],
  prepare: (asked, options) => {
    const { worth } = asked;
    const start = noneChosen(worth.utility.guide);
    const temperature = temperatureOf(asked, options);
    const scale = guideScale(asked, options);
    return pipe(
      finite('stochastic BatchBALD', start.variances),
      E.map((): HostSampler<Weighted> => ({
        draw: drawFrom(start, worth, options.batchSize, temperature, scale),
        target: (draws) => {
          const { elbo, logZ, effectiveSampleSize } = estimatesOf(draws.map(({ logWeight }) => logWeight));
          return {
            effectiveSampleSize,
            temperature,
            logPartition: importanceEstimate({ elbo, logZ, effectiveSampleSize }, draws.length),
          };
        },
      })),
    );
  },
});
