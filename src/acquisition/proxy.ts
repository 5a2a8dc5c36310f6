/**
 * Strategies that draw by conditional gains see the points of a utility's proxy (reward/utility.ts): the joint mutual
 * information of its features is like U, up to a scale. What is U in nats of the proxy?
 *
 *   κ = ( JMI of the proxy's greedy batch − that of random ones ) / ( U of the greedy batch − U of random ones )
 *
 * so that exp(JMI / κT) of the proxy is about as sharp as the target exp(U / T). 1 where U is the proxy's JMI, or where one of
 * the two does not tell batches apart.
 */
import type { Problem } from '../gflownet/problem.js';
import { gaussianInformation } from '../reward/gaussian-information.js';
import { scannedAtOnce } from '../reward/scan.js';
import { uniformSubset } from '../random/subset.js';
import { split } from '../random/key.js';
import { greedyIndices } from './greedy.js';
import type { StrategyOptions } from './strategy.js';
import { type ProposalContext, proposalKeys } from './summary.js';
import { utilityOfScored } from './scored-pool.js';

/** Random batches by which the proxy is scaled. */
const count = 64;

/** κ. */
export const proxyScale = (
  { scoredPool: { utility }, baselines: { greedy, random } }: ProposalContext,
  { batchSize, seed }: Pick<StrategyOptions, 'batchSize' | 'seed'>,
): number => {
  if (utility.programmed === undefined) return 1;
  const proxy = gaussianInformation(utility.proxyFeatures);
  const { random: key } = proposalKeys(seed);
  const atRandom = Array.from({ length: count }, (_, i) =>
    proxy.value(uniformSubset(split(key, i), utility.points, batchSize)),
  ).reduce((sum, x) => sum + x / count, 0);
  const best = proxy.value(scannedAtOnce(greedyIndices(proxy, batchSize)));
  const scale = (best - atRandom) / (utilityOfScored(greedy) - random.mean);
  return scale > 0 && Number.isFinite(scale) ? scale : 1;
};

/** The sampling problem at a temperature of U: its policy sees the proxy, and a temperature in the proxy's nats. */
export const proxyProblem = (
  context: ProposalContext,
  options: Pick<StrategyOptions, 'batchSize' | 'seed'>,
  temperature: number,
): Problem => {
  const { proxyFeatures: proxy, value: of, batchFrom, programmed } = context.scoredPool.utility;
  const { batchSize } = options;
  if (programmed === undefined) return { whitened: proxy, batchSize, temperature };
  const scale = proxyScale(context, options);
  return {
    ...{ whitened: proxy, batchSize, temperature: scale * temperature },
    utility: { value: of, batchFrom, programmed: programmed(batchSize), scale },
  };
};
