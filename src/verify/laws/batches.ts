/**
 * Laws of batches and seeds.
 *
 *   valid         every draw is a set of the right size of points of the pool
 *   seed          same seed, same draws; another seed, other draws
 *   permutation   draw from π(pool) = π(draw from pool), in distribution
 *
 * The third is tested by drawing from the pool in its own order and in a shuffled one, naming the points alike, and
 * comparing the batches (two-sample χ²) and the points in them (two-sample inclusion test): p = 2 min(p₁, p₂),
 * Bonferroni.
 */
import { keyFromSeed, permutation, split } from '../../random/key.js';
import { twoSampleTest } from '../goodness-of-fit.js';
import { twoSampleInclusionTest } from '../inclusion-test.js';
import {
  byChance,
  countBy,
  defaultFalseAlarm,
  digits,
  keyOf,
  type Batch,
  type BatchSampler,
  type LawReport,
  type Sampler,
} from './report.js';

/** How much to draw. */
export interface DrawOptions {
  /** A whole number from 0; 0 where it is not given. */
  readonly seed?: number;
  /** How many outcomes to draw; each law states its own number. */
  readonly draws?: number;
}

/** Settings of laws that chance decides. */
export interface ChanceOptions extends DrawOptions {
  /** The p-value below which the law is broken; 1e-6 where it is not given. */
  readonly falseAlarm?: number;
}

const faultOf = ({ poolSize, batchSize }: BatchSampler, batch: Batch): string | undefined => {
  const [min, max] = typeof batchSize === 'number' ? [batchSize, batchSize] : batchSize;
  const outside = batch.find((point) => !Number.isInteger(point) || point < 0 || point >= poolSize);
  const repeated = batch.find((point, i) => batch.indexOf(point) < i);
  if (batch.length < min || batch.length > max)
    return `has ${batch.length} points, not ${min === max ? min : `${min} to ${max}`}`;
  if (outside !== undefined) return `has ${outside}, which is no point of a pool of ${poolSize}`;
  return repeated === undefined ? undefined : `has ${repeated} twice`;
};

/**
 * Only valid batches: as many as asked for (1,000 where not given), each of the right size, of points of the pool,
 * none twice.
 */
export const validBatches = async (
  sampler: BatchSampler,
  { seed = 0, draws = 1000 }: DrawOptions = {},
): Promise<LawReport> => {
  const law = 'only valid batches';
  const batches = await sampler.sample(seed, draws);
  if (batches.length !== draws)
    return { law, holds: false, detail: `${draws} draws were asked for, ${batches.length} came` };
  for (const [i, batch] of batches.entries()) {
    const fault = faultOf(sampler, batch);
    if (fault !== undefined)
      return { law, holds: false, detail: `draw ${i}, [${batch.join(', ')}], ${fault}` };
  }
  return { law, holds: true, detail: `${draws} draws` };
};

/**
 * Same seed, same draws, in the same order; and four other seeds give other draws (100 of each where not given). Two
 * seeds could agree by chance: where that is likelier than `falseAlarm`, by how often two draws of one seed agree,
 * the second part says nothing and the detail tells it. The outcomes are compared by `key`, their JSON where it is
 * not given.
 */
export const seedDecides = async <A>(
  sampler: Sampler<A>,
  {
    seed = 0,
    draws = 100,
    falseAlarm = defaultFalseAlarm,
    key = (outcome: A) => JSON.stringify(outcome),
  }: ChanceOptions & { readonly key?: (outcome: A) => string } = {},
): Promise<LawReport> => {
  const law = 'the seed decides the draws';
  const drawn = async (from: number): Promise<readonly string[]> =>
    (await sampler.sample(from, draws)).map((outcome) => key(outcome));
  const first = await drawn(seed);
  const again = await drawn(seed);
  const different = first.findIndex((name, i) => name !== again[i]);
  if (different >= 0 || first.length !== again.length)
    return {
      law,
      holds: false,
      detail: `seed ${seed} gave at draw ${different} first ${first[different]}, then ${again[different]}`,
    };
  let alike = 0;
  const counts = countBy(first, (name) => name);
  counts.forEach((count) => (alike += count * (count - 1)));
  const coincidence = 4 * (alike / Math.max(1, draws * (draws - 1))) ** draws;
  if (coincidence > falseAlarm)
    return {
      law,
      holds: true,
      detail: `${draws} draws came twice from seed ${seed}; other seeds are not judged, as the draws are too much alike`,
    };
  for (let other = seed + 1; other <= seed + 4; other++) {
    const names = await drawn(other);
    if (names.every((name, i) => name === first[i]))
      return {
        law,
        holds: false,
        detail: `seeds ${seed} and ${other} gave the same ${draws} draws`,
        falseAlarm,
      };
  }
  return { law, holds: true, detail: `${draws} draws came twice from seed ${seed}, others from other seeds` };
};

/**
 * A permutation of the pool permutes the batches, in distribution. `build` makes the sampler of a pool whose i-th
 * point is the point order[i] of yours. `draws` (5,000 where not given) from the pool in its own order and in each of
 * `permutations` (2) shuffled ones, chosen by the seed. Where the samplers know their log-probabilities, these must
 * agree within `tolerance` (1e-6, relative to 1 + |log p|) too. A false alarm is as likely as `falseAlarm`, over all
 * permutations.
 */
export const permutationPermutes = async (
  build: (order: readonly number[]) => BatchSampler | Promise<BatchSampler>,
  poolSize: number,
  {
    seed = 0,
    draws = 5000,
    falseAlarm = defaultFalseAlarm,
    permutations = 2,
    tolerance = 1e-6,
  }: ChanceOptions & { readonly permutations?: number; readonly tolerance?: number } = {},
): Promise<LawReport> => {
  const law = 'a permutation of the pool permutes the batches';
  const identity = Array.from({ length: poolSize }, (_, i) => i);
  const plain = await build(identity);
  const batches = await plain.sample(seed, draws);
  const counts = countBy(batches, keyOf);
  let minPValue = 1;
  let worst = '';
  for (let p = 0; p < permutations; p++) {
    const order = Array.from(permutation(split(keyFromSeed(seed), p), poolSize));
    const shuffled = await build(order);
    const own = await shuffled.sample(seed + 1 + p, draws);
    const named = own.map((batch) => batch.map((point) => order[point] ?? -1));
    if (plain.logProbability !== undefined && shuffled.logProbability !== undefined) {
      const tried = Math.min(200, own.length);
      const theirs = await shuffled.logProbability(own.slice(0, tried));
      const ours = await plain.logProbability(named.slice(0, tried));
      for (let i = 0; i < tried; i++) {
        const [a, b] = [ours[i] ?? NaN, theirs[i] ?? NaN];
        if (!(a === b || Math.abs(a - b) <= tolerance * (1 + Math.abs(a))))
          return {
            law,
            holds: false,
            detail: `batch [${named[i]?.join(', ')}] has log-probability ${a}, and ${b} under the order [${order.join(', ')}]`,
          };
      }
    }
    const other = countBy(named, keyOf);
    // Sorted: small cells of equal counts are gathered in this order, which must not tell who drew them.
    const names = [...new Set([...counts.keys(), ...other.keys()])].sort();
    const whole = twoSampleTest(
      names.map((name) => counts.get(name) ?? 0),
      names.map((name) => other.get(name) ?? 0),
    ).pValue;
    const points = twoSampleInclusionTest(batches, named, poolSize).pValue;
    const pValue = Math.min(1, 2 * permutations * Math.min(whole, points));
    if (p === 0 || pValue < minPValue) {
      minPValue = pValue;
      worst = `${draws} draws each from ${permutations} orders, of batches p = ${digits(whole)}, of points p = ${digits(points)}, together`;
    }
  }
  return byChance(law, minPValue, falseAlarm, worst);
};
