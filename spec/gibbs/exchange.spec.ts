/** Exchanges of single points: where they end no exchange helps, by trying all of them. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exchanged } from '../../src/gibbs/exchange.js';
import { atOnce } from '../../src/work.js';
import { keyFromSeed } from '../../src/random/key.js';
import { uniformSubset } from '../../src/random/subset.js';
import { gaussianInformation } from '../../src/reward/gaussian-information.js';
import { runs } from '../support/engines.js';
import { randomPool } from '../support/pools.js';

const seeds = fc.integer({ min: 0, max: 1e6 });

test('the batch is no worse than its start, and no exchange of one point improves it', () =>
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 12 }), fc.constantFrom(0.1, 1, 30), (seed, size, scale) => {
      const utility = gaussianInformation(randomPool(12, 3, seed, scale));
      const start = uniformSubset(keyFromSeed(seed), 12, size);
      const { members, utility: own } = atOnce(exchanged(utility, start));
      assert.is(new Set(members).size, size);
      const value = utility.value(members);
      assert.ok(Math.abs(value - own) < 1e-9 * Math.max(1, value));
      assert.ok(value >= utility.value(start) - 1e-9);
      members.forEach((m) => {
        for (let n = 0; n < 12; n++)
          if (!members.includes(n))
            assert.ok(utility.value([...members.filter((other) => other !== m), n]) <= value + 1e-9);
      });
    }),
    runs(40),
  ));

test('a trap for greedy: the point that is best alone is left', () => {
  // Two nearly orthogonal points, and one between them of larger norm: greedy takes it and cannot give it back.
  const whitened = { rows: 3, columns: 2, data: Float64Array.of(10, 0, 0, 10, 7.3, 7.3) };
  const { members, exchanges } = atOnce(exchanged(gaussianInformation(whitened), [2, 0]));
  assert.equal(members.toSorted(), [0, 1]);
  assert.is(exchanges, 1);
});

test.run();
