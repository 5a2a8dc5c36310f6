/**
 * The joint mutual information of a batch B that is changed a point at a time, on the host in f64. With K = Φ Φᵀ,
 *
 *   P = (I + K_BB)⁻¹ [b×b],    W = P K_B· [b×N],    v_n = K_nn − K_nB P K_Bn     the variance of f_n given the labels of B
 *
 * Without the member j, in O(N):      v_n⁻ʲ = v_n + W_jn² / P_jj,    gain(n | B ∖ j) = ½ log(1 + v_n⁻ʲ)   nats
 *
 * (the block inverse of I + K_BB). Where n takes the position of j, a change of rank two in O(bN): with a_i = P_ij / P_jj,
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
import {
  beginPosition,
  emptyPositions,
  factorise,
  join,
  leaveOut,
  type Positions,
  precisionAt,
  regress,
  removePosition,
  roomFor,
  type StoreMaker,
  widerPositions,
} from './conditional-positions.js';
import type { Gram } from './gram.js';
import { conditionalByGains, memberList, type MutableBatch } from './mutable-batch.js';
import { type OpenPosition, plainPointStore, type PointStore } from './point-store.js';
import { wasmPointStore } from './wasm/point-store.js';

/** Changes between two factorisations. */
const refactorEvery = 128;

/** P, W, v and log det(I + K_BB) of a batch that changes; what {@link informationBatch} is made of. Mutable. */
export interface ConditionalFactor extends MutableBatch {
  /** v [N]: 0 at least. Read anew after any batch has changed. */
  readonly variances: Float64Array;
  /** ½ log det(I + K_BB), nats: the joint mutual information. */
  readonly utility: () => number;
  /** P_ij of two positions; of one, P_jj. */
  readonly precision: (position: number, other?: number) => number;
  /** W_j [N] of a position. */
  readonly weights: (position: number) => Float64Array;
  readonly conditional: Required<MutableBatch>['conditional'];
}

/** By WebAssembly where it is there. */
const fastestStore: StoreMaker = (points, positions) =>
  wasmPointStore(points, positions) ?? plainPointStore(points, positions);

/** Gains and conditionals of the joint mutual information, from the store of v and W as it is when they are asked for. */
const gainsOf = (
  members: readonly number[],
  precision: (position: number) => number,
  store: () => PointStore,
): Pick<ConditionalFactor, 'gains' | 'conditional'> => {
  const openAt = (position: number): OpenPosition => ({
    position,
    precision: position < 0 ? 1 : precision(position),
    others: members.filter((_, i) => i !== position),
  });
  const gains: MutableBatch['gains'] = (position, out, depth = Infinity) =>
    store().gains(openAt(position), out, depth);
  return {
    gains,
    conditional: (position, beta, weights) => {
      const found = store().conditional?.(openAt(position), beta, weights);
      return found === undefined ? conditionalByGains(gains, position, beta, weights) : { weights, ...found };
    },
  };
};

/** What a factor holds. */
interface Held {
  readonly gram: Gram;
  readonly makeStore: StoreMaker;
  readonly list: ReturnType<typeof memberList>;
  positions: Positions;
  logDeterminant: number;
  /** Since the last factorisation. */
  changes: number;
}

const makeRoom = (held: Held): void => {
  const { gram, makeStore, positions, list } = held;
  const size = list.members.length;
  if (size > positions.room)
    held.positions = widerPositions(positions, size, gram.diagonal.length, makeStore);
};

/** Another batch, from a Cholesky factor. */
const setMembers = (held: Held, next: readonly number[]): void => {
  held.list.set(next);
  held.changes = 0;
  makeRoom(held);
  held.logDeterminant = factorise(held.positions, held.gram, held.list.members);
};

const changed = (held: Held): void => {
  if (++held.changes >= refactorEvery) setMembers(held, held.list.members);
};

/** P without the member at a position. Returns 1 / P_jj. */
const leave = (held: Held, position: number): number => {
  const own = leaveOut(held.positions, held.list.members.length, position);
  held.logDeterminant += Math.log(own);
  return 1 / own;
};

/** n at a position whose member P is already without; `leaving` of its variance comes back. */
const take = (held: Held, position: number, n: number, leaving: number): void => {
  const { positions, gram, list } = held;
  const size = list.members.length;
  const row = gram.row(n);
  const spread = regress(positions, list.members, position, row, n);
  join(positions, size, position, spread);
  held.logDeterminant += Math.log(spread);
  const { covariances, shares, regression } = positions.factors;
  positions.store.change({
    position,
    size,
    row,
    covariances,
    shares,
    regression,
    leaving,
    joining: 1 / spread,
  });
  changed(held);
};

/** The factor of a batch. Members are different points of the pool. `makeStore` is there to compare stores. */
export const conditionalFactor = (
  gram: Gram,
  initial: readonly number[],
  makeStore: StoreMaker = fastestStore,
): ConditionalFactor => {
  const points = gram.diagonal.length;
  const positions = emptyPositions(roomFor(initial.length), points, makeStore);
  const held: Held = { gram, makeStore, list: memberList([]), positions, logDeterminant: 0, changes: 0 };
  const { list } = held;
  const { members } = list;
  const precision = (i: number, j = i): number => precisionAt(held.positions, i, j);
  setMembers(held, initial);
  return {
    members,
    get variances() {
      return held.positions.store.variances();
    },
    utility: () => held.logDeterminant / 2,
    evaluations: () => 0,
    precision,
    weights: (position) => {
      const { store } = held.positions;
      return store.weights().subarray(position * store.stride, position * store.stride + points);
    },
    replace: (position, n) => {
      const leaving = leave(held, position);
      list.replace(position, n);
      take(held, position, n, leaving);
    },
    add: (n) => {
      list.add(n);
      makeRoom(held);
      const position = members.length - 1;
      beginPosition(held.positions, position);
      take(held, position, n, 0);
    },
    remove: (position) => {
      removePosition(held.positions, members.length, position, leave(held, position));
      list.remove(position);
      changed(held);
    },
    set: (next) => setMembers(held, next),
    ...gainsOf(members, precision, () => held.positions.store),
  };
};

/** The joint mutual information of a batch that changes, nats. Members are different points of the pool. */
export const informationBatch: (
  gram: Gram,
  initial: readonly number[],
  makeStore?: StoreMaker,
) => MutableBatch = conditionalFactor;
