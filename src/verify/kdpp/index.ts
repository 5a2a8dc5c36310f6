/** The k-DPP that the target is at T = ½: log Z, inclusion, flows, the optimal policy, and exact draws. */
export { kdppLogFlow, kdppLogPolicy } from './flows.js';
export { inclusionProbabilities, pairInclusionProbabilities } from './inclusion.js';
export { containing, kdpp, type Kdpp, kdppLogProbability, kdppLogZ } from './oracle.js';
export { kdppBatches, kdppSampler } from './sample.js';
