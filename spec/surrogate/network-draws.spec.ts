/** What neural surrogates are made of beside training: masks, folds, noise from held-out values, draws of a softmax layer. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { columnGram } from '../../src/linear-algebra/product.js';
import { keyFromSeed, normals, split } from '../../src/random/key.js';
import { dropoutDraws, dropoutRate } from '../../src/surrogate/network/dropout.js';
import { foldsOf, heldOutOf, learnsFrom, noiseVarianceOf } from '../../src/surrogate/network/folds.js';
import { softmaxDraws } from '../../src/surrogate/network/laplace.js';
import { networkSize, priorDeviations } from '../../src/surrogate/network/layers.js';
import { atOnce } from '../../src/work.js';
import { closeTo, entry, normalMatrix, propertyOptions, right } from '../linear-algebra/arbitrary.js';

test('prior deviations by hand: larger in the first layer of few inputs and in the last', () => {
  // Four inputs: 1 + 3/√4 = 2.5 over √4 in the weights; 1 over √2 of the second hidden layer; 4 over √3 of the last.
  const expected = [
    ...[...new Array<number>(8).fill(1.25), 2.5, 2.5],
    ...[...new Array<number>(6).fill(Math.SQRT1_2), 1, 1, 1],
    ...[...new Array<number>(3).fill(4 / Math.sqrt(3)), 1],
  ];
  const own = priorDeviations({ inputs: 4, hidden: [2, 3], outputs: 1 });
  assert.is(own.length, expected.length);
  own.forEach((x, i) => closeTo(x, expected[i] ?? NaN, 1e-15, `parameter ${i}`));
});

test('a draw of dropout has rows of the next weights at zero, and the others larger', () => {
  const shape = { inputs: 3, hidden: [40, 30], outputs: 2 };
  const size = networkSize(shape);
  const parameters = normals(keyFromSeed(1), size);
  const draws = 20;
  const all = dropoutDraws(shape, parameters, draws, keyFromSeed(2));
  let dropped = 0;
  for (let s = 0; s < draws; s++) {
    const own = all.subarray(s * size, (s + 1) * size);
    // The first layer, and all biases, are as they were.
    const second = 4 * 40;
    const third = second + 41 * 30;
    assert.equal(own.slice(0, second), parameters.slice(0, second));
    assert.equal(own.slice(second + 40 * 30, third), parameters.slice(second + 40 * 30, third));
    assert.equal(own.slice(third + 30 * 2), parameters.slice(third + 30 * 2));
    for (const [from, units, to] of [
      [second, 40, 30],
      [third, 30, 2],
    ] as const)
      for (let u = 0; u < units; u++) {
        const factors = Array.from({ length: to }, (_, k) => {
          const at = from + u * to + k;
          return (own[at] ?? NaN) / (parameters[at] ?? NaN);
        });
        const expected = factors[0] === 0 ? 0 : 1 / (1 - dropoutRate);
        factors.forEach((factor) => closeTo(factor, expected, 1e-12, 'factor'));
        dropped += factors[0] === 0 ? 1 : 0;
      }
  }
  // 1,400 units: five standard deviations of their share are 0.04.
  assert.ok(Math.abs(dropped / (draws * 70) - dropoutRate) < 0.04, `${dropped} dropped`);
  // More draws leave those there are.
  assert.equal(dropoutDraws(shape, parameters, 3, keyFromSeed(2)), all.slice(0, 3 * size));
});

test('held-out values are those of networks that did not learn from the row', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 23 }),
      fc.integer({ min: 2, max: 13 }),
      fc.integer({ min: 1, max: 3 }),
      fc.nat(),
      (n, members, outputs, seed) => {
        const count = Math.min(5, members);
        const without = Array.from({ length: members }, (_, m) => m % count);
        const folds = foldsOf(n, count, keyFromSeed(seed));
        const learns = learnsFrom(folds, without);
        // A value that tells who says it, of which row and output.
        const values = Float64Array.from({ length: members * n * outputs }, (_, at) => at);
        const { draws, values: held } = heldOutOf(values, outputs, folds, without);
        assert.is(draws, n < 5 ? 0 : Math.floor(members / count));
        if (n < 5) assert.ok(learns.data.every((w) => w === 1));
        for (let s = 0; s < draws; s++)
          for (let i = 0; i < n; i++)
            for (let o = 0; o < outputs; o++) {
              const said = held[(s * n + i) * outputs + o] ?? NaN;
              const m = Math.floor(said / (n * outputs));
              assert.is(said, (m * n + i) * outputs + o);
              assert.is(entry(learns, i, m), 0);
            }
        // Every row is held out by some, and learned from by most.
        if (n >= 5)
          for (let i = 0; i < n; i++) {
            const taught = without.filter((_, m) => entry(learns, i, m) === 1).length;
            assert.ok(taught >= members - Math.ceil(members / count) && taught < members);
          }
      },
    ),
    propertyOptions,
  );
});

test('the noise variance is found from held-out values, and from none it is the median of its prior', () => {
  for (const [truth, spread] of [
    [0.01, 0.02],
    [0.3, 0.02],
    [0.05, 0.4],
  ] as const) {
    const [n, draws] = [600, 6];
    const key = keyFromSeed(5);
    const f = normals(split(key, 0), n);
    const e = normals(split(key, 1), n);
    const about = normals(split(key, 2), (draws + 1) * n);
    // The truth is as far from the draws' centre as another draw is.
    const targets = f.map((x, i) => x + Math.sqrt(truth) * (e[i] ?? 0) + Math.sqrt(spread) * (about[i] ?? 0));
    const values = Float64Array.from(
      { length: draws * n },
      (_, k) => (f[k % n] ?? 0) + Math.sqrt(spread) * (about[n + k] ?? 0),
    );
    const found = noiseVarianceOf({ draws, values }, targets);
    // A relative deviation of √(2/n) of the squares, the spread's included, at five of them, and a tenth for the grid.
    const error = 5 * Math.sqrt(2 / n) * (truth + 1.5 * spread) + 0.1 * truth;
    assert.ok(Math.abs(found - truth) < error, `${found} for ${truth} ± ${error}`);
  }
  assert.is(noiseVarianceOf({ draws: 0, values: new Float64Array(0) }, Float64Array.of(1, 2)), 0.15);
  // Five rows that are met exactly are not without noise.
  assert.ok(noiseVarianceOf({ draws: 2, values: new Float64Array(10) }, new Float64Array(5)) > 0.01);
});

test('draws of a softmax layer have the covariance of the Kronecker-factored Hessian, and scatter where no row is', () => {
  // So few rows that one left out would show.
  const [n, d, classes, draws] = [6, 2, 3, 4000];
  const features = normalMatrix(n, d, 3);
  const w: Matrix = { rows: d, columns: classes, data: Float64Array.of(1, -1, 0, 0.5, 0.5, -1) };
  const { weights, priorPrecision: tau } = right(atOnce(softmaxDraws(features, w, draws, keyFromSeed(4))));
  const p = matrixFrom(n, classes, (i, c) => {
    const logit = (b: number): number => {
      const along = (j: number): number => entry(features, i, j) * entry(w, j, b);
      return Math.exp(along(0) + along(1));
    };
    return logit(c) / (logit(0) + logit(1) + logit(2));
  });
  const a = columnGram(features);
  const outer = columnGram(p);
  const g = matrixFrom(classes, classes, (b, c) => {
    let own = 0;
    if (b === c) for (let i = 0; i < n; i++) own += entry(p, i, b);
    return (own - entry(outer, b, c)) / n;
  });
  // Σ (A ⊗ G + τ I) = I for the sample covariance Σ of the draws, to its error.
  const centred = weights.map(({ data }) => data.map((x, k) => x - (w.data[k] ?? NaN)));
  const sigma = matrixFrom(
    6,
    6,
    (j, k) => centred.reduce((sum, x) => sum + (x[j] ?? 0) * (x[k] ?? 0), 0) / draws,
  );
  const hessian = matrixFrom(
    6,
    6,
    (j, k) =>
      entry(a, Math.floor(j / classes), Math.floor(k / classes)) * entry(g, j % classes, k % classes) +
      (j === k ? tau : 0),
  );
  for (let j = 0; j < 6; j++)
    for (let k = 0; k < 6; k++) {
      let sum = 0;
      for (let l = 0; l < 6; l++) sum += entry(sigma, j, l) * entry(hessian, l, k);
      // Six standard deviations: an entry scatters by √(Σ_jj H_kk / S) or less, and 36 of them give a false alarm in 10⁷.
      const error = 6 * Math.sqrt((2 * entry(sigma, j, j) * entry(hessian, k, k)) / draws);
      assert.ok(Math.abs(sum - (j === k ? 1 : 0)) < error, `${j}, ${k}: ${sum} ± ${error}`);
    }
  // The mean is W.
  for (let k = 0; k < 6; k++) {
    const mean = centred.reduce((sum, x) => sum + (x[k] ?? 0), 0) / draws;
    assert.ok(Math.abs(mean) < 6 * Math.sqrt(entry(sigma, k, k) / draws));
  }
});

test.run();
