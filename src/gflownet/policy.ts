/**
 * What a policy is: functions from expressions to expressions that give one logit a candidate. A policy never fixes the
 * number of points N, so weights trained on one pool run on another.
 *
 * Every policy sees a subset as a sum of embeddings of its members (Zaheer et al. 2017, "Deep sets"), so it cannot
 * depend on their order.
 */
import type { ParameterSpecs, Parameters } from '../nn/parameters.js';
import { dense } from '../tensor/derived/matrix.js';
import type { Tensor } from '../tensor/expression.js';
import { mul } from '../tensor/operations.js';

/** Points as policies see them: whitened features, with the scale in which the median of their square norms over the pool is one. */
export interface Points {
  /** [R, F], unscaled. */
  readonly rows: Tensor;
  /** A scalar. */
  readonly scale: Tensor;
}

/** An affine map of points, [R, F] × [F, H] + [H] → [R, H]. The scale goes to the weights: a large pool is not copied for it. */
export const densePoints = ({ rows, scale }: Points, weights: Tensor, bias: Tensor): Tensor =>
  dense(rows, mul(weights, scale), bias);

/** The pool as policies see it. */
export interface PoolView {
  /** The N points as policies see them. */
  readonly points: Points;
  /** [N, D]: the whitened features of the reward. */
  readonly whitened: Tensor;
  /** 1 / T, a scalar. */
  readonly inverseTemperature: Tensor;
  /** Where log T lies in the range of temperatures that the model is made for, from −1 to 1; a scalar, 0 for a single T. */
  readonly temperatureCode: Tensor;
}

/** S states side by side. */
export interface StateView {
  /** [S, E]: Σ of the members' embeddings. */
  readonly aggregate: Tensor;
  /** [S, N]: the conditional variance v of each candidate, whose gain is ½ log(1 + v) nats. */
  readonly variances: Tensor;
  /** [S, N] u32: 1 for candidates, 0 for members. */
  readonly allowed: Tensor;
  /** [S, k, A]: the shares s_j = Φ d_j of the members, by which C(s) = Φ Φᵀ − Σ_j s_j s_jᵀ; nothing of empty states. */
  readonly shares: Tensor | undefined;
  /** [S, 1]: the part of the batch that is chosen, k / b. */
  readonly filled: Tensor;
  /** [S, 1]: how many points will be chosen after this one, b − k − 1. */
  readonly remaining: Tensor;
  /** How many points will be chosen yet, this one included: b − k. */
  readonly picks: number;
}

/** Sizes that shape a policy's parameters. */
export interface PolicySizes {
  /** Numbers that describe a point (F). */
  readonly inputs: number;
  /** Width of the hidden layers (H). */
  readonly hidden: number;
}

/**
 * A forward policy of the subset environment, of parameters by some names: all that is particular to it. Its functions are
 * written as methods, so that policies of different parameters are all policies.
 */
export interface Policy<S extends ParameterSpecs = ParameterSpecs> {
  /** Where a caller does not say: the width H, and Adam's rate at the first step. Found by measurement (defaults.ts). */
  readonly defaults: { readonly hidden: number; readonly learningRate: number };
  /**
   * The value of POLICY in kernels/rollout, which draws from it in one dispatch; left out where that cannot. Such a policy sees
   * of a state the aggregate, the variances, and the parts that are filled and remain.
   */
  readonly fused?: number;
  /** Whether there are weights that need no training on the pool (pretrained/); no if left out. */
  readonly pretrained?: boolean;
  /** Numbers that its logits take for each state of a pool of N points, what programs are cut by; N if left out. */
  readonly stateNumbers?: (poolSize: number) => number;
  /** The largest pool that it is meant to see whole, and how many candidates of a larger one; any pool if left out. */
  readonly reach?: { readonly wholePool: number; readonly candidates: number };
  /** Its parameters and their first values. */
  readonly parameters: (sizes: PolicySizes) => S;
  /** R points → [R, ·]: what both members and candidates are made of. */
  embed(parameters: Parameters<S>, points: Points): Tensor;
  /** Embedded points → [R, H]: what they add, as members, to the aggregate of a subset. */
  members(parameters: Parameters<S>, embedded: Tensor): Tensor;
  /** What, [N, ·], the logits need of the embedded pool and parameters decide; once a program step, whatever the number of states. */
  candidates(parameters: Parameters<S>, embedded: Tensor, pool: PoolView): Tensor;
  /** Logits [S, N] from candidates as above; entries of members are masked by the caller. */
  logits(parameters: Parameters<S>, candidates: Tensor, states: StateView, pool: PoolView): Tensor;
}

/** Numbers that a policy's logits take for each state of a pool of N points. */
export const stateNumbersOf = ({ stateNumbers }: Policy, poolSize: number): number =>
  stateNumbers?.(poolSize) ?? poolSize;
