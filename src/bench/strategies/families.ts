/**
 * Which generated tables are strategies compared on? Four families; a seed is another table. z are standard normal, u uniform on
 * (0, 1); numbers are brought to mean 0 and variance 1, and have noise of 0.05.
 *
 *   matern2, matern6   a path of a Matérn-5/2 process with the length-scale 1 in 2 dimensions, 3 in 6: by M = 512 random features
 *                      (Rahimi and Recht 2007), f(x) = √(2/M) Σ cos(ω·x + 2πu), ω = z / (ℓ √(χ²₅/5)). Inputs c + z/4 in eight
 *                      clusters, c = 1.5 z, the k-th of weight 1/k: most points are in few of them
 *   plateau            f(x) = Σ a 1[w·x > w·v], eight steps: a, w ~ N(0, I), x and v uniform on (−1, 1)³
 *   cells              three classes: that of the nearest of twelve centres, x and centres uniform on (−1, 1)²
 */
import { at } from '../../at.js';
import type { LabelledRows } from '../../learning/experiment/experiment.js';
import { type Matrix, matrixFrom } from '../../linear-algebra/matrix.js';
import { type Key, keyFromSeed, normals, split, uniforms } from '../../random/key.js';

/** A family: the name of its pool, and the table of a seed. */
export interface Family {
  readonly name: string;
  /** How many classes its labels name; undefined of numbers. */
  readonly classes?: number;
  /** So many rows. The same seed gives the same. */
  readonly rows: (seed: number, count: number) => LabelledRows;
}

const CLUSTERS = 8;
const FREEDOM = 5;
const FEATURES = 512;
const STEPS = 8;
const CENTRES = 12;
const CLASSES = 3;
const NOISE = 0.05;

/** Which child of the seed's key generates tables. */
const stream = 0x73747261;

const dot = (a: Float64Array, i: number, b: Float64Array, k: number, dimension: number): number => {
  let sum = 0;
  for (let j = 0; j < dimension; j++) sum += at(a, i * dimension + j) * at(b, k * dimension + j);
  return sum;
};

/** Uniform on (−1, 1). */
const around = (key: Key, count: number): Float64Array => uniforms(key, count).map((u) => 2 * u - 1);

const clustered = (key: Key, count: number, dimension: number): Matrix => {
  const centres = normals(split(key, 0), CLUSTERS * dimension);
  const deviates = normals(split(key, 1), count * dimension);
  const shares = Array.from({ length: CLUSTERS }, (_, k) => 1 / (k + 1));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const homes = Array.from(uniforms(split(key, 2), count), (u) => {
    let left = u * whole;
    return Math.max(
      0,
      shares.findIndex((share) => (left -= share) < 0),
    );
  });
  return matrixFrom(
    count,
    dimension,
    (i, j) => 1.5 * at(centres, at(homes, i) * dimension + j) + at(deviates, i * dimension + j) / 4,
  );
};

const path = (key: Key, dimension: number, lengthScale: number) => {
  const tails = normals(split(key, 1), FEATURES * FREEDOM);
  const frequencies = normals(split(key, 0), FEATURES * dimension).map((z, i) => {
    const k = Math.floor(i / dimension);
    return z / (lengthScale * Math.sqrt(dot(tails, k, tails, k, FREEDOM) / FREEDOM));
  });
  const phases = uniforms(split(key, 2), FEATURES);
  return (inputs: Float64Array, i: number): number =>
    Math.sqrt(2 / FEATURES) *
    phases.reduce(
      (sum, u, m) => sum + Math.cos(dot(frequencies, m, inputs, i, dimension) + 2 * Math.PI * u),
      0,
    );
};

const steps = (key: Key, dimension: number) => {
  const heights = normals(split(key, 0), STEPS);
  const ways = normals(split(key, 1), STEPS * dimension);
  const places = around(split(key, 2), STEPS * dimension);
  return (inputs: Float64Array, i: number): number =>
    heights.reduce(
      (sum, height, k) =>
        sum + (dot(ways, k, inputs, i, dimension) > dot(ways, k, places, k, dimension) ? height : 0),
      0,
    );
};

/** The rows of a function, its values brought to mean 0 and variance 1 over them, with noise. */
const noisy = (key: Key, inputs: Matrix, f: (inputs: Float64Array, row: number) => number): LabelledRows => {
  const values = Float64Array.from({ length: inputs.rows }, (_, i) => f(inputs.data, i));
  const mean = values.reduce((sum, y) => sum + y / values.length, 0);
  const deviation = Math.sqrt(values.reduce((sum, y) => sum + (y - mean) ** 2 / values.length, 0));
  const noise = normals(key, inputs.rows);
  return { inputs, targets: values.map((y, i) => (y - mean) / deviation + NOISE * at(noise, i)) };
};

const matern = (name: string, dimension: number, lengthScale: number): Family => ({
  name,
  rows: (seed, count) => {
    const key = split(split(keyFromSeed(seed), stream), dimension);
    const inputs = clustered(split(key, 0), count, dimension);
    return noisy(split(key, 2), inputs, path(split(key, 1), dimension, lengthScale));
  },
});

const plateau: Family = {
  name: 'plateau',
  rows: (seed, count) => {
    const key = split(keyFromSeed(seed), stream + 1);
    const values = around(split(key, 0), 3 * count);
    const inputs = matrixFrom(count, 3, (i, j) => at(values, 3 * i + j));
    return noisy(split(key, 2), inputs, steps(split(key, 1), 3));
  },
};

const cells: Family = {
  ...{ name: 'cells', classes: CLASSES },
  rows: (seed, count) => {
    const key = split(keyFromSeed(seed), stream + 2);
    const values = around(split(key, 0), 2 * count);
    const inputs = matrixFrom(count, 2, (i, j) => at(values, 2 * i + j));
    const centres = around(split(key, 1), 2 * CENTRES);
    const away = (i: number, k: number): number =>
      Math.hypot(at(values, 2 * i) - at(centres, 2 * k), at(values, 2 * i + 1) - at(centres, 2 * k + 1));
    const nearest = (i: number): number =>
      Array.from({ length: CENTRES }, (_, k) => k).reduce((a, b) => (away(i, b) < away(i, a) ? b : a));
    return { inputs, targets: Float64Array.from({ length: count }, (_, i) => nearest(i) % CLASSES) };
  },
};

/** The families. */
export const families: readonly Family[] = [matern('matern2', 2, 1), matern('matern6', 6, 3), plateau, cells];
