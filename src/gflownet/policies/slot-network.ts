/**
 * The network of `messagePassing`: what is the next pick's probability, where the conditionals p_g of a greedy completion's places
 * (greedy-completion.ts) are nearly right? With q = mean of p_g over the r + 1 places, β = 1/T and g = ½ log(1 + v) the logits are
 *
 *   r = 0    β g                                   exact: nothing comes after
 *   r = 1    β g + log Σ_{j ≠ n} e^{β g_j − δ_nj}    exact: one pick comes after
 *   r > 1    log(q + ε) + a tanh( (w · h + z · h log(q + ε)) / a ),   a = 20,   ε = 10⁻⁶ / N
 *
 * where δ_nj = −(β/2) log(1 − C_nj² / ((1 + v_n)(1 + v_j))) is what the gain of j loses by n. h, a column a candidate, comes of two rounds of messages between candidates and places,
 *
 *   e ← e + V' tanh(A' e + B' h pᵀ + C' e κ + D' mean(e))      h ← h + V tanh(A h + B e ρ + C x)
 *
 * with ρ = p over its sum, the places that would have n, and κ = 1 − (1 − partial correlation²)^{β/8} between places. x are features of a
 * candidate and its state. w and z are zero at start, and what adds to the last two picks, `ends`, is trained only where the reward is not the information of C.
 * All of it is the same whatever the order of the points and the rotation of the features.
 *
 * Message passing: Gilmer et al. 2017, arXiv 1704.01212.
 */
import { weights, zeros, type Parameters } from '../../nn/parameters.js';
import { exponentials } from '../../tensor/derived/softmax.js';
import type { Tensor } from '../../tensor/expression.js';
import {
  add,
  broadcast,
  cast,
  concat,
  div,
  equal,
  exp,
  filled,
  iota,
  less,
  log,
  matmul,
  max,
  maximum,
  mul,
  neg,
  reshape,
  select,
  stopGradient,
  sub,
  sum,
  tanh,
  transpose,
} from '../../tensor/operations.js';
import { gainOf } from '../../reward/conditional-variance.js';
import { completionOf, perState, type CompletedStates, type Completion } from './greedy-completion.js';

/** Features x of a candidate: twelve of its own, five of its state. */
const features = 17;
/** Features of a place, beside the mean of x over its conditional. */
const placeFeatures = 6;
const roundNames = ['round1', 'round2'] as const;

const roundSpecs = <R extends string>(round: R, hidden: number) => {
  const square = () => weights(hidden, hidden);
  const own = {
    Places: square(),
    FromPoints: square(),
    Between: square(),
    All: square(),
    PlacesOut: weights(hidden, hidden, 0.3),
    Points: square(),
    FromPlaces: square(),
    Features: weights(hidden, features),
    PointsOut: weights(hidden, hidden, 0.3),
  };
  return Object.fromEntries(Object.entries(own).map(([name, spec]) => [round + name, spec])) as {
    readonly [K in keyof typeof own as `${R}${K}`]: (typeof own)[K];
  };
};

/** Parameters of the network; they depend on its width alone. */
export const networkSpecs = (hidden: number) => ({
  start: weights(hidden, features),
  startPlaces: weights(hidden, placeFeatures + features),
  ...roundSpecs('round1', hidden),
  ...roundSpecs('round2', hidden),
  head: zeros(1, hidden),
  tilt: zeros(1, hidden),
  ends: zeros(1, hidden),
});

type Specs = ReturnType<typeof networkSpecs>;

/** Logits this far below the largest, nats, are alike. */
const depth = 30;
/** ε N. */
const floor = 1e-6;
/** a. */
const bound = 20;

/** What the network reads. */
interface Seen {
  /** [S, F, N]. */
  readonly x: Tensor;
  /** [S, F', M]. */
  readonly y: Tensor;
  /** β g, [S, N]. */
  readonly gains: Tensor;
  /** log(q + ε), [S, 1, N]. */
  readonly base: Tensor;
  readonly completion: Completion;
  /** ρ, [S, M, N]. */
  readonly responsibilities: Tensor;
  /** κ, [S, M, M]. */
  readonly coupling: Tensor;
}

/** y, from log p_g [S, M, N] and the entropies of p_g [S, M]. */
const placeFeaturesOf = ({ counts, gains, picked }: Completion, logs: Tensor, entropies: Tensor): Tensor => {
  const [count = 1, places = 1] = counts.shape;
  const row = (tensor: Tensor): Tensor => reshape(tensor, [count, 1, places]);
  const ofPick = (tensor: Tensor): Tensor => sum(mul(picked, tensor), [2]);
  const all = concat(
    [
      filled(1, gains.dtype, [count, 1, places]),
      row(mul(ofPick(logs), 0.2)),
      row(entropies),
      row(mul(log(add(1, ofPick(gains))), 0.5)),
      row(mul(log(add(1, max(gains, [2]))), 0.5)),
      mul(cast(iota('u32', [count, 1, places], 2), gains.dtype), 0.1),
    ],
    1,
  );
  return mul(all, row(counts));
};

const seenOf = (states: CompletedStates): Seen => {
  const { variances, allowed, remaining, inverseTemperature } = states;
  const completion = completionOf(states);
  const { conditionals, picked, after, partial } = completion;
  const [count = 1, , size = 1] = conditionals.shape;
  const row = (tensor: Tensor): Tensor => reshape(tensor, [count, 1, size]);
  const each = (tensor: Tensor): Tensor => broadcast(reshape(tensor, [count, 1, 1]), [count, 1, size]);
  const column = (tensor: Tensor): Tensor => reshape(tensor, [count, 1]);
  const beta = perState(inverseTemperature, 1);
  const gains = mul(gainOf(variances), beta);
  const { shift } = exponentials(gains, allowed);
  const below = maximum(select(allowed, sub(gains, column(shift)), 0), -depth);
  const total = row(sum(conditionals, [1]));
  const q = div(total, reshape(add(remaining, 1), [count, 1, 1]));
  const base = log(add(q, floor / size));
  const responsibilities = div(conditionals, add(total, 1e-12));
  const logs = log(add(conditionals, 1e-12));
  const entropies = neg(sum(mul(conditionals, logs), [2]));
  const best = row(max(conditionals, [1]));
  const x = concat(
    [
      filled(1, variances.dtype, [count, 1, size]),
      mul(base, 0.1),
      exp(mul(base, 0.5)),
      row(mul(below, 0.1)),
      row(exp(below)),
      row(mul(log(add(1, gains)), 0.5)),
      row(div(variances, add(1, variances))),
      row(mul(log(add(1, mul(gainOf(after), beta))), 0.5)),
      row(sum(picked, [1])),
      row(max(responsibilities, [1])),
      mul(log(add(best, floor)), 0.1),
      row(sum(mul(responsibilities, responsibilities), [1])),
      each(log(add(1, remaining))),
      each(mul(remaining, 0.1)),
      each(neg(sum(mul(q, base), [1, 2]))),
      each(log(add(1, maximum(shift, 0)))),
      each(div(sum(entropies, [1]), reshape(add(remaining, 1), [count]))),
    ],
    1,
  );
  const y = placeFeaturesOf(completion, logs, entropies);
  const rates = perState(mul(beta, 1 / 8), 2);
  const coupling = sub(1, exp(mul(log(maximum(sub(1, partial), 1e-6)), rates)));
  const held = stopGradient;
  return {
    ...{ x: held(x), y: held(y), gains: held(gains), base: held(base), completion },
    ...{ responsibilities: held(responsibilities), coupling: held(coupling) },
  };
};

/** h, [S, H, N]. */
const messages = (p: Parameters<Specs>, { x, y, completion, responsibilities, coupling }: Seen): Tensor => {
  const { counts, conditionals } = completion;
  const [count = 1, places = 1] = counts.shape;
  const kept = reshape(counts, [count, 1, places]);
  const share = div(kept, reshape(sum(counts, [1]), [count, 1, 1]));
  const towards = stopGradient(transpose(conditionals));
  let h = tanh(matmul(p.start, x));
  let e = mul(tanh(matmul(p.startPlaces, concat([y, matmul(x, towards)], 1))), kept);
  for (const round of roundNames) {
    const all = broadcast(reshape(sum(mul(e, share), [2]), [count, e.shape[1] ?? 1, 1]), e.shape);
    const ofPlaces = add(
      add(matmul(p[`${round}Places`], e), matmul(p[`${round}FromPoints`], matmul(h, towards))),
      add(matmul(p[`${round}Between`], matmul(e, coupling)), matmul(p[`${round}All`], all)),
    );
    e = add(e, mul(matmul(p[`${round}PlacesOut`], tanh(ofPlaces)), kept));
    const ofPoints = add(
      add(matmul(p[`${round}Points`], h), matmul(p[`${round}Features`], x)),
      matmul(matmul(p[`${round}FromPlaces`], e), responsibilities),
    );
    h = add(h, matmul(p[`${round}PointsOut`], tanh(ofPoints)));
  }
  return h;
};

/** log Σ_{j ≠ n} e^{β g_j − δ_nj} less a number for the state, [S, N]: what one pick that comes after n can have. */
const pairs = (
  { gram, from, shares, variances, allowed, inverseTemperature }: CompletedStates,
  gains: Tensor,
): Tensor => {
  const [count = 1, size = 1] = variances.shape;
  if (from !== undefined) throw new RangeError('pairs: states of one pool alone');
  const whole = reshape(gram, [1, size, size]);
  const covariance = shares === undefined ? whole : sub(whole, matmul(transpose(shares), shares));
  const spread = reshape(add(1, variances), [count, 1, size]);
  const ratio = div(mul(covariance, covariance), mul(spread, transpose(spread)));
  // Rounding may carry the ratio of two points that say the same thing beyond one.
  const left = mul(log(maximum(sub(1, ratio), 1e-6)), mul(perState(inverseTemperature, 2), 0.5));
  const itself = equal(iota('u32', [size, size], 0), iota('u32', [size, size], 1));
  const open = select(itself, 0, broadcast(reshape(allowed, [count, 1, size]), [count, size, size]));
  const { total, shift } = exponentials(add(left, reshape(gains, [count, 1, size])), open);
  // Members may have no candidate beside themselves.
  return select(less(total, 0.5), 0, add(log(maximum(total, 1e-30)), shift));
};

/** Logits [S, N] of candidates; entries of members hold no meaning, and are finite. */
export const networkLogits = (parameters: Parameters, states: CompletedStates): Tensor => {
  const p = parameters as Parameters<Specs>;
  const [count = 1, size = 1] = states.variances.shape;
  const seen = seenOf(states);
  const h = messages(p, seen);
  const flat = (tensor: Tensor): Tensor => reshape(tensor, [count, size]);
  const bounded = (tensor: Tensor): Tensor => flat(mul(bound, tanh(mul(tensor, 1 / bound))));
  if (states.picks > 2) {
    const { base } = seen;
    return add(flat(base), bounded(add(matmul(p.head, h), mul(base, matmul(p.tilt, h)))));
  }
  const exact = states.picks === 1 ? seen.gains : add(seen.gains, stopGradient(pairs(states, seen.gains)));
  return add(exact, bounded(matmul(p.ends, h)));
};
