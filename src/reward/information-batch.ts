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
import { addCombinationInto, addScaledInto, addTwoScaledInto, dotRange } from '../linear-algebra/vector.js';
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
  /** P_jj of a place. */
  readonly precision: (place: number) => number;
  /** W_j [N] of a place. */
  readonly weights: (place: number) => Float64Array;
  readonly replace: (place: number, n: number) => void;
  readonly add: (n: number) => void;
  readonly remove: (place: number) => void;
  readonly set: (members: readonly number[]) => void;
}

/** target_n += factor · a_n² for all n. */
const addSquares = (target: Float64Array, a: Float64Array, start: number, factor: number): void => {
  for (let n = 0; n < target.length; n++) {
    const x = a[start + n] ?? NaN;
    target[n] = (target[n] ?? NaN) + factor * x * x;
  }
};

/** target_n −= a_n b_n for all n. */
const subtractProduct = (target: Float64Array, a: Float64Array, start: number, b: Float64Array): void => {
  for (let n = 0; n < target.length; n++)
    target[n] = (target[n] ?? NaN) - (a[start + n] ?? NaN) * (b[n] ?? NaN);
};

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

/** Places that there is room for, for a batch of some size. */
const roomFor = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(8, size)));

/** The factor of a batch. Members are different points of the pool. */
export const conditionalFactor = (gram: Gram, initial: readonly number[]): ConditionalFactor => {
  const points = gram.diagonal.length;
  const list = memberList([]);
  const { members } = list;
  const variances = new Float64Array(points);
  const residual = new Float64Array(points);
  // W with a row a place, and P with rows of `room` numbers; both have room for as many places.
  let room = 0;
  let weights = new Float64Array(0);
  let precision = new Float64Array(0);
  // a, K_Bn and u of the change at hand.
  let shares = new Float64Array(0);
  let covariances = new Float64Array(0);
  let regression = new Float64Array(0);
  let logDeterminant = 0;
  let changes = 0;

  const at = (i: number, j: number): number => precision[i * room + j] ?? NaN;

  const makeRoom = (size: number): void => {
    if (size <= room) return;
    const before = { room, weights, precision };
    room = roomFor(size);
    weights = new Float64Array(room * points);
    weights.set(before.weights);
    precision = new Float64Array(room * room);
    for (let i = 0; i < before.room; i++)
      precision.set(before.precision.subarray(i * before.room, (i + 1) * before.room), i * room);
    shares = new Float64Array(room);
    covariances = new Float64Array(room);
    regression = new Float64Array(room);
  };

  const refactor = (): void => {
    changes = 0;
    const size = members.length;
    makeRoom(size);
    const found = inverseOf(gram, members);
    ({ logDeterminant } = found);
    for (let i = 0; i < size; i++) precision.set(found.inverse.subarray(i * size, (i + 1) * size), i * room);
    variances.set(gram.diagonal);
    weights.fill(0, 0, size * points);
    for (let i = 0; i < size; i++) {
      members.forEach((m, j) => addScaledInto(weights, i * points, at(i, j), gram.row(m), 0, points));
      subtractProduct(variances, weights, i * points, gram.row(members[i] ?? 0));
    }
    for (let n = 0; n < points; n++) variances[n] = Math.max(0, variances[n] ?? NaN);
  };

  const changed = (): void => {
    if (++changes >= refactorEvery) refactor();
  };

  /** P and v without the member at a place, W as it was; a_i of the other places in `shares`, 0 at the place itself. */
  const leaveOut = (place: number): void => {
    const size = members.length;
    const own = at(place, place);
    logDeterminant += Math.log(own);
    addSquares(variances, weights, place * points, 1 / own);
    for (let i = 0; i < size; i++) shares[i] = i === place ? 0 : at(i, place) / own;
    for (let i = 0; i < size; i++) {
      const share = shares[i] ?? 0;
      if (i !== place)
        for (let j = 0; j < size; j++)
          precision[i * room + j] = at(i, j) - (j === place ? 0 : share * at(place, j));
    }
  };

  /** P and v with n at a place; r in `residual`, u in `regression`, both of the other places alone. Returns s. */
  const join = (place: number, n: number): number => {
    const size = members.length;
    const row = gram.row(n);
    residual.set(row);
    let ofPlace = 0;
    for (let i = 0; i < size; i++) {
      const covariance = i === place ? 0 : (row[members[i] ?? 0] ?? NaN);
      covariances[i] = -covariance;
      ofPlace += covariance * (shares[i] ?? 0);
    }
    // K_nj itself plays no part: W_j enters by what the others had of it.
    covariances[place] = ofPlace;
    addCombinationInto(residual, 0, covariances, 0, weights, 0, size, points);
    const spread = 1 + Math.max(0, residual[n] ?? NaN);
    logDeterminant += Math.log(spread);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      if (i !== place)
        for (let j = 0; j < size; j++) if (j !== place) sum -= at(i, j) * (covariances[j] ?? 0);
      regression[i] = sum;
    }
    for (let i = 0; i < size; i++) {
      const u = regression[i] ?? 0;
      if (i !== place)
        for (let j = 0; j < size; j++)
          if (j !== place) precision[i * room + j] = at(i, j) + (u * (regression[j] ?? 0)) / spread;
    }
    for (let i = 0; i < size; i++) {
      const own = i === place ? 1 / spread : -(regression[i] ?? 0) / spread;
      precision[i * room + place] = own;
      precision[place * room + i] = own;
    }
    addSquares(variances, residual, 0, -1 / spread);
    for (let m = 0; m < points; m++) if ((variances[m] ?? NaN) < 0) variances[m] = 0;
    return spread;
  };

  /** W after a point has left a place, and another joined it. */
  const reweigh = (place: number, spread: number): void => {
    const from = place * points;
    for (let i = 0; i < members.length; i++) {
      if (i === place) continue;
      const share = -(shares[i] ?? 0);
      const u = -(regression[i] ?? 0) / spread;
      if (share === 0) addScaledInto(weights, i * points, u, residual, 0, points);
      else addTwoScaledInto(weights, i * points, share, weights, from, u, residual, points);
    }
    for (let n = 0; n < points; n++) weights[from + n] = (residual[n] ?? NaN) / spread;
  };

  const factor: ConditionalFactor = {
    members,
    variances,
    information: () => logDeterminant / 2,
    precision: (place) => at(place, place),
    weights: (place) => weights.subarray(place * points, (place + 1) * points),
    replace: (place, n) => {
      leaveOut(place);
      list.replace(place, n);
      reweigh(place, join(place, n));
      changed();
    },
    add: (n) => {
      list.add(n);
      makeRoom(members.length);
      const place = members.length - 1;
      shares.fill(0);
      weights.fill(0, place * points, (place + 1) * points);
      reweigh(place, join(place, n));
      changed();
    },
    remove: (place) => {
      leaveOut(place);
      const last = members.length - 1;
      for (let i = 0; i <= last; i++)
        if (i !== place)
          addScaledInto(weights, i * points, -(shares[i] ?? 0), weights, place * points, points);
      list.remove(place);
      // What the last member had moves to the free place.
      if (place !== last) {
        weights.copyWithin(place * points, last * points, (last + 1) * points);
        for (let i = 0; i < last; i++) precision[place * room + i] = at(last, i);
        for (let i = 0; i < last; i++) precision[i * room + place] = at(i, last);
        precision[place * room + place] = at(last, last);
      }
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
      without.set(variances);
      if (place >= 0) addSquares(without, factor.weights(place), 0, 1 / factor.precision(place));
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
