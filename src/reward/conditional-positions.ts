/**
 * What is kept of a batch by position, and what becomes of it when a member leaves, joins or moves: P [b×b], W [b×N] and v [N]. The
 * formulas, and their source, are those of information-batch.ts; v and W lie in a store (point-store.ts).
 */
import { type Gram, inverseOf } from './gram.js';
import type { PointChange, PointStore } from './point-store.js';

/** target_n −= a_n b_n for all n. */
const subtractProduct = (target: Float64Array, a: Float64Array, start: number, b: Float64Array): void => {
  for (let n = 0; n < target.length; n++)
    target[n] = (target[n] ?? NaN) - (a[start + n] ?? NaN) * (b[n] ?? NaN);
};

/** Positions that there is room for, for a batch of some size: a multiple of 8. */
export const roomFor = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(8, size)));

/** Makes a store of v and W for so many points and positions. */
export type StoreMaker = (points: number, positions: number) => PointStore;

/** P and the store of v and W, with room for so many positions, and the factors of the change at hand. */
export interface Positions {
  /** P has rows of so many numbers. */
  readonly room: number;
  readonly precision: Float64Array;
  readonly store: PointStore;
  /** Of a change (PointChange): shares first −a_i, regression then u_i. */
  readonly factors: Required<Pick<PointChange, 'shares' | 'covariances' | 'regression'>>;
}

/** Room for so many positions of N points, all 0. */
export const emptyPositions = (room: number, points: number, makeStore: StoreMaker): Positions => {
  const numbers = (length = room): Float64Array => new Float64Array(length);
  return {
    room,
    precision: numbers(room * room),
    store: makeStore(points, room),
    factors: { shares: numbers(), covariances: numbers(), regression: numbers() },
  };
};

/** The same with room for more. */
export const widerPositions = (
  before: Positions,
  size: number,
  points: number,
  makeStore: StoreMaker,
): Positions => {
  const after = emptyPositions(roomFor(size), points, makeStore);
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
export const precisionAt = ({ room, precision }: Positions, i: number, j: number): number =>
  precision[i * room + j] ?? NaN;

/** P, W and v of the members from a Cholesky factor. Returns log det(I + K_BB). */
export const factorise = (
  { room, precision, store, factors: { shares, regression } }: Positions,
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
  const unmoved = { position: 0, size, shares, regression, leaving: 0, joining: 0 };
  members.forEach((m, j) => {
    for (let i = 0; i < size; i++) regression[i] = precision[i * room + j] ?? NaN;
    store.change({ ...unmoved, row: gram.row(m) });
  });
  members.forEach((m, i) => subtractProduct(variances, weights, i * stride, gram.row(m)));
  for (let n = 0; n < variances.length; n++) variances[n] = Math.max(0, variances[n] ?? NaN);
  return logDeterminant;
};

/** P without the member at a position; −a_i of the other positions in `shares`, −1 at the position itself. Returns P_jj. */
export const leaveOut = (
  { room, precision: p, factors: { shares: a } }: Positions,
  size: number,
  position: number,
): number => {
  const ofPosition = position * room;
  const own = p[ofPosition + position] ?? NaN;
  for (let i = 0; i < size; i++) a[i] = i === position ? -1 : -(p[i * room + position] ?? NaN) / own;
  // The row and the column of the position itself are written anew when a point joins.
  for (let i = 0; i < size; i++) {
    if (i === position) continue;
    const share = a[i] ?? NaN;
    const row = i * room;
    for (let j = 0; j < size; j++) p[row + j] = (p[row + j] ?? NaN) + share * (p[ofPosition + j] ?? NaN);
  }
  return own;
};

/** −K_Bn of the other positions, and at the position the factor of W_j. Returns s. */
export const regress = (
  { store, factors: { shares, covariances } }: Positions,
  members: readonly number[],
  position: number,
  row: Float64Array,
  n: number,
): number => {
  const size = members.length;
  const { stride } = store;
  const weights = store.weights();
  let ofPosition = 0;
  for (let i = 0; i < size; i++) {
    const covariance = i === position ? 0 : (row[members[i] ?? -1] ?? NaN);
    covariances[i] = -covariance;
    ofPosition -= covariance * (shares[i] ?? NaN);
  }
  // K_nj itself plays no part: W_j enters by what the others had of it.
  covariances[position] = ofPosition;
  let residual = row[n] ?? NaN;
  for (let i = 0; i < size; i++) residual += (covariances[i] ?? NaN) * (weights[i * stride + n] ?? NaN);
  return 1 + Math.max(0, residual);
};

/** P with the point at a position; −u_i / s of the other positions in `regression`, 1 / s at the position itself. */
export const join = (
  { room, precision: p, factors: { regression: u, covariances: c } }: Positions,
  size: number,
  position: number,
  spread: number,
): void => {
  for (let i = 0; i < size; i++) {
    const row = i * room;
    let sum = 0;
    if (i !== position)
      for (let j = 0; j < size; j++) if (j !== position) sum -= (p[row + j] ?? NaN) * (c[j] ?? NaN);
    u[i] = sum;
  }
  for (let i = 0; i < size; i++) {
    const row = i * room;
    const factor = (u[i] ?? NaN) / spread;
    for (let j = 0; j < size; j++) p[row + j] = (p[row + j] ?? NaN) + factor * (u[j] ?? NaN);
  }
  for (let i = 0; i < size; i++) u[i] = i === position ? 1 / spread : -(u[i] ?? NaN) / spread;
  for (let i = 0; i < size; i++) {
    p[i * room + position] = u[i] ?? NaN;
    p[position * room + i] = u[i] ?? NaN;
  }
};

/** What the last position had moves to another. */
const moveLast = ({ room, precision: p, store }: Positions, last: number, position: number): void => {
  const { stride } = store;
  store.weights().copyWithin(position * stride, last * stride, (last + 1) * stride);
  for (let i = 0; i < last; i++) p[position * room + i] = p[last * room + i] ?? NaN;
  for (let i = 0; i < last; i++) p[i * room + position] = p[i * room + last] ?? NaN;
  p[position * room + position] = p[last * room + last] ?? NaN;
};

/** A position behind the others, which a point is about to take. */
export const beginPosition = ({ factors: { shares }, store }: Positions, position: number): void => {
  shares.fill(0);
  shares[position] = -1;
  store.weights().fill(0, position * store.stride, (position + 1) * store.stride);
};

/** W and v without the member at a position that P is already without, the last of so many in its stead. */
export const removePosition = (
  positions: Positions,
  size: number,
  position: number,
  leaving: number,
): void => {
  const { shares, regression } = positions.factors;
  regression.fill(0);
  positions.store.change({ position, size, shares, regression, leaving, joining: 0 });
  if (position !== size - 1) moveLast(positions, size - 1, position);
};
