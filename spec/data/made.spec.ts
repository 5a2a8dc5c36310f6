/** Made data: two bells by their moments and labels, and the family of functions by its ranges. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toyFamilyMember } from '../../src/data/toy-family.js';
import { toyFunctionOf } from '../../src/data/toy.js';
import { twoBells, twoBellsProbability } from '../../src/data/two-bells.js';
import { keyFromSeed } from '../../src/random/key.js';
import { runs } from '../support/property.js';

test('inputs of two bells are t₅: the tails of their radii', () => {
  const { inputs } = twoBells(keyFromSeed(3), 20_000);
  const radii = Array.from({ length: inputs.rows }, (_, n) =>
    Math.hypot(inputs.data[2 * n] ?? NaN, inputs.data[2 * n + 1] ?? NaN),
  );
  // |x|² / (2 · 0.8) ~ F(2, 5), for which P(F > f) = (1 + 2 f / 5)^(−5/2). Six standard errors of a part of 20,000, for three
  // radii: a false alarm once in 1e8. With 4 or 6 degrees of freedom the outermost is ten away.
  for (const radius of [0.5, 1.5, 4]) {
    const beyond = radii.filter((r) => r > radius).length / inputs.rows;
    const expected = (1 + (2 * radius ** 2) / (1.6 * 5)) ** -2.5;
    const error = Math.sqrt((expected * (1 - expected)) / inputs.rows);
    assert.ok(Math.abs(beyond - expected) < 6 * error, `${radius}: ${beyond}, ${expected}`);
  }
});

test('labels of two bells follow their probability', () => {
  assert.is(twoBellsProbability(0.3, Math.tanh(0.6)), 0.5);
  assert.ok(twoBellsProbability(0, 0.05) > 0.73 && twoBellsProbability(0, 0.05) < 0.74);
  const { inputs, targets } = twoBells(keyFromSeed(4), 20_000);
  const probabilities = Array.from(targets, (_, n) =>
    twoBellsProbability(inputs.data[2 * n] ?? NaN, inputs.data[2 * n + 1] ?? NaN),
  );
  const variance = probabilities.reduce((sum, p) => sum + p * (1 - p), 0);
  const excess = probabilities.reduce((sum, p, n) => sum + (targets[n] ?? NaN) - p, 0);
  // Six standard deviations: a false alarm once in 5e8.
  assert.ok(Math.abs(excess) < 6 * Math.sqrt(variance), `${excess}`);
  assert.ok(targets.every((y) => y === 0 || y === 1));
});

test('members of the family are in their ranges, and one key is one member', () =>
  fc.assert(
    fc.property(fc.nat(1e9), (seed) => {
      const member = toyFamilyMember(keyFromSeed(seed));
      const { a, b, c, d, noise, weights } = member;
      assert.equal(toyFamilyMember(keyFromSeed(seed)), member);
      assert.ok(a >= 0.5 && a < 1 && c >= 0.3 && c < 0.7 && noise >= 0.0005 && noise < 0.005);
      assert.ok([b, d, ...weights].every((x) => x >= -1 && x < 1));
      assert.ok(weights.length >= 3 && weights.length <= 6);
      // f(b) is 0, and far from the bump there is nothing.
      assert.ok(Math.abs(toyFunctionOf(member)(b)) < 1e-15 && Math.abs(toyFunctionOf(member)(30)) < 1e-60);
    }),
    runs(200),
  ));

test.run();
