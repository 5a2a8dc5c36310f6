/** Means and their standard errors, by hand. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { meanOverChains } from '../../src/verify/monte-carlo.js';

test('a mean over chains: its error is that of the chains’ means', () => {
  assert.equal(meanOverChains([1, 2, 3, 4]), { mean: 2.5, standardError: Math.sqrt(5 / 12) });
  // Chains 1, 3, 5 and 2, 4, 6.
  assert.equal(meanOverChains([1, 2, 3, 4, 5, 6], 2), { mean: 3.5, standardError: 0.5 });
});

test.run();
