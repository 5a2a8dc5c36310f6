/**
 * Strategies that draw by conditional gains see the points of a utility's guide (reward/utility.ts): the joint mutual
 * information of its features is like U, up to a scale. What is U in nats of the guide?
 *
 *   κ = ( JMI of the guide's greedy batch − that of random ones ) / ( U of the greedy batch − U of random ones )
 *
 * so that exp(JMI / κT) of the guide is about as sharp as the target exp(U / T). 1 where U is the guide's JMI, or where one of
 * the two does not tell batches apart.
 */
import type { Problem } from '../gflownet/problem.js';
import { gaussianInformation } from '../reward/information.js';
import { uniformSubset } from '../random/subset.js';
import { split } from '../random/key.js';
import { greedyIndices } from './greedy.js';
import type { StrategyOptions } from './strategy.js';
import { type Asked, proposalKeys } from './summary.js';
import { utilityOfScored } from './worth.js';

/** Random batches by which the guide is scaled. */
const count = 64;

/** κ. */
export const guideScale = (
  { worth: { utility }, beside: { greedy, random } }: Asked,
  { batchSize, seed }: Pick<StrategyOptions, 'batchSize' | 'seed'>,
): number => {
  if (utility.programmed === undefined) return 1;
  const guide = gaussianInformation(utility.guide);
  const { random: key } = proposalKeys(seed);
  const atRandom = Array.from({ length: count }, (_, i) =>
    guide.of(uniformSubset(split(key, i), utility.points, batchSize)),
  ).reduce((sum, x) => sum + x / count, 0);
  const scale =
    (guide.of(greedyIndices(guide, batchSize)) - atRandom) / (utilityOfScored(greedy) - random.mean);
  return scale > 0 && Number.isFinite(scale) ? scale : 1;
};

/** The sampling problem at a temperature of U: its policy sees the guide, and a temperature in the guide's nats. */
export const guidedProblem = (
  asked: Asked,
  options: Pick<StrategyOptions, 'batchSize' | 'seed'>,
  temperature: number,
): Problem => {
  const { guide, of, batchFrom, programmed } = asked.worth.utility;
  const { batchSize } = options;
  if (programmed === undefined) return { whitened: guide, batchSize, temperature };
  const scale = guideScale(asked, options);
  return {
    ...{ whitened: guide, batchSize, temperature: scale * temperature },
    utility: { of, batchFrom, programmed: programmed(batchSize), scale },
  };
};
