/**
 * A population of chains whose β rises from 0 step by step, and what it says of log Z on the way: waste-free sequential Monte Carlo,
 * as annealing.ts tells.
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
import { type BatchTarget, valueOf } from './target.js';
import { update } from './update.js';

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
