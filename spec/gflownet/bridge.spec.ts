/** Bridge sampling between two laws whose log Z is known; the standard error against the spread over repetitions. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bridgeEstimate } from '../../src/gflownet/bridge.js';
import { keyFromSeed, normals, split } from '../../src/random/key.js';

/** log w = log N(x; shift, 1) + log Z − log N(x; 0, 1) of draws x ~ N(centre, 1). */
const logWeights = (
  seed: number,
  child: number,
  centre: number,
  shift: number,
  logZ: number,
  count: number,
) =>
  normals(split(keyFromSeed(seed), child), count).map(
    (z) => logZ + shift * (z + centre) - (shift * shift) / 2,
  );

test('log Z is found, within its standard error', () => {
  const [logZ, shift, count, repetitions] = [200, 1.5, 400, 200];
  let squares = 0;
  let claimed = 0;
  for (let seed = 0; seed < repetitions; seed++) {
    const { estimate, standardError } = bridgeEstimate(
      logWeights(seed, 0, 0, shift, logZ, count),
      logWeights(seed, 1, shift, shift, logZ, count),
    );
    squares += (estimate - logZ) ** 2 / repetitions;
    claimed += standardError ** 2 / repetitions;
  }
  // The variance over 200 repetitions scatters by √(2 / 200) = 10 %: five of these, once in two million.
  assert.ok(Math.abs(squares / claimed - 1) < 0.5, `spread² ${squares}, claimed ${claimed}`);
});

test('equal weights are log Z itself; nothing is refused', () => {
  const { estimate, standardError } = bridgeEstimate([3, 3], [3, 3, 3]);
  assert.ok(Math.abs(estimate - 3) < 1e-12 && standardError < 1e-12);
  assert.throws(() => bridgeEstimate([], [1]), /at least one/);
});

test.run();
