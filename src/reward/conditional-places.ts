/**
 * What is kept of a batch by place, and what becomes of it when a member leaves, joins or moves: P [b×b], W [b×N] and v [N]. The
 * formulas, and their source, are those of information-batch.ts; v and W lie in a store (point-store.ts).
 */
import { type Gram, inverseOf } from './gram.js';
import type { PointStore } from './point-store.js';

/** target_n −= a_n b_n for all n. */
const subtractProduct = (target: Float64Array, a: Float64Array, start: number, b: Float64Array): void => {
  for (let n = 0; n < target.length; n++)
    target[n] = (target[n] ?? NaN) - (a[start + n] ?? NaN) * (b[n] ?? NaN);
};

/** Places that there is room for, for a batch of some size: a multiple of 8. */
export const roomFor = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(8, size)));

/** Makes a store of v and W for so many points and places. */
export type StoreMaker = (points: number, places: number) => PointStore;

/** Wider rows of what a square of rows held. */
const widened = (square: Float64Array, before: number, after: number): Float64Array => {
  const wide = new Float64Array(after * after);
  for (let i = 0; i < before; i++) wide.set(square.subarray(i * before, (i + 1) * before), i * after);
  return wide;
};

/** P and the store of v and W, with room for so many places, and the factors of the change at hand. */
export interface Places {
  /** P has rows of so many numbers. */
  readonly room: number;
  readonly precision: Float64Array;
  readonly store: PointStore;
  /** The factors of a change (PointChange); first −a_i, then u_i. */
  readonly shares: Float64Array;
  readonly covariances: Float64Array;
  readonly regression: Float64Array;
}

const placesWith = (room: number, precision: Float64Array, store: PointStore): Places => ({
  ...{ room, precision, store },
  shares: new Float64Array(room),
  covariances: new Float64Array(room),
  regression: new Float64Array(room),
});

/** Room for so many places of N points, all 0. */
export const emptyPlaces = (room: number, points: number, makeStore: StoreMaker): Places =>
  placesWith(room, new Float64Array(room * room), makeStore(points, room));

/** The same with room for more. */
export const widerPlaces = (before: Places, size: number, points: number, makeStore: StoreMaker): Places => {
  const room = roomFor(size);
  const store = makeStore(points, room);
  store.variances().set(before.store.variances());
  const weights = before.store.weights();
  const { stride } = before.store;
  for (let i = 0; i < before.room; i++)
    store.weights().set(weights.subarray(i * stride, i * stride + points), i * store.stride);
  return placesWith(room, widened(before.precision, before.room, room), store);
};

/** P_ij. */
export const precisionAt = ({ room, precision }: Places, i: number, j: number): number =>
  precision[i * room + j] ?? NaN;

/** P, W and v of the members from a Cholesky factor. Returns log det(I + K_BB). */
export const factorise = (
  { room, precision, store, shares, regression }: Places,
  gram: Gram,
  members: readonly number[],
) => {
  const size = members.length;
  const { logDeterminant, inverse } = inverseOf(gram, members);
  for (let i = 0; i < size; i++) precision.set(inverse.subarray(i * size, (i + 1) * size), i * room);
  const { stride } = store;
  const [variances, weights] = [store.variances(), store.weights()];
  variances.set(gram.diagonal);
  weights.fill(0, 0, size * stride);
  shares.fill(0);
  const unmoved = { place: 0, size, shares, regression, leaving: 0, joining: 0 };
  members.forEach((m, j) => {
    for (let i = 0; i < size; i++) regression[i] = precision[i * room + j] ?? NaN;
    store.change({ ...unmoved, row: gram.row(m) });
  });
  members.forEach((m, i) => subtractProduct(variances, weights, i * stride, gram.row(m)));
  for (let n = 0; n < variances.length; n++) variances[n] = Math.max(0, variances[n] ?? NaN);
  return logDeterminant;
};

/** P without the member at a place; −a_i of the other places in `shares`, −1 at the place itself. Returns P_jj. */
export const leaveOut = ({ room, precision: p, shares: a }: Places, size: number, place: number): number => {
  const ofPlace = place * room;
  const own = p[ofPlace + place] ?? NaN;
  for (let i = 0; i < size; i++) a[i] = i === place ? -1 : -(p[i * room + place] ?? NaN) / own;
  // The row and the column of the place itself are written anew when a point joins.
  for (let i = 0; i < size; i++) {
    if (i === place) continue;
    const share = a[i] ?? NaN;
    const row = i * room;
    for (let j = 0; j < size; j++) p[row + j] = (p[row + j] ?? NaN) + share * (p[ofPlace + j] ?? NaN);
  }
  return own;
};

/** −K_Bn of the other places, and at the place the factor of W_j. Returns s. */
export const regress = (
  { store, shares, covariances }: Places,
  members: readonly number[],
  place: number,
  row: Float64Array,
  n: number,
): number => {
  const size = members.length;
  const { stride } = store;
  const weights = store.weights();
  let ofPlace = 0;
  for (let i = 0; i < size; i++) {
    const covariance = i === place ? 0 : (row[members[i] ?? -1] ?? NaN);
    covariances[i] = -covariance;
    ofPlace -= covariance * (shares[i] ?? NaN);
  }
  // K_nj itself plays no part: W_j enters by what the others had of it.
  covariances[place] = ofPlace;
  let residual = row[n] ?? NaN;
  for (let i = 0; i < size; i++) residual += (covariances[i] ?? NaN) * (weights[i * stride + n] ?? NaN);
  return 1 + Math.max(0, residual);
};

/** P with the point at a place; −u_i / s of the other places in `regression`, 1 / s at the place itself. */
export const join = (
  { room, precision: p, regression: u, covariances: c }: Places,
  size: number,
  place: number,
  spread: number,
): void => {
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

/** What the last place had moves to another. */
const moveLast = ({ room, precision: p, store }: Places, last: number, place: number): void => {
  const { stride } = store;
  store.weights().copyWithin(place * stride, last * stride, (last + 1) * stride);
  for (let i = 0; i < last; i++) p[place * room + i] = p[last * room + i] ?? NaN;
  for (let i = 0; i < last; i++) p[i * room + place] = p[i * room + last] ?? NaN;
  p[place * room + place] = p[last * room + last] ?? NaN;
};

/** A place behind the others, which a point is about to take. */
export const beginPlace = ({ shares, store }: Places, place: number): void => {
  shares.fill(0);
  shares[place] = -1;
  store.weights().fill(0, place * store.stride, (place + 1) * store.stride);
};

/** W and v without the member at a place that P is already without, the last of so many in its stead. */
export const removePlace = (places: Places, size: number, place: number, leaving: number): void => {
  const { store, shares, regression } = places;
  regression.fill(0);
  store.change({ place, size, shares, regression, leaving, joining: 0 });
  if (place !== size - 1) moveLast(places, size - 1, place);
};
