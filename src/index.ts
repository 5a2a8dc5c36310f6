/**
 * The library: everything that a program embedding batchgfn needs, without the command line. Nothing here touches Node
 * when it is imported; the WebGPU engine looks for a device only when it is opened. Exact answers and tests of samplers are
 * in verify/index.ts, `batchgfn/verify`; sessions and experiments in learning/index.ts, `batchgfn/learning`.
 */

// The language.
export type { DType, Shape, Tensor, TensorType, TypedArray } from './tensor/expression.js';
export * as tensor from './tensor/operations.js';
export { gradient, pullback } from './tensor/gradient.js';
export { program, withPrecision, type Program } from './tensor/program.js';
export { show, showDot, showProgram } from './tensor/show.js';
export { logSoftmax, logSumExp, mean, relu, sigmoid, softmax, softplus } from './tensor/derived/softmax.js';
export { dense, diagonal, identity, logDeterminant, oneHotMask, takeLast } from './tensor/derived/matrix.js';
export {
  randomBits,
  randomCategorical,
  randomGumbel,
  randomUniform,
  splitKey,
} from './tensor/derived/random.js';

// Machines.
export {
  cpuEngine,
  listAdapters,
  openEngine,
  webgpuEngine,
  withEngine,
  type AdapterDescription,
  type Compiling,
  type CpuOptions,
  type Counters,
  type Engine,
  type EngineChoice,
  type LoadedProgram,
  type RunRequest,
  type Values,
} from './engine/index.js';
export { showFailure, type Failure, type Fault } from './failure.js';
export { keyFromSeed, split, type Key } from './random/key.js';

// From labelled data to a posterior.
export type { Matrix } from './linear-algebra/matrix.js';
export { matrixFrom, matrixFromRows } from './linear-algebra/matrix.js';
export {
  bayesianLinearModelCodec,
  fitBayesianLinear,
  posteriorOver,
  type BayesianLinearModel,
  type BayesianLinearOptions,
} from './surrogate/bayesian-linear.js';
export { featureMapCodec, type FeatureMap } from './surrogate/feature-map.js';
export { conditionedOn } from './surrogate/gaussian-process.js';
export {
  fitGaussianProcess,
  gaussianProcessModelCodec,
  gaussianProcessOf,
  gaussianProcessPosterior,
  withLabels,
  type GaussianProcessFit,
  type GaussianProcessModel,
  type GaussianProcessOptions,
} from './surrogate/gaussian-process-fit.js';
export {
  fitGaussianProcessClasses,
  gaussianProcessClassesOf,
  type ClassPosteriorOver,
  type GaussianProcessClassesOptions,
} from './surrogate/gaussian-process-classes.js';
export {
  gaussianProcessClassesModelCodec,
  type GaussianProcessClassesModel,
} from './surrogate/gaussian-process-classes-model.js';
export {
  networkModelCodec,
  networkSpecCodec,
  type NetworkModel,
  type NetworkSpec,
} from './surrogate/network/model.js';
export { categoricalPosterior, type CategoricalPosterior } from './surrogate/categorical-posterior.js';
export {
  fitSurrogate,
  surrogateModelCodec,
  surrogateOf,
  surrogateSpecCodec,
  type FittedSurrogate,
  type SurrogateModel,
  type SurrogateSpec,
} from './surrogate/surrogate.js';
export { classPosterior } from './surrogate/class-posterior.js';
export {
  posteriorOfCovariance,
  posteriorOfDraws,
  posteriorOfProbabilities,
  type PredictedMoments,
  type PredictedNoise,
} from './surrogate/from-predictions.js';
export { matern52, maternProblem } from './surrogate/matern.js';
export type { Posterior } from './surrogate/posterior.js';

// The reward.
export { information, informationOfBatches } from './reward/information.js';
export { rewards, type RewardName } from './reward/index.js';
export { epig } from './reward/epig.js';
export { predictiveVariance } from './reward/predictive-variance.js';
export { reward, type OwnRewardOptions, type OwnTables } from './reward/programmed.js';
export type { MutableBatch } from './reward/mutable-batch.js';
export type { PartialBatch, ProgrammedUtility, Reward, Table, Utility } from './reward/utility.js';
export { jointMutualInformation, type ScoredBatch } from './reward/exact.js';
export { finiteLogProbabilities, labelInformationOf } from './reward/categorical/expression.js';
export { labelInformation } from './reward/categorical/information.js';
export type { LabelInformation } from './reward/categorical/likelihoods.js';
export type { LabelSampling } from './reward/categorical/sampled.js';

// Draws that follow the target at any temperature, without a policy.
export { annealed, type Annealed, type AnnealingOptions } from './gibbs/annealing.js';
export type { Certificate } from './gibbs/certificate.js';
export { certifiedDraws, type CertifiedDraws, type DrawOptions } from './gibbs/draws.js';
export { exchanged, type Exchanged } from './gibbs/exchange.js';
export type { BatchTarget } from './gibbs/target.js';
export { atOnce, inTurns, type Work, type WorkControl, type WorkProgress } from './work.js';

// The sampler.
export { defaultModel, defaultTraining } from './gflownet/defaults.js';
export { estimatesOf, type Estimates } from './gflownet/estimates.js';
export { modelOf, type Model, type ModelShape } from './gflownet/model.js';
export type { Objective } from './gflownet/objective.js';
export { objectives, type ObjectiveName } from './gflownet/objectives/index.js';
export { policies, type PolicyName } from './gflownet/policies/index.js';
export type { Policy } from './gflownet/policy.js';
export { bridgeEstimate, type LogPartitionEstimate } from './gflownet/bridge.js';
export { gibbsTargetOf, type Problem, type ProblemUtility } from './gflownet/problem.js';
export { metropolisHastings, resample, type Corrected } from './gflownet/correction.js';
export { decodeModel, encodeModel, forPool, type TrainedModel } from './gflownet/model-file.js';
export { drawOrders } from './gflownet/orders.js';
export { batchesOf, draw, type Draws } from './gflownet/sample.js';
export { startTraining } from './gflownet/start.js';
export { train, type TrainingControl, type TrainingProgress, type TrainingState } from './gflownet/train.js';
export type { TeacherOptions } from './gflownet/teacher.js';
export type { ReplayOptions } from './gflownet/replay.js';
export type { TrainingOptions } from './gflownet/training-program.js';

// Choosing a batch.
export { proposeBatch, strategies, type AcquisitionName, type ProposalOptions } from './acquisition/index.js';
export type { LogPartition, Progress, Proposal, Strategy, StrategyOptions } from './acquisition/strategy.js';
export { candidateIndices, posteriorAt, type CandidateOptions } from './acquisition/candidates.js';
export { greedyBatch } from './acquisition/greedy.js';
export { greedyCategoricalBatch, type CategoricalBatch } from './acquisition/greedy-categorical.js';
export { randomBatches } from './acquisition/random.js';
export { defaultTemperature } from './acquisition/temperature.js';
