/**
 * What a policy is: functions from expressions to expressions that give one logit a candidate. A policy never fixes the
 * number of points N, so weights trained on one pool run on another.
 *
 * Every policy sees a subset as a sum of embeddings of its members (Zaheer et al. 2017, "Deep sets"), so it cannot
 * depend on their order.
 */
import type { ParameterSpecs, Parameters } from '../nn/parameters.js';
import type { Tensor } from '../tensor/expression.js';

/** The pool as policies see it. */
export interface PoolView {
  /** [N, F]: what describes a point; whitened features scaled to a mean square norm of one. */
  readonly points: Tensor;
  /** [N, D]: the whitened features of the reward. */
  readonly whitened: Tensor;
  /** 1 / T, a scalar. */
  readonly inverseTemperature: Tensor;
  /** Where log T lies in the range of temperatures that the model is made for, from −1 to 1; a scalar, 0 for a single T. */
  readonly place: Tensor;
}

/** What a policy computes once for all states: embeddings of members, and whatever it keeps of candidates. */
export interface Embedded {
  /** [N, E]: what a member adds to the aggregate of its subset. */
  readonly members: Tensor;
  /** [N, ·]: what the logits need of a candidate. */
  readonly candidates: Tensor;
}

/** S states side by side. */
export interface StateView {
  /** [S, E]: Σ of the members' embeddings. */
  readonly aggregate: Tensor;
  /** [S, N]: the gain in nats of each candidate. */
  readonly gains: Tensor;
  /** [S, 1]: the part of the batch that is chosen, k / b. */
  readonly filled: Tensor;
  /** [S, 1]: how many points will be chosen after this one, b − k − 1. */
  readonly remaining: Tensor;
}

/** Sizes that shape a policy's parameters. */
export interface PolicySizes {
  /** Numbers that describe a point (F). */
  readonly inputs: number;
  /** Width of the hidden layers (H). */
  readonly hidden: number;
}

/** A forward policy of the subset environment. */
export interface Policy {
  readonly name: string;
  /** Its parameters and their first values. */
  readonly parameters: (sizes: PolicySizes) => ParameterSpecs;
  /** Embeddings of the pool: once a program step, whatever the number of states. */
  readonly embed: (parameters: Parameters, pool: PoolView) => Embedded;
  /** Logits [S, N]; entries of members are masked by the caller. */
  readonly logits: (parameters: Parameters, embedded: Embedded, states: StateView, pool: PoolView) => Tensor;
}
