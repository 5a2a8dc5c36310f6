/**
 * The joint mutual information of class labels as a utility: exact while the C^b configurations of a batch's labels can be
 * enumerated, from configurations drawn once beyond (information.ts); on the host and in programs the same function.
 */
import type { CategoricalPosterior } from '../../surrogate/categorical-posterior.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import { dotRange } from '../../linear-algebra/vector.js';
import { keyFromSeed } from '../../random/key.js';
import { batchFromSource } from '../mutable-batch.js';
import { scannedAtOnce, type Scans } from '../scan.js';
import type { PartialBatch, Utility } from '../utility.js';
import { chooseLabel, enumerable, gainOfLabel, type EnumeratedLabels, noLabels } from './exact.js';
import { finiteLogProbabilities, labelInformationOf } from './expression.js';
import { informationOfLikelihoods } from './information.js';
import { addedEntropies } from './joint-entropies.js';
import { labelUtilities } from './label-utilities.js';
import { type Likelihoods, likelihoodsOf } from './likelihoods.js';
import {
  chooseSampledLabel,
  type LabelSampling,
  samplesOf,
  noSampledLabels,
  sampledGain,
  type SampledLabels,
} from './sampled.js';
import { missing, sampledInformationOf, samplingTables } from './sampled-expression.js';

/** Where configurations are drawn from if nobody says: the reward is then a function of the posterior alone. */
const usual: LabelSampling = { key: keyFromSeed(0) };

/** Products from which on a step's gains are those of {@link addedEntropies}, in f32. */
const large = 2 ** 24;

/** Whether the gains of all points, for so many rows of weights, are such a step. */
const isLarge = ({ points, classes, draws }: Likelihoods, rows: number): boolean =>
  points * classes * draws * rows > large;

/** gain(n | s) of all points, nats. */
function* sampledGains(state: SampledLabels): Scans<Float64Array> {
  const { likelihoods, weights, gained } = state;
  const { points, draws, drawEntropies } = likelihoods;
  const samples = gained.length;
  if (!isLarge(likelihoods, samples))
    return Float64Array.from({ length: points }, (_, n) => sampledGain(state, n));
  const mean = new Float64Array(draws);
  weights.forEach((w, k) => {
    mean[k % draws] = (mean[k % draws] ?? NaN) + w / samples;
  });
  const entropies = yield* addedEntropies(likelihoods, weights);
  return entropies.map(
    (entropy, n) => entropy / samples - dotRange(mean, 0, drawEntropies, n * draws, draws),
  );
}

const partialBySample = (points: number, state: SampledLabels): PartialBatch => ({
  chosen: state.chosen,
  gains: () => scannedAtOnce(sampledGains(state)),
  gainScans: () => sampledGains(state),
  with: (n) => partialBySample(points, chooseSampledLabel(state, n)),
});

/** gain(n | s) of all points, nats. */
function* enumeratedGains(state: EnumeratedLabels): Scans<Float64Array> {
  const { likelihoods, joint, jointEntropy } = state;
  const { points, draws, entropies } = likelihoods;
  if (!isLarge(likelihoods, joint.length / draws))
    return Float64Array.from({ length: points }, (_, n) => gainOfLabel(state, n));
  const weights = joint.map((p) => p / draws);
  const added = yield* addedEntropies(likelihoods, weights);
  return added.map((entropy, n) => entropy - jointEntropy - (entropies[n] ?? NaN));
}

/** Exact as long as it can be: the next point must be enumerable with those chosen. */
const partialByEnumeration = (
  points: number,
  state: EnumeratedLabels,
  sampling: LabelSampling,
): PartialBatch => {
  const { likelihoods, chosen } = state;
  if (!enumerable(likelihoods, chosen.length + 1))
    return partialBySample(points, chosen.reduce(chooseSampledLabel, noSampledLabels(likelihoods, sampling)));
  return {
    chosen,
    gains: () => scannedAtOnce(enumeratedGains(state)),
    gainScans: () => enumeratedGains(state),
    with: (n) => partialByEnumeration(points, chooseLabel(state, n), sampling),
  };
};

/**
 * JMI of class labels in nats, the points seen by policies as `proxy` (N×D). Gains of growing batches are exact while they
 * can be and sampled beyond, so that with sampling they add up to JMI but for its error; of large pools they come in f32.
 */
export const labelUtility = (
  posterior: CategoricalPosterior,
  proxy: Matrix,
  sampling: LabelSampling = usual,
): Utility => {
  const likelihoods = likelihoodsOf(posterior);
  const { draws, points, classes } = posterior;
  const of = informationOfLikelihoods(likelihoods, sampling);
  const own = (batch: readonly number[]): number => of(batch).jointMutualInformation;
  const empty = partialByEnumeration(points, noLabels(likelihoods), sampling);
  const source = labelUtilities(likelihoods, sampling, own);
  const all = Array.from({ length: points }, (_, n) => n);
  return {
    points,
    value: own,
    empty,
    batchFrom: (members) => batchFromSource(all, source(), members),
    batchesWithin: (indices) => (members) => batchFromSource(indices, source(), members),
    // The probabilities of the labels of all draws under each configuration of the others.
    gainOperations: (size) =>
      draws *
      classes *
      (enumerable(likelihoods, size) ? classes ** (size - 1) : size * samplesOf(likelihoods, sampling)),
    proxyFeatures: proxy,
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
            value: ({ logProbabilities = missing('logProbabilities') }, batches) =>
              labelInformationOf(logProbabilities, batches),
          }
        : { tables: samplingTables(likelihoods, sampling), value: sampledInformationOf },
  };
};
