/**
 * `batchgfn/verify`: tests of samplers, for anyone's. Nothing here touches a device, a file or another package when it
 * is imported.
 */
export * from './laws/index.js';
export { jensenShannon, kullbackLeibler, l1Distance, totalVariation } from './divergence.js';
export {
  chiSquareTest,
  gatherSmallCells,
  gTest,
  perfectSamplerTotalVariation,
  twoSampleTest,
  type PoolingOptions,
  type TestResult,
} from './goodness-of-fit.js';
export { inclusionTest, twoSampleInclusionTest, type InclusionOptions } from './inclusion-test.js';
export { averageRanks, spearman } from './rank-correlation.js';
export { chiSquareSurvival, logGamma, lowerGamma, normalSurvival, upperGamma } from './special-functions.js';
export * from './kdpp/index.js';
export { batchOrder, type BatchOrder, type BatchSizes } from '../gflownet/exact/batch-order.js';
export { exactDistribution } from '../gflownet/exact/policy.js';
export { subsetsOf } from '../gflownet/exact/subsets.js';
export { exactTarget, type Target } from '../gflownet/exact/target.js';
export { estimatedLogProbabilities, exactLogProbabilities } from '../gflownet/set-probability.js';
export type { Certificate } from '../gibbs/certificate.js';
export type { WorkControl, WorkProgress } from '../work.js';
export { coupledPair, type CoupledBatches, type CoupledPair } from './coupled-pair.js';
export { meanOverChains, type MonteCarlo } from './monte-carlo.js';
export {
  answerKind,
  answerOf,
  targetDraws,
  type AnswerKind,
  type AnswerOptions,
  type TargetAnswer,
  type TargetDraws,
  type Uncertified,
} from './target-answer.js';
export { euboOf } from './eubo.js';
export { forgettingTime, correctedDraws, type CorrectedDraws, type Reference } from './corrected.js';
export { logProbabilitiesOf, trainedBatchSampler, type Trained } from './trained.js';
export { answerFor, type VerificationControl, type VerificationOptions } from './training.js';
export { verifyProblem, type LogZ, type Verification, type VerificationTrace } from './verification.js';
