/**
 * A batch that is changed a point at a time, by what its labels leave of r linear functionals of the function (targets, or the
 * directions of what is not known of them), on the host in f64. It keeps in step P and v of information-batch.ts and w and z_j of
 * cross-covariances.ts; what is left is told by a tally, in which rewards differ:
 *
 *   left(B ∖ j) by z_j and P_jj,      left(B ∖ j + n) by w_n⁻ʲ and v_n⁻ʲ
 *
 * Rounding errors of changes add up, so w and the tally are computed anew every {@link refreshEvery} changes, and after one in which
 * what is left falls far.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import {
  type CrossCovariances,
  crossCovariances,
  join as joinCross,
  leaveOut as leaveOutOfCross,
  lookAt,
  refresh as refreshCross,
} from './cross-covariances.js';
import type { Gram } from './gram.js';
import { conditionalFactor, type ConditionalFactor } from './information-batch.js';
import type { MutableBatch } from './mutable-batch.js';

/** Changes between two computations from nothing. */
const refreshEvery = 128;

/** What may be left over of a tally's numbers by a change without being computed anew: rounding is relative to what they were. */
export const swing = 1e3;

/** What points are worth beside some others, nats. */
export interface TargetGains {
  /** Of the point n, whose covariances given the others are w_n + slope z, and whose variance is v. */
  readonly of: (n: number, slope: number, v: number) => number;
  /** Of the member that is left out, if one is. */
  readonly member: number;
}

/** What a batch leaves of its targets. Mutable. */
export interface Tally {
  /** From nothing, of a batch whose w is there. */
  readonly refresh: (factor: ConditionalFactor, cross: CrossCovariances) => void;
  /** Without a member of z [r] and P_jj. */
  readonly leaveOut: (z: Float64Array, precision: number) => void;
  /** With the member that has just joined: w [r] before, and P_jj now. */
  readonly join: (w: Float64Array, precision: number, members: readonly number[]) => void;
  /** Begins a change: {@link Tally.fell} tells of what has happened since. */
  readonly begin: () => void;
  /** Whether what is left has fallen by {@link swing} in this change. */
  readonly fell: () => boolean;
  /** U, nats. */
  readonly utility: () => number;
  /** Beside `others`, all members but for one of z and P_jj, where it is given; w and z [r] as they are in `cross`. */
  readonly gains: (cross: CrossCovariances, others: readonly number[], precision?: number) => TargetGains;
}

/** What all batches of a pool share. */
export interface TargetedPool {
  readonly gram: Gram;
  /** Covariances of points and functionals before any label, N×r. */
  readonly cross: Matrix;
}

/** `MutableBatch.gains`. */
const gainsInto = (
  tally: Tally,
  cross: CrossCovariances,
  factor: ConditionalFactor,
  position: number,
  out: Float64Array,
): void => {
  const others = factor.members.filter((_, i) => i !== position);
  const precision = position < 0 ? undefined : factor.precision(position);
  if (position >= 0) lookAt(cross, factor, position);
  const { of, member: own } = tally.gains(cross, others, precision);
  const weights = position < 0 ? undefined : factor.weights(position);
  const { variances } = factor;
  out.fill(0);
  for (const n of others) out[n] = -Infinity;
  for (let n = 0; n < out.length; n++) {
    if (out[n] !== 0) continue;
    const share = weights === undefined ? 0 : (weights[n] ?? NaN);
    const slope = share / (precision ?? 1);
    out[n] = of(n, slope, (variances[n] ?? NaN) + share * slope);
  }
  const member = factor.members[position];
  if (member !== undefined) out[member] = own;
};

/** U of a batch that changes, nats. Members are different points of the pool. */
export const targetedBatch = (pool: TargetedPool, tally: Tally, initial: readonly number[]): MutableBatch => {
  const factor = conditionalFactor(pool.gram, initial);
  const { members } = factor;
  const cross = crossCovariances(pool.cross);
  let changes = 0;
  const refresh = (): void => {
    refreshCross(cross, factor);
    tally.refresh(factor, cross);
  };
  const set = (next: readonly number[]): void => {
    changes = 0;
    factor.set(next);
    refresh();
  };
  const leaveOut = (position: number): void => {
    tally.leaveOut(lookAt(cross, factor, position), factor.precision(position));
    leaveOutOfCross(cross, factor, position);
  };
  const join = (position: number): void => {
    tally.begin();
    tally.join(joinCross(cross, factor, position), factor.precision(position), members);
  };
  const changed = (): void => {
    if (++changes >= refreshEvery || tally.fell()) set(members);
  };
  refresh();
  tally.begin();
  return {
    members,
    utility: tally.utility,
    gains: (position, out) => gainsInto(tally, cross, factor, position, out),
    replace: (position, n) => {
      leaveOut(position);
      factor.replace(position, n);
      join(position);
      changed();
    },
    add: (n) => {
      factor.add(n);
      join(members.length - 1);
      changed();
    },
    remove: (position) => {
      leaveOut(position);
      tally.begin();
      factor.remove(position);
      changed();
    },
    set,
    evaluations: () => 0,
  };
};
