/** Elementary symmetric polynomials in log space, against their definition as sums over subsets. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { subsetsOf } from '../../src/gflownet/exact/subsets.js';
import {
  logElementaryLeaveOneOut,
  logElementaryPrefixes,
  logElementarySymmetric,
} from '../../src/verify/elementary-symmetric.js';
import { runs } from '../support/property.js';

/** e_k of the values by its definition. */
const elementary = (values: readonly number[], k: number): number => {
  if (k === 0) return 1;
  const subsets = subsetsOf(values.length, k);
  let total = 0;
  for (let row = 0; row < subsets.length; row += k)
    total += subsets.subarray(row, row + k).reduce((product, i) => product * (values[i] ?? NaN), 1);
  return total;
};

const agree = (logs: Float64Array | undefined, values: readonly number[], k: number): void => {
  assert.is(logs?.length, k + 1);
  for (let j = 0; j <= k; j++) {
    const expected = elementary(values, j);
    const found = Math.exp(logs?.[j] ?? NaN);
    assert.ok(Math.abs(found - expected) <= 1e-12 * expected, `e_${j} is ${found}, should be ${expected}`);
  }
};

/** Up to seven numbers from 10⁻³ to 10³, and some zeros. */
const values = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: -300, max: 300 }).map((x) => 10 ** (x / 100)) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
  { maxLength: 7 },
);

test('every polynomial is the sum over subsets, of all values, of the first ones, and of all but one', () => {
  fc.assert(
    fc.property(values, fc.nat(5), (xs, k) => {
      const logs = xs.map(Math.log);
      agree(logElementarySymmetric(logs, k), xs, k);
      const prefixes = logElementaryPrefixes(logs, k);
      assert.is(prefixes.length, xs.length + 1);
      prefixes.forEach((prefix, n) => {
        agree(prefix, xs.slice(0, n), k);
      });
      const others = logElementaryLeaveOneOut(logs, k);
      assert.is(others.length, xs.length);
      others.forEach((other, i) => {
        agree(
          other,
          xs.filter((_, l) => l !== i),
          k,
        );
      });
    }),
    runs(100),
  );
});

test('they stay finite where the plain recursion overflows', () => {
  // e_k of n equal values λ is C(n, k) λ^k.
  const [n, k, log] = [5000, 200, 3];
  const logs = logElementarySymmetric(new Float64Array(n).fill(log), k);
  let expected = k * log;
  for (let i = 1; i <= k; i++) expected += Math.log((n - i + 1) / i);
  assert.ok(Math.abs((logs[k] ?? NaN) - expected) < 1e-8 * expected, `${logs[k]}, should be ${expected}`);
});

test.run();
