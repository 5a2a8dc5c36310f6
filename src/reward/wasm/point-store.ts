/**
 * v and W of a batch (../point-store.ts) in the memory of a WebAssembly module, kernels/cpu/conditional, which works on two
 * numbers at once (room.ts). With n = N rounded up to a multiple of 8, a block of `positions` rows holds
 *
 *   v [n], r [n], weights [n], W [positions × n], covariances, shares, regression, taken [positions each], the largest variance
 */
import { weightDepth } from '../mutable-batch.js';
import type { OpenPosition, PointChange, PointStore } from '../point-store.js';
import { type AtPosition, blockOf, keptBy, type Room, sharedRoom } from './room.js';

/** The arrays of a block, in the order in which they lie there. */
const arraysIn = ({ memory }: Room, start: number, points: number, positions: number) => {
  const n = 8 * Math.ceil(points / 8);
  let at = start;
  const floats = (length: number, seen = length): Float64Array => {
    at += 8 * length;
    return new Float64Array(memory.buffer, at - 8 * length, seen);
  };
  return {
    buffer: memory.buffer,
    variances: floats(n, points),
    residual: floats(n, points),
    out: floats(n, points),
    weights: floats(positions * n),
    covariances: floats(positions),
    shares: floats(positions),
    regression: floats(positions),
    taken: new Int32Array(floats(positions).buffer, at - 8 * positions, positions),
    largest: floats(8),
  };
};

type Arrays = ReturnType<typeof arraysIn>;

/** Makes a change to v and W: its numbers into the memory, then the kernel. */
const changeIn = (
  { kernels }: Room,
  { variances, weights, residual, covariances, shares, regression }: Arrays,
  stride: number,
  change: PointChange,
): void => {
  const { position, size, row, leaving, joining } = change;
  if (row === undefined) residual.fill(0);
  else residual.set(row);
  for (let i = 0; i < size; i++) {
    covariances[i] = change.covariances?.[i] ?? NaN;
    shares[i] = change.shares[i] ?? NaN;
    regression[i] = change.regression[i] ?? NaN;
  }
  const offsets = [covariances.byteOffset, shares.byteOffset, regression.byteOffset] as const;
  const start = [stride, variances.byteOffset, weights.byteOffset, residual.byteOffset] as const;
  const taken = change.covariances === undefined ? 0 : size;
  kernels.exchange(...start, ...offsets, size, position, leaving, joining, taken);
};

/** A store of N points and so many positions, a multiple of 8, all 0; undefined where WebAssembly, SIMD or memory is not there. */
export const wasmPointStore = (points: number, positions: number): PointStore | undefined => {
  const room = sharedRoom();
  if (room === undefined) return undefined;
  const { memory, kernels } = room;
  const stride = 8 * Math.ceil(points / 8);
  const block = blockOf(room, 8 * ((3 + positions) * stride + 4 * positions + 8));
  if (block === undefined) return undefined;
  let seen = arraysIn(room, block.start, points, positions);
  const arrays = (): Arrays => {
    if (seen.buffer !== memory.buffer) seen = arraysIn(room, block.start, points, positions);
    return seen;
  };

  const open = ({ position, precision, others }: OpenPosition): AtPosition => {
    const { out, variances, weights, taken } = arrays();
    for (let i = 0; i < others.length; i++) taken[i] = others[i] ?? -1;
    const row = weights.byteOffset + 8 * stride * Math.max(0, position);
    const factor = position < 0 ? 0 : 1 / precision;
    const { byteOffset } = variances;
    return [stride, points, out.byteOffset, byteOffset, row, factor, taken.byteOffset, others.length];
  };

  const store: PointStore = {
    stride,
    variances: () => arrays().variances,
    weights: () => arrays().weights,
    change: (change) => changeIn(room, arrays(), stride, change),
    gains: (at, out, depth) => {
      kernels.gains(...open(at), Math.exp(-2 * depth));
      out.set(arrays().out);
    },
    conditional: (at, beta, weights) => {
      const { out, largest } = arrays();
      const floor = Math.exp((-2 * weightDepth) / beta);
      const total = kernels.conditional(...open(at), beta / 2, floor, largest.byteOffset);
      weights.set(out);
      return { largest: 0.5 * Math.log1p(largest[0] ?? NaN), total };
    },
  };
  // Its arrays are good as long as the store is kept.
  keptBy(room, store, block);
  return store;
};
