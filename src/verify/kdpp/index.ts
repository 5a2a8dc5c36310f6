/** The k-DPP that the target is at T = ½, of one size or of several: log Z, inclusion, flows, the optimal policy, exact draws. */
export { kdppLogFlow, kdppLogPolicy } from './flows.js';
export { inclusionProbabilities, pairInclusionProbabilities } from './inclusion.js';
export { kdppBatchSampler, sizedKdppBatchSampler } from './batch-sampler.js';
export { containing, kdpp, type Kdpp, kdppLogProbability, kdppLogZ, ofSize } from './oracle.js';
export { kdppBatches, kdppSampler } from './sample.js';
export {
  sizedKdpp,
  type SizedKdpp,
  sizedKdppInclusion,
  sizedKdppLogProbability,
  sizedKdppSampler,
} from './sized.js';
