/** How models are shaped and trained where a caller does not say: found by measurement on the problems of spec/gflownet. */
import { modelOf, type Model } from './model.js';
import type { PolicyName } from './policies/index.js';
import { batchSizes, type Problem } from './problem.js';
import type { TeacherOptions } from './teacher.js';
import type { TrainingOptions } from './training-program.js';

/** Widths of the hidden layers. */
export const defaultHidden: Readonly<Record<PolicyName, number>> = { gain: 32, pointer: 32, deepSets: 32 };

/** The model of a policy on a problem: default width, f32, uniform backward policy, the problem's temperature alone. */
export const defaultModel = (policy: PolicyName, problem: Problem): Model => {
  const { whitened, batchSize } = problem;
  return modelOf({
    policy,
    hidden: defaultHidden[policy],
    poolSize: whitened.rows,
    features: whitened.columns,
    batchSize,
    smallestBatch: batchSizes(problem)[0],
    dtype: 'f32',
  });
};

/** What a teacher shows. */
export const defaultTeacher: TeacherOptions = { trajectories: 16, weight: 1, draws: 2048 };

/**
 * Training options of a policy. `gain` starts near its target, so it needs no exploration and bears a higher rate; the
 * others begin knowing nothing of the reward.
 */
export const defaultTraining = (policy: PolicyName): TrainingOptions => ({
  objective: 'logPartitionVariance',
  forwardLooking: true,
  iterations: 100,
  trajectories: 16,
  learningRate: policy === 'gain' ? 0.01 : 0.005,
  logZRate: 10,
  teacher: defaultTeacher,
  exploration: policy === 'gain' ? 0 : 0.1,
});
