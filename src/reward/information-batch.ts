/**
 * The joint mutual information of a batch B that is changed a point at a time, on the host in f64. With K = Φ Φᵀ,
 *
 *   P = (I + K_BB)⁻¹ [b×b],    W = P K_B· [b×N],    v_n = K_nn − K_nB P K_Bn     the variance of f_n given the labels of B
 *
 * Without the member j, in O(N):      v_n⁻ʲ = v_n + W_jn² / P_jj,    gain(n | B ∖ j) = ½ log(1 + v_n⁻ʲ)   nats
 *
 * (the block inverse of I + K_BB). Where n takes the place of j, a change of rank two in O(bN): with a_i = P_ij / P_jj,
 * u = P⁻ʲ K_Bn and the conditional covariance r = K_n· − Σ_i K_ni (W_i − a_i W_j), s = 1 + v_n⁻ʲ,
 *
 *   W_i ← W_i − a_i W_j − u_i r / s,    W_j ← r / s,    v ← v + W_j² / P_jj − r² / s
 *
 * Rounding errors of such changes add up, the faster the larger the variances are; so P, W, v and U are computed anew from a
 * Cholesky factor every {@link refactorEvery} changes, which costs b / 256 of the changes between. Rows of K are computed
 * when a point first joins and kept by the utility, the latest {@link rowBytes} of them.
 *
 * Source: Golub and Van Loan, Matrix Computations (4th ed.), section 2.1.4 (Sherman, Morrison and Woodbury).
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import { addScaledInto, dotRange } from '../linear-algebra/vector.js';
import { memberList, type MutableBatch } from './mutable-batch.js';

/** Changes between two factorisations. */
const refactorEvery = 128;

/** Of the rows of K that are kept. */
const rowBytes = 2 ** 27;

/** The rows of K = Φ Φᵀ, each computed when it is first asked for. */
export const gramRows = ({ rows, columns, data }: Matrix): ((n: number) => Float64Array) => {
  const known = new Map<number, Float64Array>();
  const most = Math.max(1, Math.floor(rowBytes / (8 * rows)));
  return (n) => {
    const before = known.get(n);
    if (before !== undefined) return before;
    if (known.size >= most) {
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    }
    const row = new Float64Array(rows);
    for (let m = 0; m < rows; m++) row[m] = dotRange(data, m * columns, data, n * columns, columns);
    known.set(n, row);
    return row;
  };
};

/** |φ_n|² of all points. */
export const priorVariancesOf = ({ rows, columns, data }: Matrix): Float64Array =>
  Float64Array.from({ length: rows }, (_, n) => dotRange(data, n * columns, data, n * columns, columns));

/** What all batches of a pool share. */
export interface Gram {
  /** K_nn [N]. */
  readonly diagonal: Float64Array;
  /** K_n· [N]. */
  readonly row: (n: number) => Float64Array;
}

/** Of whitened features N×D. */
export const gramOf = (whitened: Matrix): Gram => ({
  diagonal: priorVariancesOf(whitened),
  row: gramRows(whitened),
});

/** P, W, v and log det(I + K_BB) of a batch that changes; what {@link informationBatch} is made of. Mutable. */
export interface ConditionalFactor {
  readonly members: readonly number[];
  /** v [N]: 0 at least. */
  readonly variances: Float64Array;
  /** ½ log det(I + K_BB), nats. */
  readonly information: () => number;
  /** P_ij of two places; of one, P_jj. */
  readonly precision: (place: number, other?: number) => number;
  /** W_j [N] of a place. */
  readonly weights: (place: number) => Float64Array;
  readonly replace: (place: number, n: number) => void;
  readonly add: (n: number) => void;
  readonly remove: (place: number) => void;
  readonly set: (members: readonly number[]) => void;
}

/** The inverse of I + K_BB and its log-determinant. */
const inverseOf = (gram: Gram, members: readonly number[]) => {
  const size = members.length;
  // The factor is at least the identity's, so no pivot fails.
  const factor = new Float64Array(size * size);
  const inverse = new Float64Array(size * size);
  let logDeterminant = 0;
  members.forEach((n, i) => {
    const row = gram.row(n);
    for (let j = 0; j <= i; j++) {
      const own = (row[members[j] ?? 0] ?? NaN) + Number(i === j);
      const rest = own - dotRange(factor, i * size, factor, j * size, j);
      factor[i * size + j] = i === j ? Math.sqrt(Math.max(1, rest)) : rest / (factor[j * size + j] ?? 1);
    }
    logDeterminant += 2 * Math.log(factor[i * size + i] ?? NaN);
  });
  // Columns of L⁻¹, then L⁻ᵀ L⁻¹.
  const lower = new Float64Array(size * size);
  for (let j = 0; j < size; j++)
    for (let i = j; i < size; i++) {
      let sum = Number(i === j);
      for (let k = j; k < i; k++) sum -= (factor[i * size + k] ?? 0) * (lower[k * size + j] ?? 0);
      lower[i * size + j] = sum / (factor[i * size + i] ?? 1);
    }
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = Math.max(i, j); k < size; k++)
        sum += (lower[k * size + i] ?? 0) * (lower[k * size + j] ?? 0);
      inverse[i * size + j] = sum;
    }
  return { inverse, logDeterminant };
};

/** The factor of a batch. Members are different points of the pool. */
export const conditionalFactor = (gram: Gram, initial: readonly number[]): ConditionalFactor => {
  const points = gram.diagonal.length;
  const list = memberList([]);
  const { members } = list;
  const variances = new Float64Array(points);
  const residual = new Float64Array(points);
  const weights: Float64Array[] = [];
  let precision: Float64Array[] = [];
  let logDeterminant = 0;
  let changes = 0;

  const weightsAt = (place: number): Float64Array => (weights[place] ??= new Float64Array(points));
  const at = (i: number, j: number): number => precision[i]?.[j] ?? NaN;

  const refactor = (): void => {
    changes = 0;
    const size = members.length;
    const found = inverseOf(gram, members);
    ({ logDeterminant } = found);
    precision = members.map((_, i) => found.inverse.slice(i * size, (i + 1) * size));
    variances.set(gram.diagonal);
    for (let i = 0; i < size; i++) {
      const own = weightsAt(i);
      own.fill(0);
      members.forEach((m, j) => addScaledInto(own, 0, at(i, j), gram.row(m), 0, points));
      const row = gram.row(members[i] ?? 0);
      for (let n = 0; n < points; n++) variances[n] = (variances[n] ?? 0) - (own[n] ?? 0) * (row[n] ?? 0);
    }
    for (let n = 0; n < points; n++) variances[n] = Math.max(0, variances[n] ?? NaN);
  };

  const changed = (): void => {
    if (++changes >= refactorEvery) refactor();
  };

  /** P, W and v without the member at a place, whose own rows are left as they are. */
  const leaveOut = (place: number): void => {
    const own = at(place, place);
    const left = weightsAt(place);
    logDeterminant += Math.log(own);
    for (let n = 0; n < points; n++) variances[n] = (variances[n] ?? 0) + (left[n] ?? 0) ** 2 / own;
    const shares = members.map((_, i) => at(i, place) / own);
    members.forEach((_, i) => {
      if (i === place) return;
      const share = shares[i] ?? 0;
      addScaledInto(weightsAt(i), 0, -share, left, 0, points);
      const row = precision[i] ?? new Float64Array(0);
      members.forEach((_, j) => {
        if (j !== place) row[j] = (row[j] ?? 0) - share * at(place, j);
      });
    });
  };

  /** P, W and v with n at a place whose rows are free. */
  const join = (place: number, n: number): void => {
    const row = gram.row(n);
    const shares = members.map((m) => row[m] ?? 0);
    residual.set(row);
    members.forEach((_, i) => {
      if (i !== place) addScaledInto(residual, 0, -(shares[i] ?? 0), weightsAt(i), 0, points);
    });
    const spread = 1 + Math.max(0, residual[n] ?? NaN);
    logDeterminant += Math.log(spread);
    const u = members.map((_, i) =>
      i === place
        ? 0
        : members.reduce((sum, _, j) => (j === place ? sum : sum + at(i, j) * (shares[j] ?? 0)), 0),
    );
    members.forEach((_, i) => {
      if (i === place) return;
      addScaledInto(weightsAt(i), 0, -(u[i] ?? 0) / spread, residual, 0, points);
      const own = precision[i] ?? new Float64Array(0);
      members.forEach((_, j) => {
        if (j !== place) own[j] = (own[j] ?? 0) + ((u[i] ?? 0) * (u[j] ?? 0)) / spread;
      });
      own[place] = -(u[i] ?? 0) / spread;
    });
    precision[place] = Float64Array.from(u, (x, j) => (j === place ? 1 : -x) / spread);
    const joined = weightsAt(place);
    for (let m = 0; m < points; m++) {
      const r = residual[m] ?? NaN;
      joined[m] = r / spread;
      variances[m] = Math.max(0, (variances[m] ?? NaN) - (r * r) / spread);
    }
  };

  const factor: ConditionalFactor = {
    members,
    variances,
    information: () => logDeterminant / 2,
    precision: (place, other = place) => at(place, other),
    weights: weightsAt,
    replace: (place, n) => {
      leaveOut(place);
      list.replace(place, n);
      join(place, n);
      changed();
    },
    add: (n) => {
      list.add(n);
      precision = members.map((_, i) => {
        const row = new Float64Array(members.length);
        row.set(precision[i] ?? []);
        return row;
      });
      join(members.length - 1, n);
      changed();
    },
    remove: (place) => {
      leaveOut(place);
      const last = members.length - 1;
      list.remove(place);
      // The rows of the last member move to the free place.
      const moved = weights[place];
      if (place !== last && moved !== undefined) {
        weights[place] = weightsAt(last);
        weights[last] = moved;
      }
      const from = (i: number): number => (i === place ? last : i);
      precision = members.map((_, i) => Float64Array.from(members, (_, j) => at(from(i), from(j))));
      changed();
    },
    set: (next) => {
      list.set(next);
      refactor();
    },
  };
  factor.set(initial);
  return factor;
};

/** The joint mutual information of a batch that changes, nats. Members are different points of the pool. */
export const informationBatch = (gram: Gram, initial: readonly number[]): MutableBatch => {
  const factor = conditionalFactor(gram, initial);
  const { members, variances } = factor;
  const without = new Float64Array(variances.length);
  return {
    members,
    utility: factor.information,
    gains: (place, out, depth = Infinity) => {
      let largest = 0;
      if (place < 0) without.set(variances);
      else {
        const own = factor.precision(place);
        const weights = factor.weights(place);
        for (let n = 0; n < without.length; n++)
          without[n] = (variances[n] ?? 0) + (weights[n] ?? 0) ** 2 / own;
      }
      members.forEach((m, i) => {
        if (i !== place) without[m] = NaN;
      });
      // A comparison with NaN is false.
      for (let n = 0; n < without.length; n++) if ((without[n] ?? 0) > largest) largest = without[n] ?? 0;
      const floor = (1 + largest) * Math.exp(-2 * depth) - 1;
      for (let n = 0; n < without.length; n++) {
        const v = without[n] ?? 0;
        out[n] = v >= floor ? 0.5 * Math.log1p(v) : -Infinity;
      }
    },
    replace: factor.replace,
    add: factor.add,
    remove: factor.remove,
    set: factor.set,
    evaluations: () => 0,
  };
};
