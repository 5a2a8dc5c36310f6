/**
 * What is kept of a batch by place, and what becomes of it when a member leaves, joins or moves: P [b×b], W [b×N] and v [N]. The
 * formulas, and their source, are those of information-batch.ts; v and W lie in a store (point-store.ts).
 */
import { type Gram, inverseOf } from './gram.js';
import type { PointChange, PointStore } from './point-store.js';

/** target_n −= a_n b_n for all n. */
const subtractProduct = (target: Float64Array, a: Float64Array, start: number, b: Float64Array): void => {
  for (let n = 0; n < target.length; n++)
    target[n] = (target[n] ?? NaN) - (a[start + n] ?? NaN) * (b[n] ?? NaN);
};

/** Places that there is room for, for a batch of some size: a multiple of 8. */
export const roomFor = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(8, size)));

/** Makes a store of v and W for so many points and places. */
export type StoreMaker = (points: number, places: number) => PointStore;

/** P and the store of v and W, with room for so many places, and the factors of the change at hand. */
export interface Places {
  /** P has rows of so many numbers. */
  readonly room: number;
  readonly precision: Float64Array;
  readonly store: PointStore;
  /** Of a change (PointChange): shares first −a_i, regression then u_i. */
  readonly factors: Required<Pick<PointChange, 'shares' | 'covariances' | 'regression'>>;
}

/** Room for so many places of N points, all 0. */
export const emptyPlaces = (room: number, points: number, makeStore: StoreMaker): Places => {
  const numbers = (length = room): Float64Array => new Float64Array(length);
  return {
    room,
    precision: numbers(room * room),
    store: makeStore(points, room),
    factors: { shares: numbers(), covariances: numbers(), regression: numbers() },
  };
};

/** The same with room for more. */
export const widerPlaces = (before: Places, size: number, points: number, makeStore: StoreMaker): Places => {
  const after = emptyPlaces(roomFor(size), points, makeStore);
  const { stride } = before.store;
  const [weights, wider] = [before.store.weights(), after.store.weights()];
  after.store.variances().set(before.store.variances());
  for (let i = 0; i < before.room; i++) {
    wider.set(weights.subarray(i * stride, i * stride + points), i * after.store.stride);
    after.precision.set(before.precision.subarray(i * before.room, (i + 1) * before.room), i * after.room);
  }
  return after;
};

/** P_ij. */
export const precisionAt = ({ room, precision }: Places, i: number, j: number): number =>
  precision[i * room + j] ?? NaN;

/** P, W and v of the members from a Cholesky factor. Returns log det(I + K_BB). */
export const factorise = (
  { room, precision, store, factors: { shares, regression } }: Places,
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
export const leaveOut = (
  { room, precision: p, factors: { shares: a } }: Places,
  size: number,
  place: number,
): number => {
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
  { store, factors: { shares, covariances } }: Places,
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
  { room, precision: p, factors: { regression: u, covariances: c } }: Places,
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
export const beginPlace = ({ factors: { shares }, store }: Places, place: number): void => {
  shares.fill(0);
  shares[place] = -1;
  store.weights().fill(0, place * store.stride, (place + 1) * store.stride);
};

/** W and v without the member at a place that P is already without, the last of so many in its stead. */
export const removePlace = (places: Places, size: number, place: number, leaving: number): void => {
  const { shares, regression } = places.factors;
  regression.fill(0);
  places.store.change({ place, size, shares, regression, leaving, joining: 0 });
  if (place !== size - 1) moveLast(places, size - 1, place);
};
