/** Special functions against values computed with 50 digits (mpmath 1.3: gammainc, erfc, loggamma). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  chiSquareSurvival,
  logGamma,
  lowerGamma,
  normalSurvival,
  upperGamma,
} from '../../src/verify/special-functions.js';

const relative = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.abs(expected),
    `${what}: ${actual}, should be ${expected} (relative error ${Math.abs(actual / expected - 1)})`,
  );

/** a, x, P(a, x), Q(a, x). */
const gammas: readonly (readonly [number, number, number, number])[] = [
  [0.5, 0.1, 0.345279153981423, 0.654720846018577],
  [0.5, 2, 0.9544997361036416, 0.04550026389635842],
  [0.5, 30, 0.9999999999999906, 9.485737571073848e-15],
  [0.5, 650, 1, 1.1303728441492743e-284],
  [1, 1, 0.6321205588285577, 0.36787944117144233],
  [2.5, 0.3, 0.011996757205906265, 0.9880032427940937],
  [2.5, 12, 0.9997828870565473, 0.00021711294345272333],
  [5, 5, 0.5595067149347875, 0.4404932850652124],
  [10, 3, 0.0011024881301154798, 0.9988975118698845],
  [10, 40, 0.9999999960740678, 3.925932226286188e-9],
  [25.5, 20, 0.13312255797599273, 0.8668774420240073],
  [50, 50, 0.5188083154720433, 0.48119168452795674],
  [50, 120, 0.9999999999998399, 1.600822679334483e-13],
  [227, 250, 0.9331667555231332, 0.06683324447686681],
  [1000, 1000, 0.5042052441802155, 0.4957947558197845],
  [1000, 1200, 0.9999999987118394, 1.2881606086281433e-9],
  [9999.5, 10200, 0.9769857313074579, 0.02301426869254212],
  [100000, 100500, 0.9428967300239713, 0.057103269976028714],
];

test('incomplete gamma functions, relative 1e-12', () => {
  for (const [a, x, lower, upper] of gammas) {
    relative(lowerGamma(a, x), lower, 1e-12, `P(${a}, ${x})`);
    relative(upperGamma(a, x), upper, 1e-12, `Q(${a}, ${x})`);
  }
});

test('chi-square survival, relative 1e-12', () => {
  relative(chiSquareSurvival(3.841458820694124, 1), 0.05000000000000006, 1e-12, 'one degree of freedom');
  relative(chiSquareSurvival(11.0705, 5), 0.049999955428043655, 1e-12, '5');
  relative(chiSquareSurvival(50, 19), 0.00013106116479316295, 1e-12, '19');
  relative(chiSquareSurvival(600, 454), 4.7716360063995325e-6, 1e-12, '454');
  relative(chiSquareSurvival(2200.5, 1999), 0.0009805566804865432, 1e-12, '1999');
  assert.is(chiSquareSurvival(0, 3), 1);
  assert.is(chiSquareSurvival(Infinity, 3), 0);
});

test('normal tail, relative 1e-12', () => {
  for (const [z, tail] of [
    [-3, 0.9986501019683699],
    [-0.5, 0.6914624612740131],
    [0, 0.5],
    [1, 0.15865525393145705],
    [1.959963984540054, 0.025000000000000012],
    [4, 3.1671241833119924e-5],
    [8, 6.220960574271784e-16],
    [30, 4.906713927148187e-198],
  ] as const)
    relative(normalSurvival(z), tail, 1e-12, `z = ${z}`);
});

test('log Γ, 1e-13 relative to 1 + its size', () => {
  for (const [x, log] of [
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247001],
    [1.5, -0.12078223763524522],
    [10, 12.80182748008147],
    [20.5, 40.8315009745308],
    [100, 359.1342053695754],
    [5000.5, 37586.884887281056],
  ] as const)
    assert.ok(Math.abs(logGamma(x) - log) <= 1e-13 * (1 + Math.abs(log)), `${x}: ${logGamma(x)}`);
});

test('P + Q = 1 on both sides of the switch between series and fraction', () => {
  for (const a of [0.5, 3, 19.9, 20.1, 400])
    for (const x of [a, a + 0.999999, a + 1, a + 1.000001])
      assert.ok(Math.abs(lowerGamma(a, x) + upperGamma(a, x) - 1) < 1e-13);
  const [below, above] = [upperGamma(7, 8 - 1e-9), upperGamma(7, 8 + 1e-9)];
  assert.ok(below > above && below - above < 1e-8);
});

test('what lies outside is refused', () => {
  assert.throws(() => upperGamma(0, 1), RangeError);
  assert.throws(() => lowerGamma(1, -1), RangeError);
  assert.throws(() => chiSquareSurvival(NaN, 1), RangeError);
  assert.throws(() => normalSurvival(NaN), RangeError);
  assert.throws(() => logGamma(0), RangeError);
});

test.run();
