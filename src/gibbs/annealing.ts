/**
 * log Z at any temperature, by a sequential Monte Carlo sampler over β (target.ts; Z_β = Σ_B exp(β (U(B) − cost |B|))):
 *
 *   β = 0       batches uniformly from all of them, log Z_0 = log Σ_k C(N, k) exactly
 *   β → β′      log Z += log mean exp((β′ − β) V(B)),   V = U − cost |B|,   over all batches that the chains passed through
 *               at β; chains begin anew at some of them, drawn in proportion to that, and make their updates at β′
 *               (update.ts), which leave π_β′ as it is
 *
 * Each next β is as large as leaves an effective sample size of the weights of {@link kept}. A first population chooses them, and
 * R more that go the same way have an exp(l_r), l_r their log Z, which is unbiased. These are nearly log-normal: with the mean l̄ and the
 * variance s² of the l_r,
 *
 *   log Z ≈ l̄ + s²/2,    error² = (R − 1)/(R − 3) · s²/R + s⁴ / (2 (R − 1))
 *
 * the first term as the variance of Student's t has it, since s² comes of few. The mean of the exp(l_r) themselves hangs on the
 * largest of them, and is below what it estimates more often than not.
 *
 * Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers, J. Royal Statistical Society B 68 (2006); all batches
 * on the way as particles, Dau and Chopin, Waste-free sequential Monte Carlo (2022), arXiv 2011.02328; the choice of β, Zhou,
 * Johansen and Aston (2016), arXiv 1303.3123; the log-normal law, Bérard, Del Moral and Doucet, Electronic J. Probability 19
 * (2014), arXiv 1307.0181.
 */
import { at } from '../at.js';
import { logBinomial } from '../linear-algebra/binomial.js';
import { firstAbove } from '../linear-algebra/cumulative.js';
import { logSumExp } from '../linear-algebra/log-sum.js';
import { systematicPlaces } from '../linear-algebra/resample.js';
import { type Key, split, uniforms } from '../random/key.js';
import { uniformStream, type UniformStream } from '../random/stream.js';
import { uniformSubset } from '../random/subset.js';
import type { MutableBatch } from '../reward/mutable-batch.js';
import { type BatchTarget, isLarge, valueOf } from './target.js';
import { update } from './update.js';
import type { Work } from '../work.js';

/** How hard to work. */
export interface AnnealingOptions {
  readonly key: Key;
  /** Chains of a population; 16 if left out, 8 of large pools. */
  readonly chains?: number;
  /** R, from 4 up: of fewer the error is not known. 8 if left out. */
  readonly replicates?: number;
  /** Updates of each chain at each β; 4b, and 40 at least, if left out. */
  readonly updates?: number;
}

/** What annealing found. */
export interface Annealed {
  /** log Z at the last β, nats. */
  readonly logPartition: number;
  /** Of that, from the spread of the replicates; Infinity where they are fewer than four. */
  readonly standardError: number;
  /** The particles of all populations at the last β: batches that follow the target but for what annealing leaves. */
  readonly batches: readonly (readonly number[])[];
  /** Evaluations of U, where gains take them. */
  readonly evaluations: number;
}

/** The effective sample size of the weights of a step, as a part of the particles. */
const kept = 0.6;

const sizesOf = ({ batchSize, smallestBatch = batchSize }: BatchTarget): readonly number[] =>
  Array.from({ length: batchSize - smallestBatch + 1 }, (_, i) => smallestBatch + i);

/** log Z_0: of how many batches there are. */
export const logBatchCount = (target: BatchTarget): number =>
  logSumExp(sizesOf(target).map((size) => logBinomial(target.utility.points, size)));

/** A batch at β = 0: each of all sizes equally likely. */
export const uniformBatch = (target: BatchTarget, key: Key): readonly number[] => {
  const { points } = target.utility;
  const sizes = sizesOf(target);
  const all = logBatchCount(target);
  let total = 0;
  const sums = Float64Array.from(sizes, (size) => (total += Math.exp(logBinomial(points, size) - all)));
  const [u = 0] = uniforms(split(key, 0), 1);
  const size = sizes[firstAbove(sums, 0, sums.length, u * total)] ?? target.batchSize;
  return uniformSubset(split(key, 1), points, size);
};

/** (Σ w)² / (n Σ w²) of log weights. */
const effective = (logs: readonly number[]): number =>
  Math.exp(2 * logSumExp(logs) - logSumExp(logs.map((log) => 2 * log))) / logs.length;

/** The largest step of β, to the last β at most, that keeps the effective sample size. */
const nextBeta = (values: readonly number[], beta: number, last: number): number => {
  const size = (step: number): number => effective(values.map((value) => step * value));
  if (size(last - beta) >= kept) return last;
  let [low, high] = [0, last - beta];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (size(middle) >= kept) low = middle;
    else high = middle;
  }
  // A target that no step suits (a value that is not finite) must not stand still.
  return beta + Math.max(low, (last - beta) * 1e-9);
};

/** A batch that a chain passed through, and U − cost |B| of it. */
interface Visited {
  readonly members: readonly number[];
  readonly value: number;
}

/** One population, which can be advanced by a step of β at a time. Mutable. */
export interface Population {
  readonly beta: () => number;
  /** log Z at β, nats. */
  readonly logPartition: () => number;
  /** Where its chains stand. */
  readonly batches: readonly MutableBatch[];
  /** The next step, to a given β or else toward `last`, a chain at a time. */
  readonly advance: (last: number, given?: number) => Generator<undefined>;
}

/** A population at β = 0, of `chains` chains that make `length` updates at each β. */
export const populationOf = (target: BatchTarget, chains: number, length: number, key: Key): Population => {
  const { points, batchFrom } = target.utility;
  const batches = Array.from({ length: chains }, () => batchFrom([]));
  const uniform: UniformStream = uniformStream(split(key, 1));
  const scratch = new Float64Array(points);
  const visitOf = (batch: MutableBatch): Visited => ({
    members: [...batch.members],
    value: valueOf(target, batch.utility(), batch.members.length),
  });
  let beta = 0;
  let logZ = logBatchCount(target);
  let step = 0;
  let visited: readonly Visited[] = [];
  const walk = function* (): Generator<undefined> {
    const all: Visited[] = [];
    for (const batch of batches) {
      for (let i = 0; i < length; i++) {
        update(target, batch, beta, step + i, uniform, scratch);
        all.push(visitOf(batch));
      }
      yield undefined;
    }
    visited = all;
    step += length;
  };
  batches.forEach((batch, i) => {
    batch.set(uniformBatch(target, split(split(key, 0), i)));
  });
  const advance = function* (last: number, given?: number): Generator<undefined> {
    if (step === 0) yield* walk();
    const values = visited.map(({ value }) => value);
    const next = given ?? nextBeta(values, beta, last);
    const logs = values.map((value) => (next - beta) * value);
    logZ += logSumExp(logs) - Math.log(logs.length);
    beta = next;
    const positions = systematicPlaces(logs, chains, uniform());
    batches.forEach((batch, i) => {
      batch.set(visited[at(positions, i)]?.members ?? []);
    });
    yield* walk();
  };
  return { beta: () => beta, logPartition: () => logZ, batches, advance };
};

/**
 * log Z and batches at β ≥ 0 as work (work.ts): `atOnce`, or `inTurns` with progress. The same key gives the same bits.
 */
export function* annealed(target: BatchTarget, beta: number, options: AnnealingOptions): Work<Annealed> {
  const { batchSize } = target;
  const {
    key,
    chains = isLarge(target) ? 8 : 16,
    replicates = 8,
    updates = Math.max(40, 4 * batchSize),
  } = options;
  const betas: number[] = [];
  const logs: number[] = [];
  const batches: (readonly number[])[] = [];
  let evaluations = 0;
  for (let r = 0; r <= replicates; r++) {
    const population = populationOf(target, chains, updates, split(key, r));
    // At β = 0 nothing is left to do.
    for (let i = 0; population.beta() < beta; i++) {
      const step = population.advance(beta, betas[i]);
      while (step.next().done !== true) yield { stage: 'annealing', done: r, total: replicates + 1 };
      if (r === 0) betas.push(population.beta());
    }
    if (r > 0) logs.push(population.logPartition());
    for (const batch of population.batches) {
      batches.push([...batch.members]);
      evaluations += batch.evaluations();
    }
  }
  const mean = logs.reduce((sum, log) => sum + log / replicates, 0);
  const degrees = Math.max(1, replicates - 1);
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2 / degrees, 0);
  const square = variance * (degrees / (replicates - 3) / replicates + variance / (2 * degrees));
  return {
    logPartition: mean + variance / 2,
    standardError: replicates > 3 ? Math.sqrt(square) : Infinity,
    batches,
    evaluations,
  };
}
