/**
 * The joint mutual information of class labels as a utility: exact while the C^b configurations of a batch's labels can be
 * enumerated, from configurations drawn once beyond (information.ts); on the host and in programs the same function.
 */
import type { CategoricalPosterior } from '../../surrogate/categorical-posterior.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import { keyFromSeed } from '../../random/key.js';
import type { Growing, Utility } from '../utility.js';
import { chooseLabel, enumerable, gainOfLabel, type GrowingLabels, noLabels } from './exact.js';
import { finiteLogProbabilities, labelInformationOf } from './expression.js';
import { labelInformation } from './information.js';
import { likelihoodsOf } from './likelihoods.js';
import {
  chooseSampledLabel,
  type LabelSampling,
  noSampledLabels,
  sampledGain,
  type SampledLabels,
} from './sampled.js';
import { sampledInformationOf, samplingTables } from './sampled-expression.js';

const missing = (name: string): never => {
  throw new RangeError(`labelUtility: the table ${name} is missing`);
};

/** Where configurations are drawn from if nobody says: the reward is then a function of the posterior alone. */
const usual: LabelSampling = { key: keyFromSeed(0) };

const growingBySample = (points: number, state: SampledLabels): Growing => ({
  chosen: state.chosen,
  gains: () => Float64Array.from({ length: points }, (_, n) => sampledGain(state, n)),
  with: (n) => growingBySample(points, chooseSampledLabel(state, n)),
});

/** Exact as long as it can be: the next point must be enumerable with those chosen. */
const growingByEnumeration = (points: number, state: GrowingLabels, sampling: LabelSampling): Growing => {
  const { likelihoods, chosen } = state;
  if (!enumerable(likelihoods, chosen.length + 1))
    return growingBySample(points, chosen.reduce(chooseSampledLabel, noSampledLabels(likelihoods, sampling)));
  return {
    chosen,
    gains: () => Float64Array.from({ length: points }, (_, n) => gainOfLabel(state, n)),
    with: (n) => growingByEnumeration(points, chooseLabel(state, n), sampling),
  };
};

/**
 * JMI of class labels in nats, the points seen by policies as `guide` (N×D). Gains of growing batches are exact while they
 * can be and sampled beyond, so that with sampling they add up to JMI but for its error.
 */
export const labelUtility = (
  posterior: CategoricalPosterior,
  guide: Matrix,
  sampling: LabelSampling = usual,
): Utility => {
  const likelihoods = likelihoodsOf(posterior);
  const { draws, points, classes } = posterior;
  const of = labelInformation(posterior, sampling);
  return {
    points,
    of: (batch) => of(batch).jointMutualInformation,
    empty: growingByEnumeration(points, noLabels(likelihoods), sampling),
    guide,
    programmed: (size) =>
      enumerable(likelihoods, size)
        ? {
            tables: {
              logProbabilities: {
                shape: [draws, points, classes],
                dtype: 'f32',
                values: finiteLogProbabilities(posterior),
              },
            },
            of: ({ logProbabilities = missing('logProbabilities') }, batches) =>
              labelInformationOf(logProbabilities, batches),
          }
        : { tables: samplingTables(likelihoods, sampling), of: sampledInformationOf },
  };
};
