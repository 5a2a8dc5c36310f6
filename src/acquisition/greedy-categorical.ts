/**
 * Greedy BatchBALD for class labels, with what the labels of the batch tell: greedy.ts on the utility of class labels, exact
 * while the configurations of their labels can be enumerated, sampled beyond.
 *
 * Source: Kirsch, van Amersfoort and Gal, BatchBALD (2019), algorithm 1. O(b N S C^b) while exact, O(b N M S C) beyond, M
 * the number of configurations.
 */
import { labelInformation } from '../reward/categorical/information.js';
import type { LabelInformation } from '../reward/categorical/likelihoods.js';
import type { LabelSampling } from '../reward/categorical/sampled.js';
import { scannedAtOnce } from '../reward/scan.js';
import { labelUtility } from '../reward/categorical/utility.js';
import type { CategoricalPosterior } from '../surrogate/categorical-posterior.js';
import { greedyIndices } from './greedy.js';

/** A batch of pool indices (0-based) and what its labels tell, as the reward has it (labelInformation). */
export interface CategoricalBatch extends LabelInformation {
  readonly indices: readonly number[];
}

/**
 * b pool indices in the order chosen, all different and none of them in `without` (different points of the pool), and
 * what their labels tell. Throws a RangeError for a batch size that is not a whole number from 0 to the points left.
 */
export const greedyCategoricalBatch = (
  posterior: CategoricalPosterior,
  batchSize: number,
  sampling: LabelSampling,
  without: readonly number[] = [],
): CategoricalBatch => {
  // No policy looks at the points here.
  const unseen = { rows: posterior.points, columns: 0, data: new Float64Array(0) };
  const utility = labelUtility(posterior, unseen, sampling);
  const indices = scannedAtOnce(greedyIndices(utility, batchSize, without, 'greedyCategoricalBatch'));
  return { indices, ...labelInformation(posterior, sampling)(indices) };
};
