/** Correction: a policy far from its target, corrected, follows it; weights that cannot be used are refused. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { metropolisHastings, resample } from '../../src/gflownet/correction.js';
import { keyFromSeed, split, uniforms } from '../../src/random/key.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { runs } from '../support/engines.js';

/** A proposal and a target over five outcomes, far apart. */
const proposal = [0.4, 0.3, 0.15, 0.1, 0.05];
const target = [0.05, 0.1, 0.15, 0.3, 0.4];

const drawn = (count: number, seed: number): number[] =>
  Array.from(uniforms(keyFromSeed(seed), count), (u) => {
    let [outcome, reached] = [0, proposal[0] ?? 0];
    while (u > reached && outcome < 4) reached += proposal[++outcome] ?? 0;
    return outcome;
  });

const weightsOf = (outcomes: readonly number[]) =>
  Float64Array.from(outcomes, (outcome) => Math.log((target[outcome] ?? 0) / (proposal[outcome] ?? 1)) + 300);

const frequencies = (outcomes: readonly number[], positions: Uint32Array): number[] =>
  target.map(
    (_, outcome) => Array.from(positions).filter((at) => outcomes[at] === outcome).length / positions.length,
  );

// 40,000 draws with ESS about 0.3 stand for at least 5,000 independent ones: each frequency is off by at most 0.007
// (one standard deviation), and a total variation over 0.05 is rarer than 1e-9. The proposal itself is 0.55 away.
const count = 40_000;

test('a corrected chain follows the target', () => {
  const outcomes = drawn(count, 1);
  const { positions, acceptance, effectiveSampleSize } = metropolisHastings(
    weightsOf(outcomes),
    keyFromSeed(2),
  );
  assert.ok(totalVariation(frequencies(outcomes, positions), target) < 0.05);
  assert.ok(totalVariation(proposal, target) > 0.5);
  assert.ok(acceptance > 0.1 && acceptance < 0.9, `acceptance ${acceptance}`);
  assert.ok(effectiveSampleSize > 0.2 && effectiveSampleSize < 0.5, `ESS ${effectiveSampleSize}`);
});

test('resampled draws follow the target, early ones as well as late ones', () => {
  const outcomes = drawn(count, 3);
  const { positions } = resample(weightsOf(outcomes), 20_000, keyFromSeed(4));
  assert.ok(totalVariation(frequencies(outcomes, positions), target) < 0.05);
  assert.ok(totalVariation(frequencies(outcomes, positions.subarray(0, 5000)), target) < 0.05);
});

test('equal weights accept everything, and every draw is resampled once', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(1000), (size, seed) => {
      const logs = new Float64Array(size).fill(-7);
      const chain = metropolisHastings(logs, split(keyFromSeed(seed), 0));
      assert.equal(
        Array.from(chain.positions),
        Array.from({ length: size }, (_, i) => i),
      );
      assert.is(chain.acceptance, 1);
      const again = resample(logs, size, split(keyFromSeed(seed), 1));
      assert.equal(
        Array.from(again.positions).sort((a, b) => a - b),
        Array.from({ length: size }, (_, i) => i),
      );
    }),
    runs(60),
  ));

test('weights that cannot be used are refused, weights of zero are not', () => {
  assert.throws(() => metropolisHastings(new Float64Array(0), keyFromSeed(0)), /at least one/);
  assert.throws(() => resample(Float64Array.of(0, NaN), 2, keyFromSeed(0)), /NaN/);
  const { positions } = metropolisHastings(Float64Array.of(0, -Infinity, -Infinity), keyFromSeed(0));
  assert.equal(Array.from(positions), [0, 0, 0]);
});

test.run();
