/** `--candidates`: what reaches the sampler and verification, what is said of it, and what is refused. */
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { candidateIndices } from '../../src/acquisition/candidates.js';
import { rowsAt } from '../../src/linear-algebra/matrix.js';
import { proposalKeys } from '../../src/acquisition/summary.js';
import { maternPool } from '../support/pools.js';
import { observe } from './fake-services.js';

const demo = ['demo', '--pool-size', '20', '--batch-size', '3'] as const;
const verify = ['verify', '--pool-size', '20', '--batch-size', '3', '--seed', '4'] as const;

test('candidates reach every strategy, and what they cost is said', async () => {
  for (const acquisition of ['gflownet', 'kdpp']) {
    const words = [...demo, '--acquisition', acquisition];
    const { asked, stdout } = await observe([...words, '--candidates', '7']);
    assert.is(asked[0]?.options.candidates, 7);
    // The whole pool all the same.
    assert.is(asked[0]?.posterior.whitened.rows, 20);
    assert.match(stdout, /\n {2}candidates +7 points, which cost a second greedy batch 0\.0625 nats\n/);
    const without = await observe(words);
    assert.not.ok('candidates' in (without.asked[0]?.options ?? {}));
    assert.not.match(without.stdout, /candidates/);
  }
});

test('--json has them where there are any', async () => {
  const decode = async (words: readonly string[]) =>
    t
      .partial({ candidates: t.type({ count: t.number, cost: t.number }) })
      .decode(JSON.parse((await observe([...words, '--json'])).stdout));
  const [some, all] = [await decode([...demo, '--candidates=7']), await decode(demo)];
  assert.ok(E.isRight(some) && E.isRight(all));
  assert.equal(some.right.candidates, { count: 7, cost: 0.0625 });
  assert.not.ok('candidates' in all.right);
});

test('verify draws from those that select would with the same seed', async () => {
  const { verified, stdout } = await observe([...verify, '--candidates', '7']);
  const whole = maternPool(20, 4);
  assert.equal((await observe(verify)).verified[0]?.problem.whitened, whole);
  const key = proposalKeys(4).candidates;
  const indices = candidateIndices(whole, { count: 7, batchSize: 3, key });
  assert.equal(verified[0]?.problem.whitened, rowsAt(whole, indices));
  assert.match(stdout, /^Batches of 3 from 7 candidates among 20 points \(1-D Matérn-5\/2\) at T = 0\.5;/);
  const all = await observe([...verify, '--candidates', '20']);
  assert.equal(all.verified[0]?.problem.whitened, whole);
  assert.match(all.stdout, /^Batches of 3 from 20 points \(1-D/);
});

test('candidates that are none, or fewer than a batch, end with exit code 2 and what to change', async () => {
  const few =
    '--candidates: a batch of 3 needs more than 2 candidates. Give at least 3, better a few hundred, or a smaller --batch-size.';
  for (const [word, line] of [
    ['2', few],
    ['1', few.replace('2 candidates', '1 candidate')],
    [
      '0',
      '--candidates: "0" is not a whole number from 1 up. Give a whole number from 1 up, 1000 for instance.',
    ],
    [
      'half',
      '--candidates: "half" is not a whole number from 1 up. Give a whole number from 1 up, 1000 for instance.',
    ],
  ] as const)
    // The file is not even looked for.
    for (const command of [demo, verify, ['select', 'none.csv', '--target', 'y', '--batch-size', '3']]) {
      const { exitCode, stdout, stderr, engines } = await observe([...command, `--candidates=${word}`]);
      assert.equal([exitCode, stdout, engines, stderr], [2, '', 0, `${line}\n`], `${command[0]} ${word}`);
    }
});

test.run();
