/**
 * Feature maps φ: what a Bayesian linear model is linear in. Data, not functions, so that they can be written
 * to a file and decoded again.
 *
 *   linear       φ(x) = (1, x_1, …, x_d)
 *   polynomial   φ(x) = all monomials of degree 0 … degree in x_1, …, x_d, C(d + degree, degree) of them
 *   fourier      φ(x)_m = √(2/M) cos(w_m·x / ℓ + b_m),  w_m ~ N(0, I), b_m ~ U(0, 2π),  m = 1 … M,
 *                so that E φ(x)·φ(x') = exp(−|x − x'|² / 2ℓ²)
 *
 * Source of the last: Rahimi and Recht, Random Features for Large-Scale Kernel Machines (2007), algorithm 1.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { at } from '../at.js';
import { whole as wholeNumber, wholeIn } from '../data/ranges.js';
import { badInput, type Failure } from '../failure.js';
import { type Matrix, matrixFrom, entry } from '../linear-algebra/matrix.js';
import { product } from '../linear-algebra/product.js';
import { keyFromSeed, normals, split, uniforms } from '../random/key.js';

/** Decodes a {@link FeatureMap}. Marked pure: a bundle that decodes none drops it, and io-ts with it. */
export const featureMapCodec = /* @__PURE__ */ (() =>
  t.union(
    [
      t.readonly(t.type({ kind: t.literal('linear') })),
      t.readonly(t.type({ kind: t.literal('polynomial'), degree: wholeIn(1, 64) })),
      t.readonly(t.type({ kind: t.literal('fourier'), count: wholeIn(1, 2 ** 20), seed: wholeNumber })),
    ],
    'FeatureMap',
  ))();

/** A feature map as data. */
export type FeatureMap = t.TypeOf<typeof featureMapCodec>;

const everyFeatureMap: Readonly<Record<FeatureMap['kind'], null>> = {
  linear: null,
  polynomial: null,
  fourier: null,
};

/** The kinds of feature maps. */
export const featureMapNames: readonly string[] = /* @__PURE__ */ Object.keys(everyFeatureMap);

/**
 * 128 random Fourier features, seed 0: the default of the command line. A batch is only worth drawing as a
 * set where nearby points inform each other and far ones do not, which the linear map cannot say (its
 * posterior has d + 1 directions, and a batch beyond d + 1 points gains next to nothing); polynomials say it
 * but grow without bound at the edge of the pool, where all of a batch then lands. 128 features bring the
 * error of the kernel they stand for to 1/√128, 9% of the prior variance, and keep a fit to well under a
 * second.
 */
export const defaultFeatureMap: FeatureMap = { kind: 'fourier', count: 128, seed: 0 };

/** The most features a map may have: the fit is cubic in them. */
export const maximalFeatureCount = 1024;

const binomial = (n: number, k: number): number =>
  Array.from({ length: k }, (_, i) => i + 1).reduce((c, i) => (c * (n - k + i)) / i, 1);

const whole = (x: number): boolean => Number.isSafeInteger(x) && x >= 1;

/**
 * The number of features D for inputs of d columns. An InputFailure for a degree or count that is not a whole
 * number from 1 up, a seed that is none, or more than {@link maximalFeatureCount} features.
 */
export const countFeatures = (map: FeatureMap, dimension: number): E.Either<Failure, number> => {
  switch (map.kind) {
    case 'linear':
      return limited(map, dimension, dimension + 1);
    case 'polynomial':
      return whole(map.degree)
        ? limited(map, dimension, binomial(dimension + map.degree, Math.min(map.degree, dimension)))
        : E.left(
            badInput('polynomial features', `the degree is ${map.degree}`, 'Give a whole number from 1 up'),
          );
    case 'fourier':
      if (!whole(map.count))
        return E.left(
          badInput('Fourier features', `their count is ${map.count}`, 'Give a whole number from 1 up'),
        );
      if (!Number.isSafeInteger(map.seed) || map.seed < 0)
        return E.left(
          badInput('Fourier features', `the seed is ${map.seed}`, 'Give a whole number from 0 to 2^53 - 1'),
        );
      return limited(map, dimension, map.count);
  }
};

const limited = (map: FeatureMap, dimension: number, count: number): E.Either<Failure, number> =>
  count <= maximalFeatureCount
    ? E.right(count)
    : E.left(
        badInput(
          `${map.kind} features`,
          `${dimension} inputs make ${count} of them, more than ${maximalFeatureCount}`,
          map.kind === 'polynomial'
            ? 'Lower the degree, take fewer input columns, or use Fourier features'
            : 'Take fewer input columns or fewer features',
        ),
      );

/**
 * Monomials in order of degree: each is an earlier one times an input that is not before its own last input.
 */
const monomials = (
  dimension: number,
  degree: number,
): readonly (readonly [parent: number, input: number])[] => {
  const all: [number, number][] = [];
  // The constant has index 0; `all` starts at index 1.
  let layer: readonly (readonly [index: number, last: number])[] = [[0, 0]];
  for (let g = 0; g < degree; g++) {
    const next: [number, number][] = [];
    for (const [index, last] of layer)
      for (let j = last; j < dimension; j++) next.push([all.push([index, j]), j]);
    layer = next;
  }
  return all;
};

const polynomial = (inputs: Matrix, degree: number): Matrix => {
  const steps = monomials(inputs.columns, degree);
  const columns = steps.length + 1;
  const data = new Float64Array(inputs.rows * columns);
  for (let i = 0; i < inputs.rows; i++) {
    data[i * columns] = 1;
    steps.forEach(([parent, j], k) => {
      data[i * columns + k + 1] = at(data, i * columns + parent) * entry(inputs, i, j);
    });
  }
  return { rows: inputs.rows, columns, data };
};

/** φ of rows as a function of the length-scale. */
export type Features = (inputs: Matrix) => (lengthScale: number) => Matrix;

const fourier = (dimension: number, count: number, seed: number): Features => {
  const key = keyFromSeed(seed);
  const directions = { rows: dimension, columns: count, data: normals(split(key, 0), dimension * count) };
  const phases = uniforms(split(key, 1), count).map((u) => 2 * Math.PI * u);
  const amplitude = Math.sqrt(2 / count);
  return (inputs) => {
    const projections = product(inputs, directions);
    return (lengthScale) => {
      const data = new Float64Array(projections.data.length);
      for (let from = 0; from < data.length; from += count)
        for (let m = 0; m < count; m++)
          data[from + m] =
            amplitude * Math.cos((projections.data[from + m] ?? NaN) / lengthScale + (phases[m] ?? NaN));
      return { ...projections, data };
    };
  };
};

const linear: Features = (inputs) => {
  const d = inputs.columns;
  const features = matrixFrom(inputs.rows, d + 1, (i, j) =>
    j === 0 ? 1 : (inputs.data[i * d + j - 1] ?? 0),
  );
  return () => features;
};

/** φ of rows of d columns, whichever they are. Fails as {@link countFeatures} does. */
export const featuresBy = (map: FeatureMap, dimension: number): E.Either<Failure, Features> =>
  pipe(
    countFeatures(map, dimension),
    E.map((): Features => {
      switch (map.kind) {
        case 'linear':
          return linear;
        case 'polynomial':
          return (inputs) => {
            const features = polynomial(inputs, map.degree);
            return () => features;
          };
        case 'fourier':
          return fourier(dimension, map.count, map.seed);
      }
    }),
  );

/**
 * φ of the rows of an N×d matrix, N×D, as a function of the length-scale ℓ > 0 in units of the inputs (the
 * linear and the polynomial map have none and ignore it). Fails as {@link countFeatures} does.
 */
export const featuresOf = (
  map: FeatureMap,
  inputs: Matrix,
): E.Either<Failure, (lengthScale: number) => Matrix> =>
  pipe(
    featuresBy(map, inputs.columns),
    E.map((features) => features(inputs)),
  );
