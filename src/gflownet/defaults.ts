/**
 * How models are shaped and trained where a caller does not say: found by measurement.
 *
 * On the pool of `batchgfn demo` (seed 0: 100 points, b = 10, T = 0.023, log Z = 235.8), 600 steps of 16 own trajectories and
 * 16 taught ones, effective sample size and EUBO − ELBO in nats: `gain` at a width of 32 and a rate of 0.005, 0.30 and 1.2;
 * with a weight of imitation that stays, 0.43 and 1.2, but twice the total variation on small pools; 8 and 8 trajectories,
 * 0.24 and 1.6; a width of 64, 1,000 steps at 0.003, 0.33 and 1.05. `pointer` at a width of 64, 1,000 steps at 0.003: 0.34
 * and 2.3; a rate of 0.01 is far worse (0.04 and 6.5). On concrete (20
 * labels, 1,010 points, T = 0.026), 600 steps of 8 and 8: `gain` at 0.002, 0.22 and 1.7; at 0.005, 0.35 and 1.3. Without a
 * teacher `gain` at 100 steps of 16 had 0.02 and 67 nats on the first of these. Fewer steps go far: on that pool `gain` has 0.23
 * and 2.0 nats after 100 of 16 and 16, for a sixth of the time; at a rate of 0.01 0.32 and 1.7, and Gibbs updates do the rest (src/acquisition).
 *
 * Who wants the policy itself nearer to the target trains it longer at a rate of 0.007, on more taught trajectories of more draws
 * (16,384). From 2,048 draws and as many certified ones (20 labels, b = 10, the default T) `gain` has an effective sample size and
 * EUBO − ELBO of 0.79 and 0.31 on the demo after 4,000 steps of 16 own and 48 taught ones (14 s on two threads), 0.61 and 0.79 on
 * energy after 2,800 (31 s), 0.46 and 1.03 on concrete after 2,300 (29 s), and of 8 and 40 ones at a width of 24 0.49 and 1.33 on
 * airfoil after 2,400 (30 s): one run each, and on airfoil the best of six settings (0.34 to 0.49 in 28 to 44 s). At a rate of
 * 0.01 600 steps leave EUBO − ELBO at 1.57 on the demo, at 0.005 at 1.09; as many of 32 and 32 or of 48 and 16 are no nearer. At
 * 100 steps 48 taught ones are no better than 16, and 0.01 is the better rate.
 */
import { modelOf, type Model } from './model.js';
import { policyOf, type PolicyName } from './policies/index.js';
import { batchSizes, type Problem } from './problem.js';
import type { TeacherOptions } from './teacher.js';
import type { TrainingOptions } from './training-program.js';

/** The model of a policy on a problem: default width if none is given, f32, uniform backward policy, the problem's temperature alone. */
export const defaultModel = (
  policy: PolicyName,
  problem: Problem,
  hidden = policyOf(policy).defaults.hidden,
): Model => {
  const { whitened, batchSize } = problem;
  return modelOf({
    policy,
    hidden,
    poolSize: whitened.rows,
    features: whitened.columns,
    batchSize,
    smallestBatch: batchSizes(problem)[0],
    dtype: 'f32',
  });
};

/** What a teacher shows. */
export const defaultTeacher: TeacherOptions = { trajectories: 16, weight: 1, draws: 4096 };

/** Training options of a policy. Nothing is explored: what the policy does not find its teacher shows. */
export const defaultTraining = (policy: PolicyName): TrainingOptions => ({
  objective: 'logPartitionVariance',
  forwardLooking: true,
  iterations: 100,
  trajectories: 16,
  learningRate: policyOf(policy).defaults.learningRate,
  logZRate: 10,
  exploration: 0,
  teacher: defaultTeacher,
});
