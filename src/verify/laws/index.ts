/** The laws of samplers: each takes anyone's sampler and gives a report. */
export {
  assertLaw,
  showReport,
  type Awaitable,
  type Batch,
  type BatchSampler,
  type LawReport,
  type Sampler,
} from './report.js';
export {
  permutationPermutes,
  seedDecides,
  validBatches,
  type ChanceOptions,
  type DrawOptions,
} from './batches.js';
export {
  frequenciesMatch,
  rewardedBatches,
  type FrequencyOptions,
  type FrequencyReport,
  type Rewarded,
} from './frequencies.js';
export {
  logPartitionConsistent,
  logProbabilitiesNormalised,
  logWeightsOf,
  type LogPartitionOptions,
} from './log-probabilities.js';
export { asProperty, type FastCheck } from './property.js';
