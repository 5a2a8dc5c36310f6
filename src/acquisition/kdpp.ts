/**
 * The k-DPP strategy: exact, independent draws at T = ½, where the target is a k-DPP (verify/kdpp/oracle.ts), and nothing is to
 * be trained. The most informative one drawn, or greedy's, is improved by exchanges and proposed. All of it is f64 on the host,
 * O(N D² + D³) to prepare; a draw hardly depends on N (verify/kdpp/sample.ts).
 *
 * Where U is not the JMI of whitened features (class labels, other rewards), the draws are from the k-DPP of its proxy
 * (reward/utility.ts), which is like exp(2 U) and not it: they have no target then.
 *
 * T = ½ suits a posterior where the information of a batch weighs as much as their number there, so that its draws
 * gather at good batches: see temperature.ts for the balance. Where ½ is far above it, draws are close to random ones,
 * and a lower temperature needs another strategy.
 */
import * as E from '#fp-ts/Either';
import { breakOff } from '../work.js';
import { kdppInSteps } from '../verify/kdpp/oracle.js';
import { samplersBySize } from '../verify/kdpp/sample.js';
import type { LogPartition } from './strategy.js';
import { hostStrategy, noTarget } from './host.js';

/** The temperature at which exp(JMI / T) is a determinant. */
const temperature = 0.5;

/** What is known of it. */
const exactLogPartition = (logZ: number): LogPartition => ({
  ...{ estimate: logZ, standardError: 0, method: 'exact', elbo: logZ, eubo: logZ },
});

/** The strategy. It fails with a NumericalFailure where a whitened feature is not finite. */
export const kdpp = hostStrategy({
  takes: [],
  temperature,
  improves: true,
  drawsOfRun: 256,
  prepare: function* ({ scoredPool: { utility, scored } }, { batchSize }) {
    const found = yield* kdppInSteps(utility.proxyFeatures, batchSize);
    const dpp = E.isLeft(found) ? breakOff(found.left) : found.right;
    const sampler = (yield* samplersBySize(dpp))(batchSize);
    return {
      draw: function* (key) {
        return scored(yield* sampler(key));
      },
      target: () =>
        utility.programmed === undefined
          ? { effectiveSampleSize: 1, temperature, logPartition: exactLogPartition(dpp.logZ) }
          : noTarget,
    };
  },
});
