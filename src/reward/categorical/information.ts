/**
 * The joint mutual information of class labels as the reward takes it: one fixed function of a batch, exact while the
 * C^b configurations of its labels are few enough to enumerate, and from configurations drawn once beyond
 * (exact.ts, sampled.ts).
 */
import type { CategoricalPosterior } from '../../surrogate/categorical-posterior.js';
import { enumerable, exactLabelInformation } from './exact.js';
import { type LabelInformation, type Likelihoods, likelihoodsOf } from './likelihoods.js';
import { type LabelSampling, sampledLabelInformation } from './sampled.js';

/** {@link labelInformation} from the probabilities of a posterior. */
export const informationOfLikelihoods =
  (likelihoods: Likelihoods, sampling: LabelSampling) =>
  (batch: readonly number[]): LabelInformation =>
    enumerable(likelihoods, batch.length)
      ? exactLabelInformation(likelihoods, batch)
      : sampledLabelInformation(likelihoods, sampling, batch);

/**
 * JMI, joint entropy and their standard error, nats, of any batch of pool indices. The same batch, in any order, always has
 * the same value. The function throws a RangeError for an index outside the pool.
 */
export const labelInformation = (
  posterior: CategoricalPosterior,
  sampling: LabelSampling,
): ((batch: readonly number[]) => LabelInformation) =>
  informationOfLikelihoods(likelihoodsOf(posterior), sampling);
