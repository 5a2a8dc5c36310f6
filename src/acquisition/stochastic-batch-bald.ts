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
 * By another utility the gains are those of its proxy at κT (proxy.ts), and log w gains U(B) / T − JMI(B) / κT of the
 * proxy.
 *
 * Source: the softmax of Kirsch et al., Stochastic batch acquisition (2023, arXiv 2106.12059), on the conditional gains of
 * Kirsch, van Amersfoort and Gal, BatchBALD (2019). O(b N (D + b)) a draw.
 */
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
import { proxyScale } from './proxy.js';
import type { Work } from '../work.js';
import { finite, hostStrategy, inOneStep } from './host.js';
import type { StrategyOptions } from './strategy.js';
import { type ProposalContext, importanceEstimate, temperatureOf } from './summary.js';
import { utilityOfScored, type ScoredPool } from './scored-pool.js';

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

const drawFrom = (
  start: Conditioned,
  { utility, scored }: ScoredPool,
  batchSize: number,
  temperature: number,
  scale: number,
) =>
  function* (key: Key): Work<Weighted> {
    const { whitened } = start;
    let state = start;
    let logWeight = 0;
    const free = Array.from({ length: whitened.rows }, (_, n) => n);
    const indices: number[] = [];
    for (const [i, uniform] of uniforms(key, batchSize).entries()) {
      yield;
      const { place, logZ } = next(state, free, scale * temperature, uniform);
      const chosen = free.splice(place, 1);
      indices.push(...chosen);
      logWeight += logZ - Math.log(i + 1);
      // Nothing is drawn after the last.
      if (i + 1 < batchSize) state = chosen.reduce((before, n) => choose(n)(before), state);
    }
    const batch = scored(indices);
    if (utility.programmed === undefined) return { ...batch, logWeight };
    const guided = jointMutualInformation(whitened, indices) / scale;
    return { ...batch, logWeight: logWeight + (utilityOfScored(batch) - guided) / temperature };
  };

/**
 * log w (nats) of a batch in the order in which its points are given, at a temperature of U: of draws of the target in uniform
 * orders its mean is the EUBO of these draws.
 */
export const stochasticLogWeight = (
  context: ProposalContext,
  options: Pick<StrategyOptions, 'batchSize' | 'seed'>,
  temperature: number,
): ((order: readonly number[]) => number) => {
  const { utility } = context.scoredPool;
  const scale = proxyScale(context, options);
  const start = noneChosen(utility.proxyFeatures);
  return (order) => {
    let state = start;
    let logWeight = 0;
    order.forEach((n, i) => {
      const taken = new Set(state.chosen);
      const free = Array.from({ length: utility.points }, (_, m) => m).filter((m) => !taken.has(m));
      logWeight += next(state, free, scale * temperature, 0).logZ - Math.log(i + 1);
      if (i + 1 < order.length) state = choose(n)(state);
    });
    if (utility.programmed === undefined) return logWeight;
    const guided = jointMutualInformation(utility.proxyFeatures, order) / scale;
    return logWeight + (utility.value(order) - guided) / temperature;
  };
};

/**
 * The strategy. The temperature is that of temperature.ts if left out; fails with a NumericalFailure where a whitened
 * feature is not finite.
 */
export const stochasticBatchBald = hostStrategy({
  takes: ['temperature'],
  prepare: inOneStep((context, options) => {
    const { scoredPool } = context;
    const start = noneChosen(scoredPool.utility.proxyFeatures);
    const temperature = temperatureOf(context, options);
    const scale = proxyScale(context, options);
    finite('stochastic BatchBALD', start.variances);
    return {
      draw: drawFrom(start, scoredPool, options.batchSize, temperature, scale),
      target: (draws: readonly Weighted[]) => {
        const { elbo, logZ, effectiveSampleSize } = estimatesOf(draws.map(({ logWeight }) => logWeight));
        return {
          effectiveSampleSize,
          temperature,
          logPartition: importanceEstimate({ elbo, logZ, effectiveSampleSize }, draws.length),
        };
      },
    };
  }),
});
