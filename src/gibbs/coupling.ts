/**
 * Pairs of chains that meet: what the distance of a chain from its target can be told by. X is ahead of Y by a lag of L updates
 * and both begin with the same law. From then on they are updated together (update.ts), each as it would be alone:
 *
 *  - the same position of both, where a point that both hold counts as standing in one position; the others in their order;
 *  - the point that joins by a maximal coupling of the two conditionals p and q: both get the same one with probability
 *    Σ_n min(p_n, q_n), the most that any joint law allows, and else each one of its own from what is left over;
 *  - where sizes vary, the same coins, and points that are added by a maximal coupling too.
 *
 * Once they hold the same points they always will (the coupling is faithful): they have met.
 *
 * Sources: Biswas, Jacob and Vanetti, Estimating convergence of Markov chains with L-lag couplings (2019), arXiv 1905.09971;
 * Jacob, O'Leary and Atchadé (2020), arXiv 1708.03625; the maximal coupling of discrete laws, Thorisson (2000).
 */
import { below, type UniformStream } from '../random/stream.js';
import type { Conditional, MutableBatch } from '../reward/mutable-batch.js';
import type { BatchTarget } from './target.js';
import { conditionalAt, drawnFrom, logMass, resizes } from './update.js';

/** Whether two batches hold the same points. */
export const samePoints = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n) => b.includes(n));

/**
 * The position of b that corresponds to one of a: that of the same point, or else that of the point which is as many-eth among
 * those of b alone as this is among those of a alone. One to one between batches of one size.
 */
export const partnerOf = (a: readonly number[], b: readonly number[], position: number): number => {
  const same = b.indexOf(a[position] ?? -1);
  if (same >= 0) return same;
  let rank = 0;
  for (let i = 0; i < position; i++) if (!b.includes(a[i] ?? -1)) rank++;
  for (let j = 0; j < b.length; j++) if (!a.includes(b[j] ?? -1) && rank-- === 0) return j;
  throw new RangeError('partnerOf: the batches are not of one size');
};

/** The point at which the sum of min(s p_n, q_n) passes `left`, the last that has any if none does; −1 for none. */
const sharedDraw = (p: Float64Array, scale: number, q: Float64Array, left: number): number => {
  let last = -1;
  for (let n = 0; n < p.length && left >= 0; n++) {
    const a = scale * (p[n] ?? NaN);
    const b = q[n] ?? NaN;
    const least = a < b ? a : b;
    if (least > 0) last = n;
    left -= least;
  }
  return last;
};

/** The same for the sum of max(0, s p_n − r q_n). */
const surplusDraw = (p: Float64Array, s: number, q: Float64Array, r: number, left: number): number => {
  let last = -1;
  for (let n = 0; n < p.length && left >= 0; n++) {
    const more = s * (p[n] ?? NaN) - r * (q[n] ?? NaN);
    if (more > 0) {
      last = n;
      left -= more;
    }
  }
  return last;
};

/** A draw from each of two laws by weights of one length, the same one as often as can be. */
export const maximallyCoupled = (
  p: Pick<Conditional, 'weights' | 'total'>,
  q: Pick<Conditional, 'weights' | 'total'>,
  uniform: UniformStream,
): readonly [number, number] => {
  const [ofP, ofQ] = [p.weights, q.weights];
  // All in the unit of q's weights.
  const scale = q.total / p.total;
  let shared = 0;
  for (let n = 0; n < ofP.length; n++) {
    const a = scale * (ofP[n] ?? NaN);
    const b = ofQ[n] ?? NaN;
    shared += a < b ? a : b;
  }
  const coin = uniform();
  const level = uniform();
  const both = (): readonly [number, number] => {
    const drawn = sharedDraw(ofP, scale, ofQ, level * shared);
    return [drawn, drawn];
  };
  if (coin * q.total < shared) return both();
  const rest = Math.max(0, q.total - shared);
  const own = surplusDraw(ofP, scale, ofQ, 1, level * rest);
  const other = surplusDraw(ofQ, 1, ofP, scale, uniform() * rest);
  // Where rounding alone leaves a rest, there may be nothing in it.
  return own < 0 || other < 0 ? both() : [own, other];
};

/** Two scratches of N numbers. */
type Scratches = readonly [Float64Array, Float64Array];

const anewTogether = (
  x: MutableBatch,
  y: MutableBatch,
  beta: number,
  uniform: UniformStream,
  [p, q]: Scratches,
): void => {
  const coin = uniform();
  const position = below(x.members.length, coin);
  const other =
    x.members.length === y.members.length
      ? partnerOf(x.members, y.members, position)
      : below(y.members.length, coin);
  const [n, m] = maximallyCoupled(
    conditionalAt(x, position, beta, p),
    conditionalAt(y, other, beta, q),
    uniform,
  );
  if (x.members[position] !== n) x.replace(position, n);
  if (y.members[other] !== m) y.replace(other, m);
};

const resizedTogether = (
  x: MutableBatch,
  y: MutableBatch,
  target: BatchTarget,
  beta: number,
  uniform: UniformStream,
  [p, q]: Scratches,
): void => {
  const { batchSize, smallestBatch = batchSize, pointCost = 0 } = target;
  const grows = uniform() < 0.5;
  const coin = Math.log(uniform());
  if (!grows) {
    const choice = uniform();
    const before = [...x.members];
    const position = below(before.length, choice);
    const other =
      before.length === y.members.length
        ? partnerOf(before, y.members, position)
        : below(y.members.length, choice);
    for (const [batch, at, scratch] of [
      [x, position, p],
      [y, other, q],
    ] as const) {
      const size = batch.members.length;
      if (size <= smallestBatch) continue;
      const mass = logMass(conditionalAt(batch, at, beta, scratch), beta, pointCost);
      if (coin < Math.log(size) - mass) batch.remove(at);
    }
    return;
  }
  const accepted = ([x, y] as const).map((batch, i) => {
    const size = batch.members.length;
    if (size >= batchSize) return undefined;
    const next = conditionalAt(batch, -1, beta, i === 0 ? p : q);
    return coin < logMass(next, beta, pointCost) - Math.log(size + 1) ? next : undefined;
  });
  const [ofX, ofY] = accepted;
  if (ofX !== undefined && ofY !== undefined) {
    const [n, m] = maximallyCoupled(ofX, ofY, uniform);
    x.add(n);
    y.add(m);
  } else if (ofX !== undefined) x.add(drawnFrom(ofX, uniform()));
  else if (ofY !== undefined) y.add(drawnFrom(ofY, uniform()));
};

/** One update of both batches of a pair, the `step`-th of Y (and of X, whose steps are ahead by an even number). */
export const updateTogether = (
  target: BatchTarget,
  [x, y]: readonly [MutableBatch, MutableBatch],
  beta: number,
  step: number,
  uniform: UniformStream,
  scratches: Scratches,
): void => {
  if (resizes(target, step)) resizedTogether(x, y, target, beta, uniform, scratches);
  else anewTogether(x, y, beta, uniform, scratches);
};
