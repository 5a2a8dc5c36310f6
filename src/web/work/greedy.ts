/** Greedy's batch, which is loaded after the first picture. */
import { greedyBatch } from 'batchgfn';
import type { GreedySeen, ProblemSettings } from '../protocol.js';
import { posteriorAt } from './problem.js';

/** The batch that greedy BatchBALD takes. */
export const greedyOf = (settings: ProblemSettings): GreedySeen => {
  const { indices, jointMutualInformation } = greedyBatch(
    posteriorAt(settings, settings.pool),
    settings.batchSize,
  );
  return { indices, information: jointMutualInformation };
};
