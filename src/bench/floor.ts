/**
 * What must one iteration of training cost at least? Operations and bytes of its stages, for the policy `gain` and the
 * objective `logPartitionVariance`, as formulas in the sizes
 *
 *   N points of the pool     D features of a point     H width of the hidden layers     b points a batch     S trajectories
 *
 * Operations are those of the products of matrices, two a multiply-add (floating-point operations). Bytes are those of f32
 * numbers that must come from memory or go there if each stage reads each of its operands once and writes each of its results
 * once, everything elementwise being done on the way: logits, softmax, random numbers and masks cost no bytes of their own. A
 * stage is bound by whichever takes longer (the roofline of Williams, Waterman and Patterson 2009),
 *
 *   floor = Σ over stages of max( operations / rate of products, bytes / rate of a copy )
 *
 * The stages, operations first, with A = 2S ((H + 1) H + H² + H (H + 3)) for the query of S states:
 *
 *   embedding    once: two hidden layers and keys of all points (src/gflownet/policies/embedding.ts)
 *                2NDH + 4NH²                      ND in; hidden and keys out: 3NH
 *                of few points what members add too: 2NH² more, NH more out
 *   rollout      b steps: query, query · keys (`logits`)
 *                b (A + 2SHN)                     a step: keys and the S·N variances in, the S·N logits out
 *                of many points b − 1 times the embedding of S members (`members`) too
 *                2S (b − 1)(DH + 2H²)
 *   reward       b − 1 steps that anything follows (src/reward/conditional-variance.ts)
 *                few points: the shares of the k points before in the next, from the second step on
 *                SN (b − 1)(b − 2)                a step: rows of K, shares and variances in, a share and variances out
 *                many points: the direction · features
 *                (b − 1) 2SDN + 2SDb (b − 1)      a step: features and variances in, variances out; the second term takes
 *                                                 the parts of the j points before out of the j-th, twice a product of S·j·D
 *   scored pass  the variance of S estimates of log Z; without products
 *                0                                three numbers a step in: 3Sb
 *   gradient     b steps: the slope of S·N logits against keys and queries, then back through the embedding of points and the
 *                sums of members (src/gflownet/policy-gradient.ts)
 *                b (4SHN + 2A) + 8NH² + 2NDH + 2Sb²H
 *                                                 a step: logits, variances and keys in, the keys' slope in and out; then
 *                                                 features, hidden and the slope of keys in
 *                through what members add, of few points and of many: 4NH², 4Sb (DH + 2H²)
 *                where S·b·N is beyond 2^24, the queries and rewards of the steps after the first once more, and the
 *                hidden layers of all points:
 *                (b − 1) A + the rewards + 2NDH + 2NH²
 *   optimiser    Adam on P parameters; without products
 *                0                                parameters, slope and two moments in, three out: 7P
 *
 * They hold for b ≥ 2: a single point's aggregate is of no use, and nothing of it is computed. spec/bench/floor.spec.ts
 * counts the products of the program that is really run.
 */
import { modelOf } from '../gflownet/model.js';
import { isLarge } from '../gflownet/policy-gradient.js';
import { hasFewPoints } from '../reward/conditional-variance.js';

/** The sizes that a cost depends on. */
export interface TrainingSizes {
  /** N. */
  readonly poolSize: number;
  /** b. */
  readonly batchSize: number;
  /** D. */
  readonly features: number;
  /** H. */
  readonly hidden: number;
  /** S. */
  readonly trajectories: number;
}

/** What a stage of an iteration costs at least. */
export interface StageCost {
  readonly stage: 'embedding' | 'rollout' | 'reward' | 'scored pass' | 'gradient' | 'optimiser';
  /** Floating-point operations in products of matrices. */
  readonly operations: number;
  /** Bytes read and written. */
  readonly bytes: number;
}

/** The stages of an iteration, in order. */
export const stageCosts = (sizes: TrainingSizes): readonly StageCost[] => {
  const { poolSize: n, batchSize: b, features: d, hidden: h, trajectories: s } = sizes;
  const { size: parameters } = modelOf({ policy: 'gain', dtype: 'f32', ...sizes });
  const query = 2 * s * ((h + 1) * h + h * h + h * (h + 3));
  const keys = n * h;
  const member = 2 * s * (d * h + 2 * h * h);
  const choosing = query + 2 * s * h * n;
  const choosingBytes = keys + 2 * s * n;
  const few = hasFewPoints(n);
  const [shares, directions] = [s * n * (b - 1) * (b - 2), (b - 1) * 2 * s * d * n];
  const joiningBytes = few ? 4 * s * n + (s * n * (b - 2)) / 2 : n * d + 2 * s * n;
  const again = isLarge(n, b, s) ? 1 : 0;
  const rewardsAgain = few ? shares : directions + 2 * s * d * (b - 1) * (b - 2);
  return [
    {
      stage: 'embedding',
      operations: 2 * n * d * h + (few ? 6 : 4) * n * h * h,
      bytes: 4 * (n * d + (few ? 4 : 3) * n * h),
    },
    {
      stage: 'rollout',
      operations: b * choosing + (few ? 0 : (b - 1) * member),
      bytes: 4 * b * choosingBytes,
    },
    {
      stage: 'reward',
      operations: few ? shares : directions + 2 * s * d * b * (b - 1),
      bytes: 4 * (b - 1) * joiningBytes,
    },
    { stage: 'scored pass', operations: 0, bytes: 4 * 3 * s * b },
    {
      stage: 'gradient',
      operations:
        b * (4 * s * h * n + 2 * query) +
        (8 * n * h * h + 2 * n * d * h + 2 * s * b * b * h) +
        (few ? 4 * n * h * h : 2 * b * member) +
        again * ((b - 1) * query + rewardsAgain + 2 * n * d * h + 2 * n * h * h),
      bytes:
        4 *
        (b * (2 * s * n + 3 * keys) +
          (n * d + 2 * n * h + keys) +
          again * ((b - 1) * (s * n + joiningBytes) + n * d + 2 * n * h)),
    },
    { stage: 'optimiser', operations: 0, bytes: 4 * 7 * parameters },
  ];
};

/** What a machine was measured to do. */
export interface Rates {
  /** Floating-point operations a second in a large product. */
  readonly operations: number;
  /** Bytes read and written a second in a copy. */
  readonly bytes: number;
}

/** The least seconds of a stage at given rates. */
export const stageSeconds = (stage: StageCost, rates: Rates): number =>
  Math.max(stage.operations / rates.operations, stage.bytes / rates.bytes);

/** The floor of an iteration. */
export interface Floor {
  readonly stages: readonly (StageCost & { readonly seconds: number })[];
  readonly operations: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** The floor of an iteration at given rates, in seconds. */
export const floorOf = (sizes: TrainingSizes, rates: Rates): Floor => {
  const stages = stageCosts(sizes).map((stage) => ({ ...stage, seconds: stageSeconds(stage, rates) }));
  const total = (part: 'operations' | 'bytes' | 'seconds'): number =>
    stages.reduce((sum, stage) => sum + stage[part], 0);
  return { stages, operations: total('operations'), bytes: total('bytes'), seconds: total('seconds') };
};
