/**
 * What the labels of some points s tell with each of many others, JMI(s + n) of all n, to the last digits that of information.ts:
 * what Gibbs updates ask for. In nats.
 *
 * While they can be enumerated, from p(y_s | θ) of all configurations, in O(N S C^{|s|+1}):
 *
 *   JMI(s + n) = −Σ_y Σ_c p(y, c) log p(y, c) − Σ_{m∈s+n} E_θ H(y_m | θ),    p(y, c) = 1/S Σ_s p(y | θ_s) p(y_n = c | θ_s)
 *
 * where Σ_c p(y, c) = p(y) gives the last class.
 *
 * Beyond, from the configurations of sampled.ts. There points stand in ascending order, so n changes the weights of those
 * after it alone. With w_k the weights before the point k of s, and y_nm the label of n in configuration m,
 *
 *   JMI(s + n) = Σ_{k<n} I_k(w_k) + I_n(w_n) + Σ_{k>n} I_k(w_k^n),     w_k^n ∝ w_k p(y_nm | θ)
 *
 * The weights are those of s, shared by all n: O(M S C) for each n and each point of s after it, half of them on average.
 */
import { timesLog } from '../../linear-algebra/log-sum.js';
import { dotRange } from '../../linear-algebra/vector.js';
import { split, uniforms } from '../../random/key.js';
import type { UtilitySource } from '../mutable-batch.js';
import { chooseLabel, enumerable, type EnumeratedLabels, noLabels } from './exact.js';
import { addedEntropies } from './joint-entropies.js';
import { scannedAtOnce } from '../scan.js';
import { type Likelihoods, labelsOf, remainingEntropy } from './likelihoods.js';
import {
  chooseSampledLabel,
  labelAt,
  type LabelSampling,
  noSampledLabels,
  sampledGain,
  type SampledLabels,
} from './sampled.js';

/** H of the labels of chosen points and of each other point n, nats. */
export const entropiesWith = (
  { likelihoods, joint }: EnumeratedLabels,
  joining: readonly number[],
): Float64Array => {
  const { draws, classes } = likelihoods;
  const rows = joint.length / draws;
  const ones = new Float64Array(draws).fill(1 / draws);
  const totals = Float64Array.from({ length: rows }, (_, y) => dotRange(joint, y * draws, ones, 0, draws));
  return Float64Array.from(joining, (n) => {
    const labels = labelsOf(likelihoods, n);
    let entropy = 0;
    for (let y = 0; y < rows; y++) {
      let rest = totals[y] ?? NaN;
      for (let c = 0; c + 1 < classes; c++) {
        const p = dotRange(joint, y * draws, labels, c * draws, draws) / draws;
        entropy -= timesLog(p);
        rest -= p;
      }
      entropy -= timesLog(rest);
    }
    return entropy;
  });
};

/** Products from which on entropies are those of {@link addedEntropies}, in f32: a tenth of a second's here. */
const large = 2 ** 27;

const enumerated = (likelihoods: Likelihoods, others: readonly number[], joining: readonly number[]) => {
  const state = others.reduce(chooseLabel, noLabels(likelihoods));
  const { draws, classes } = likelihoods;
  const entropies =
    joining.length * classes * state.joint.length > large
      ? scannedAtOnce(
          addedEntropies(
            likelihoods,
            state.joint.map((p) => p / draws),
          ),
        )
      : undefined;
  const remaining = remainingEntropy(likelihoods, others);
  const joint =
    entropies === undefined
      ? entropiesWith(state, joining)
      : Float64Array.from(joining, (n) => entropies[n] ?? NaN);
  return joint.map((entropy, i) => entropy - remaining - remainingEntropy(likelihoods, [joining[i] ?? -1]));
};

/** The label of a point in every configuration, [M]. */
const sampledLabels = (likelihoods: Likelihoods, { key }: LabelSampling, count: number) => {
  const known = new Map<number, Uint16Array>();
  return (n: number): Uint16Array => {
    const before = known.get(n);
    if (before !== undefined) return before;
    const own = labelsOf(likelihoods, n);
    const drawn = Uint16Array.from(uniforms(split(split(key, n), 0), count), (u, m) =>
      labelAt(own, likelihoods.draws, m % likelihoods.draws, u),
    );
    known.set(n, drawn);
    return drawn;
  };
};

/** Mean over m of I_k(w_k^n): the point k after n, by the weights before k of the others and the labels of n. */
const gainAfter = (
  { likelihoods, weights, gained }: SampledLabels,
  k: number,
  given: Float64Array,
  labels: Uint16Array,
  scratch: Float64Array,
): number => {
  const { draws, classes, drawEntropies } = likelihoods;
  const own = labelsOf(likelihoods, k);
  let total = 0;
  for (let m = 0; m < gained.length; m++) {
    const from = (labels[m] ?? NaN) * draws;
    let mass = 0;
    for (let s = 0; s < draws; s++) {
      const w = (weights[m * draws + s] ?? NaN) * (given[from + s] ?? NaN);
      scratch[s] = w;
      mass += w;
    }
    let gain = -dotRange(scratch, 0, drawEntropies, k * draws, draws) / mass;
    let rest = 1;
    for (let c = 0; c + 1 < classes; c++) {
      const p = dotRange(scratch, 0, own, c * draws, draws) / mass;
      gain -= timesLog(p);
      rest -= p;
    }
    total += gain - timesLog(rest);
  }
  return total / gained.length;
};

const sampledUtilities = (
  start: SampledLabels,
  labelsIn: (n: number) => Uint16Array,
  others: readonly number[],
  joining: readonly number[],
): Float64Array => {
  const { likelihoods } = start;
  const scratch = new Float64Array(likelihoods.draws);
  // The states before each of the others, and after them all; and JMI of as many of them.
  const states: SampledLabels[] = [start];
  const told: number[] = [0];
  others.forEach((k, i) => {
    const before = states[i] ?? start;
    told.push((told[i] ?? NaN) + sampledGain(before, k));
    states.push(chooseSampledLabel(before, k));
  });
  return Float64Array.from(joining, (n) => {
    const position = others.filter((k) => k < n).length;
    let total = (told[position] ?? NaN) + sampledGain(states[position] ?? start, n);
    for (let i = position; i < others.length; i++)
      total += gainAfter(states[i] ?? start, others[i] ?? -1, labelsOf(likelihoods, n), labelsIn(n), scratch);
    return total;
  });
};

/** The worth of batches of labels: `of` is information.ts' JMI. Where labels are sampled, each JMI counts as an evaluation. */
export const labelUtilities = (
  likelihoods: Likelihoods,
  sampling: LabelSampling,
  of: (batch: readonly number[]) => number,
): (() => UtilitySource) => {
  let start: SampledLabels | undefined;
  let labelsIn: ((n: number) => Uint16Array) | undefined;
  return () => {
    let evaluations = 0;
    return {
      of,
      utilities: (others, joining) => {
        const own = of(others);
        if (enumerable(likelihoods, others.length + 1))
          return { own, joined: enumerated(likelihoods, others, joining) };
        start ??= noSampledLabels(likelihoods, sampling);
        labelsIn ??= sampledLabels(likelihoods, sampling, start.gained.length);
        evaluations += joining.length;
        return { own, joined: sampledUtilities(start, labelsIn, others, joining) };
      },
      evaluations: () => evaluations,
    };
  };
};
