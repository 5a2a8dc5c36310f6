/** Distances between distributions: reference values, definitions, and what they refuse. */
import * as fc from 'fast-check';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jensenShannon, kullbackLeibler, l1Distance, totalVariation } from '../../src/verify/divergence.js';
import { runs } from '../support/property.js';
import { readReference } from '../support/reference.js';

const reference = readReference(
  'subset-gflownet',
  t.type({
    policyTerminal: t.array(t.number),
    targetTerminal: t.array(t.number),
    totalVariation: t.number,
    jensenShannon: t.number,
  }),
);

const near = (actual: number, expected: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, should be ${expected}`);

test('the reference values of a policy and its target', () => {
  const { policyTerminal: p, targetTerminal: q } = reference;
  near(totalVariation(p, q), reference.totalVariation);
  near(l1Distance(p, q), 2 * reference.totalVariation);
  near(jensenShannon(p, q), reference.jensenShannon);
  near(jensenShannon(q, p), reference.jensenShannon);
});

test('by hand', () => {
  near(kullbackLeibler([0.5, 0.5], [0.25, 0.75]), 0.5 * Math.log(4 / 3));
  near(kullbackLeibler([1, 0], [0.5, 0.5]), Math.log(2));
  near(jensenShannon([1, 0], [0, 1]), Math.log(2));
  near(l1Distance([1, 0], [0, 1]), 2);
  assert.is(kullbackLeibler([0.5, 0.5], [1, 0]), Infinity);
  assert.is(kullbackLeibler([1, 0], [1, 0]), 0);
  near(kullbackLeibler([1, 0], [5e-324, 1]), -Math.log(5e-324));
});

test('bounds: Pinsker, 0 ≤ JS ≤ log 2, JS ≤ log 2 · TV, and zero on itself', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: 1e-9, max: 1, noNaN: true }), fc.nat(9)), {
        minLength: 1,
        maxLength: 12,
      }),
      (rows) => {
        const normal = (xs: readonly number[]): readonly number[] => {
          const total = xs.reduce((a, b) => a + b, 0);
          return xs.map((x) => x / total);
        };
        const p = normal(rows.map(([x]) => x));
        const q = normal(rows.map(([, x]) => x + 0.5));
        const tv = totalVariation(p, q);
        assert.ok(tv >= 0 && tv <= 1);
        assert.ok(kullbackLeibler(p, q) >= 2 * tv * tv - 1e-12);
        assert.ok(jensenShannon(p, q) >= -1e-15 && jensenShannon(p, q) <= Math.log(2) * tv + 1e-12);
        near(jensenShannon(p, p), 0);
        assert.is(totalVariation(p, p), 0);
      },
    ),
    runs(100),
  ));

test('different lengths are refused by name', () => {
  for (const distance of [totalVariation, l1Distance, kullbackLeibler, jensenShannon])
    assert.throws(() => distance([1], [0.5, 0.5]), /1 and 2 outcomes; give both over the same ones/);
});

test.run();
