/**
 * The network of `messagePassing`: what does choosing n cost the r picks that come after it?
 *
 * C is the conditional covariance of the candidates given the members, v its diagonal, g = ½ log(1 + v) and β = 1/T. Where n
 * is chosen, the logit β g of another candidate j falls by exactly
 *
 *   δ_nj = −(β/2) log(1 − C_nj² / ((1 + v_n)(1 + v_j)))
 *
 * and were the later picks r independent draws from a distribution ρ, all of them together would weigh s_n^r as much as
 * without n, where s_n = Σ_{j ≠ n} ρ_j e^{−δ_nj} is what n leaves of them. So the logits are
 *
 *   r = 0    β g                                exact: nothing comes after
 *   r = 1    β g + log s,   ρ = softmax(β g)    exact: one pick comes after
 *   r > 1    β g + a tanh( (w · h + r u · log s) / a ),   a = 8 √r
 *
 * a lattice gas with pair repulsion in a mean field that is unrolled and corrected: in each of three rounds, Q channels of ρ
 * say where the later picks may be, bonds e^{−cδ}, c = 1/16, ¼, 1, 4, what n leaves of each, and a network what to make of it,
 *
 *   ρ_q = softmax(α_q β g + U_q h)     s_qc = e^{−cδ} ρ_q     h ← h + V tanh(A h + B log s + C s + D x)
 *
 * with log s less its mean over softmax(β g), for what all candidates leave alike is no reason to choose. x are features of a candidate and its state: β g less the largest and its exponential, log(1 + β g), v / (1 + v), log(1 + r),
 * r, the entropy of softmax(β g), log(1 + max β g), and log s and s for that ρ. w and u are zero at start, and what adds to the
 * last two picks, `ends`, is trained only where the reward is not the information of C. All of it is the same whatever the
 * order of the points and the rotation of the features; h has a column a candidate.
 *
 * Mean field of a lattice gas with repulsion: Hansen and McDonald, Theory of Simple Liquids (4th ed., 2013), chapter 3;
 * message passing: Gilmer et al. 2017, arXiv 1704.01212.
 */
import { weights, zeros, type Parameters } from '../../nn/parameters.js';
import { exponentials } from '../../tensor/derived/softmax.js';
import type { Tensor } from '../../tensor/expression.js';
import {
  add,
  broadcast,
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
  slice,
  sqrt,
  sub,
  sum,
  tanh,
} from '../../tensor/operations.js';
import { gainOf } from '../../reward/conditional-variance.js';

/** S states of a pool of N points. */
export interface LatticeStates {
  /** C, [S, N, N]. */
  readonly covariance: Tensor;
  /** v, [S, N]. */
  readonly variances: Tensor;
  /** [S, N] u32: 1 for candidates. */
  readonly allowed: Tensor;
  /** r, [S, 1]. */
  readonly remaining: Tensor;
  /** β, a scalar or [S, 1]. */
  readonly inverseTemperature: Tensor;
}

/** Channels of ρ. */
const channels = 8;
/** The c of the bonds, each four times the one before. */
const strengths = [1 / 16, 1 / 4, 1, 4] as const;
const bondCount = strengths.length;
/** Features x: five of a candidate, four of its state, and three for each of the bonds. */
const features = 9 + 3 * bondCount;
const roundNames = ['round1', 'round2', 'round3'] as const;

const roundSpecs = <R extends string>(round: R, hidden: number) => {
  const own = {
    Sharpness: weights(channels, 1, 0.5),
    Scores: weights(channels, hidden),
    Hidden: weights(hidden, hidden),
    Logs: weights(hidden, bondCount * channels),
    Parts: weights(hidden, bondCount * channels),
    Features: weights(hidden, features),
    Out: weights(hidden, hidden, 0.3),
    Head: zeros(1, bondCount * channels),
  };
  return Object.fromEntries(Object.entries(own).map(([name, spec]) => [round + name, spec])) as {
    readonly [K in keyof typeof own as `${R}${K}`]: (typeof own)[K];
  };
};

/** Parameters of the network; they depend on its width alone. */
export const latticeSpecs = (hidden: number) => ({
  start: weights(hidden, features),
  ...roundSpecs('round1', hidden),
  ...roundSpecs('round2', hidden),
  ...roundSpecs('round3', hidden),
  firstHead: zeros(1, bondCount),
  head: zeros(1, hidden),
  ends: zeros(1, hidden),
});

type Specs = ReturnType<typeof latticeSpecs>;

/** What is left beside the nearest is told apart down to this part of it. */
const least = 1e-12;
/** Logits this far below the largest, nats, are alike. */
const depth = 30;

/** Bonds of the candidates, relative to the nearest of each: e^{−c (δ_jn − δ_n)}, δ_n = min_j δ_jn. */
interface Bonds {
  /** For each c, [S, N, N] with a column for each n, zero on the diagonal: nobody is chosen twice. */
  readonly relative: readonly Tensor[];
  /** −c δ_n for each c, [S, 1, N]. */
  readonly nearest: readonly Tensor[];
}

const bondsOf = ({ covariance, variances, allowed, inverseTemperature }: LatticeStates): Bonds => {
  const [count = 1, size = 1] = variances.shape;
  const row = (tensor: Tensor): Tensor => reshape(tensor, [count, 1, size]);
  const own = div(1, sqrt(add(1, variances)));
  const ratio = mul(mul(covariance, reshape(own, [count, size, 1])), row(own));
  // Rounding may carry the ratio of two points that say the same thing beyond one.
  const apart = log(maximum(sub(1, mul(ratio, ratio)), 1e-6));
  const itself = equal(iota('u32', [size, size], 0), iota('u32', [size, size], 1));
  const top = row(max(select(itself, -depth, select(row(allowed), apart, -depth)), [2]));
  const rate = mul(inverseTemperature, strengths[0] / 2);
  const rates = rate.shape.length === 0 ? rate : reshape(rate, [count, 1, 1]);
  // Members may be nearer than any candidate.
  const weakest = select(itself, 0, exp(neg(mul(maximum(sub(top, apart), 0), rates))));
  const fourth = (bond: Tensor): Tensor => {
    const square = mul(bond, bond);
    return mul(square, square);
  };
  const relative = [weakest];
  for (let bond = weakest; relative.length < bondCount; relative.push(bond)) bond = fourth(bond);
  return {
    relative,
    nearest: strengths.map((strength) => mul(mul(top, rates), strength / strengths[0])),
  };
};

/** What each candidate leaves of ρ [S, Q, N] by each bond beside its nearest: [S, CQ, N] for C bonds; and the log of all it leaves. */
const left = ({ relative, nearest }: Bonds, density: Tensor) => {
  const [count = 1, own = 1, size = 1] = density.shape;
  const parts = relative.map((bond) => matmul(density, bond));
  return {
    parts: concat(parts, 1),
    logs: concat(
      parts.map((part, c) => add(log(add(part, least)), broadcast(nearest[c] ?? part, [count, own, size]))),
      1,
    ),
  };
};

/** Rows [S, R, N] less their means over a distribution [S, N]. */
const centred = (rows: Tensor, density: Tensor): { readonly rows: Tensor; readonly means: Tensor } => {
  const [count = 1, size = 1] = density.shape;
  const means = matmul(rows, reshape(density, [count, size, 1]));
  return { rows: sub(rows, means), means };
};

/** What the rounds read of states: x [S, F, N], β g [S, N] and softmax(β g), and log s of that, [S, C, N]. */
const featuresOf = (states: LatticeStates, bonds: Bonds) => {
  const { variances, allowed, remaining, inverseTemperature } = states;
  const [count = 1, size = 1] = variances.shape;
  const row = (tensor: Tensor): Tensor => reshape(tensor, [count, 1, size]);
  const each = (tensor: Tensor): Tensor =>
    broadcast(reshape(tensor, [count, tensor.shape[1] ?? 1, 1]), [count, tensor.shape[1] ?? 1, size]);
  const column = (tensor: Tensor): Tensor => reshape(tensor, [count, 1]);
  const gains = mul(gainOf(variances), inverseTemperature);
  const { terms, total, shift } = exponentials(gains, allowed);
  // Members, which no softmax lets in, may lie above the largest.
  const below = maximum(select(allowed, sub(gains, column(shift)), 0), -depth);
  const density = div(terms, column(total));
  const entropy = sub(log(column(total)), column(sum(mul(density, below), [1])));
  const { parts, logs } = left(bonds, row(density));
  const { rows: differences, means } = centred(logs, density);
  const x = concat(
    [
      filled(1, variances.dtype, [count, 1, size]),
      row(mul(below, 0.1)),
      row(exp(below)),
      row(log(add(1, gains))),
      row(div(variances, add(1, variances))),
      each(log(add(1, remaining))),
      each(mul(remaining, 0.1)),
      each(entropy),
      each(log(add(1, maximum(column(shift), 0)))),
      tanh(mul(differences, 0.2)),
      parts,
      each(reshape(log(sub(1, means)), [count, bondCount])),
    ],
    1,
  );
  return { x, logs, differences, gains, density, below: row(below) };
};

/** Logits [S, N] of candidates; entries of members hold no meaning, and are finite. */
export const latticeLogits = (parameters: Parameters, states: LatticeStates): Tensor => {
  const p = parameters as Parameters<Specs>;
  const [count = 1, size = 1] = states.variances.shape;
  const bonds = bondsOf(states);
  const { x, logs, differences, gains, density, below } = featuresOf(states, bonds);
  const allowed = broadcast(reshape(states.allowed, [count, 1, size]), [count, channels, size]);
  let h = tanh(matmul(p.start, x));
  let later = matmul(p.firstHead, differences);
  for (const round of roundNames) {
    const scores = add(mul(add(1, p[`${round}Sharpness`]), below), matmul(p[`${round}Scores`], h));
    const { terms, total } = exponentials(scores, allowed);
    const around = left(bonds, div(terms, reshape(total, [count, channels, 1])));
    const { rows } = centred(around.logs, density);
    const inner = add(
      add(matmul(p[`${round}Hidden`], h), matmul(p[`${round}Features`], x)),
      add(matmul(p[`${round}Logs`], tanh(mul(rows, 0.2))), matmul(p[`${round}Parts`], around.parts)),
    );
    h = add(h, matmul(p[`${round}Out`], tanh(inner)));
    later = add(later, matmul(p[`${round}Head`], rows));
  }
  const flat = (tensor: Tensor): Tensor => reshape(tensor, [count, size]);
  const { remaining } = states;
  const isEnd = less(remaining, 1.5);
  const learned = select(
    isEnd,
    flat(matmul(p.ends, h)),
    add(flat(matmul(p.head, h)), mul(remaining, flat(later))),
  );
  const bound = mul(8, sqrt(maximum(remaining, 1)));
  const middle = flat(slice(logs, [0, strengths.indexOf(1), 0], [count, 1, size]));
  const exact = select(isEnd, select(less(remaining, 0.5), 0, middle), 0);
  return add(add(gains, exact), mul(bound, tanh(div(learned, bound))));
};
