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
 * Cholesky factor every {@link refactorEvery} changes, which costs b / 256 of the changes between. What takes O(N) and more is
 * done by SIMD where there is WebAssembly (point-store.ts).
 *
 * Source: Golub and Van Loan, Matrix Computations (4th ed.), section 2.1.4 (Sherman, Morrison and Woodbury).
 */
import { type Gram, inverseOf } from './gram.js';
import { conditionalByGains, memberList, type MutableBatch } from './mutable-batch.js';
import { type OpenPlace, plainPointStore, type PointStore } from './point-store.js';
import { wasmPointStore } from './wasm/point-store.js';

/** Changes between two factorisations. */
const refactorEvery = 128;

/** P, W, v and log det(I + K_BB) of a batch that changes; what {@link informationBatch} is made of. Mutable. */
export interface ConditionalFactor {
  readonly members: readonly number[];
  /** v [N]: 0 at least. Read anew after any batch has changed. */
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
  /** `MutableBatch.gains` and `MutableBatch.conditional` of the joint mutual information. */
  readonly gains: MutableBatch['gains'];
  readonly conditional: Required<MutableBatch>['conditional'];
}

/** target_n −= a_n b_n for all n. */
const subtractProduct = (target: Float64Array, a: Float64Array, start: number, b: Float64Array): void => {
  for (let n = 0; n < target.length; n++)
    target[n] = (target[n] ?? NaN) - (a[start + n] ?? NaN) * (b[n] ?? NaN);
};

/** Places that there is room for, for a batch of some size: a multiple of 8. */
const roomFor = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(8, size)));

/** Where v and W are kept. */
export type StoreMaker = (points: number, places: number) => PointStore;

/** By WebAssembly where it is there. */
const fastestStore: StoreMaker = (points, places) =>
  wasmPointStore(points, places) ?? plainPointStore(points, places);

/** Wider rows of what a square of rows held. */
const widened = (square: Float64Array, before: number, after: number): Float64Array => {
  const wide = new Float64Array(after * after);
  for (let i = 0; i < before; i++) wide.set(square.subarray(i * before, (i + 1) * before), i * after);
  return wide;
};

/** The factor of a batch. Members are different points of the pool. `makeStore` is there to compare stores. */
export const conditionalFactor = (
  gram: Gram,
  initial: readonly number[],
  makeStore: StoreMaker = fastestStore,
): ConditionalFactor => {
  const points = gram.diagonal.length;
  const list = memberList([]);
  const { members } = list;
  // P has rows of `room` numbers; there is room for as many places.
  let room = roomFor(initial.length);
  let store = makeStore(points, room);
  let precision: Float64Array = new Float64Array(room * room);
  // The factors of the change at hand (PointChange), and u.
  let shares = new Float64Array(room);
  let covariances = new Float64Array(room);
  let regression = new Float64Array(room);
  let logDeterminant = 0;
  let changes = 0;

  const at = (i: number, j: number): number => precision[i * room + j] ?? NaN;

  const makeRoom = (size: number): void => {
    if (size <= room) return;
    const before = { room, store };
    room = roomFor(size);
    store = makeStore(points, room);
    store.variances().set(before.store.variances());
    const weights = before.store.weights();
    for (let i = 0; i < before.room; i++)
      store
        .weights()
        .set(weights.subarray(i * before.store.stride, i * before.store.stride + points), i * store.stride);
    precision = widened(precision, before.room, room);
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
    const { stride } = store;
    const [variances, weights] = [store.variances(), store.weights()];
    variances.set(gram.diagonal);
    weights.fill(0, 0, size * stride);
    shares.fill(0);
    const unmoved = { place: 0, size, shares, regression, leaving: 0, joining: 0 };
    members.forEach((m, j) => {
      for (let i = 0; i < size; i++) regression[i] = at(i, j);
      store.change({ ...unmoved, row: gram.row(m) });
    });
    members.forEach((m, i) => subtractProduct(variances, weights, i * stride, gram.row(m)));
    for (let n = 0; n < points; n++) variances[n] = Math.max(0, variances[n] ?? NaN);
  };

  const changed = (): void => {
    if (++changes >= refactorEvery) refactor();
  };

  /** P without the member at a place; −a_i of the other places in `shares`, −1 at the place itself. Returns 1 / P_jj. */
  const leaveOut = (place: number): number => {
    const size = members.length;
    const own = at(place, place);
    const [p, a] = [precision, shares];
    const ofPlace = place * room;
    logDeterminant += Math.log(own);
    for (let i = 0; i < size; i++) a[i] = i === place ? -1 : -(p[i * room + place] ?? NaN) / own;
    // The row and the column of the place itself are written anew when a point joins.
    for (let i = 0; i < size; i++) {
      if (i === place) continue;
      const share = a[i] ?? NaN;
      const row = i * room;
      for (let j = 0; j < size; j++) p[row + j] = (p[row + j] ?? NaN) + share * (p[ofPlace + j] ?? NaN);
    }
    return 1 / own;
  };

  /** −K_Bn of the other places, and at the place the factor of W_j. Returns s. */
  const regress = (place: number, row: Float64Array, n: number): number => {
    const size = members.length;
    const { stride } = store;
    const weights = store.weights();
    let ofPlace = 0;
    for (let i = 0; i < size; i++) {
      const covariance = i === place ? 0 : (row[members[i] ?? 0] ?? NaN);
      covariances[i] = -covariance;
      ofPlace -= covariance * (shares[i] ?? 0);
    }
    // K_nj itself plays no part: W_j enters by what the others had of it.
    covariances[place] = ofPlace;
    let residual = row[n] ?? NaN;
    for (let i = 0; i < size; i++) residual += (covariances[i] ?? 0) * (weights[i * stride + n] ?? NaN);
    return 1 + Math.max(0, residual);
  };

  /** P with the point at a place; −u_i / s of the other places in `regression`, 1 / s at the place itself. */
  const join = (place: number, spread: number): void => {
    const size = members.length;
    const [p, u, c] = [precision, regression, covariances];
    logDeterminant += Math.log(spread);
    for (let i = 0; i < size; i++) {
      const row = i * room;
      let sum = 0;
      if (i !== place)
        for (let j = 0; j < size; j++) if (j !== place) sum -= (p[row + j] ?? NaN) * (c[j] ?? NaN);
      u[i] = sum;
    }
    for (let i = 0; i < size; i++) {
      const row = i * room;
      const factor = (u[i] ?? NaN) / spread;
      for (let j = 0; j < size; j++) p[row + j] = (p[row + j] ?? NaN) + factor * (u[j] ?? NaN);
    }
    for (let i = 0; i < size; i++) u[i] = i === place ? 1 / spread : -(u[i] ?? NaN) / spread;
    for (let i = 0; i < size; i++) {
      p[i * room + place] = u[i] ?? NaN;
      p[place * room + i] = u[i] ?? NaN;
    }
  };

  /** n at a place whose member P is already without; `leaving` of its variance comes back. */
  const take = (place: number, n: number, leaving: number): void => {
    const row = gram.row(n);
    const spread = regress(place, row, n);
    join(place, spread);
    const size = members.length;
    store.change({ place, size, row, covariances, shares, regression, leaving, joining: 1 / spread });
    changed();
  };

  const openAt = (place: number): OpenPlace => ({
    place,
    precision: place < 0 ? 1 : at(place, place),
    others: members.filter((_, i) => i !== place),
  });

  const factor: ConditionalFactor = {
    members,
    get variances() {
      return store.variances();
    },
    information: () => logDeterminant / 2,
    precision: (place, other = place) => at(place, other),
    weights: (place) => store.weights().subarray(place * store.stride, place * store.stride + points),
    replace: (place, n) => {
      const leaving = leaveOut(place);
      list.replace(place, n);
      take(place, n, leaving);
    },
    add: (n) => {
      list.add(n);
      makeRoom(members.length);
      const place = members.length - 1;
      shares.fill(0);
      shares[place] = -1;
      store.weights().fill(0, place * store.stride, members.length * store.stride);
      take(place, n, 0);
    },
    remove: (place) => {
      const leaving = leaveOut(place);
      const last = members.length - 1;
      regression.fill(0);
      store.change({ place, size: last + 1, shares, regression, leaving, joining: 0 });
      list.remove(place);
      // What the last member had moves to the free place.
      if (place !== last) {
        const { stride } = store;
        store.weights().copyWithin(place * stride, last * stride, (last + 1) * stride);
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
    gains: (place, out, depth = Infinity) => store.gains(openAt(place), out, depth),
    conditional: (place, beta, weights) => {
      const found = store.conditional?.(openAt(place), beta, weights);
      return found === undefined
        ? conditionalByGains(factor.gains, place, beta, weights)
        : { weights, ...found };
    },
  };
  factor.set(initial);
  return factor;
};

/** The joint mutual information of a batch that changes, nats. Members are different points of the pool. */
export const informationBatch = (
  gram: Gram,
  initial: readonly number[],
  makeStore?: StoreMaker,
): MutableBatch => {
  const { members, information, gains, conditional, replace, add, remove, set } = conditionalFactor(
    gram,
    initial,
    makeStore,
  );
  return {
    members,
    utility: information,
    gains,
    conditional,
    replace,
    add,
    remove,
    set,
    evaluations: () => 0,
  };
};
