/** `batchgfn verify`: what it prints, and when its exit code is 1. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { observe } from './fake-machinery.js';

test('a line for each policy and objective, with the exact log Z above', async () => {
  const { stdout, stderr, exitCode } = await observe([
    'verify',
    '--policy',
    'all',
    '--objective',
    'trajectoryBalance',
  ]);
  assert.is(exitCode, 0);
  assert.is(stderr, '');
  assert.match(stdout, /Batches of 3 from 15 points .* at T = 0\.5; exact log Z 12\.5000 nats/);
  for (const policy of ['gain', 'pointer', 'deepSets'])
    assert.match(
      stdout,
      new RegExp(
        `${policy} +trajectoryBalance +0\\.0125 +0\\.000375 +0\\.969 +12\\.375 +12\\.625 +12\\.438 +0\\.41 +1\\.8`,
      ),
    );
});

test('--json is one object for one sampler and a list for several', async () => {
  const one: unknown = JSON.parse((await observe(['verify', '--json'])).stdout);
  assert.ok(typeof one === 'object' && one !== null && !Array.isArray(one));
  for (const name of [
    'totalVariation',
    'jensenShannon',
    'logZ',
    'effectiveSampleSize',
    'chiSquare',
    'problem',
    'policy',
    'objective',
    'engine',
    'seconds',
  ])
    assert.ok(name in one, name);
  const all: unknown = JSON.parse((await observe(['verify', '--json', '--objective', 'all'])).stdout);
  assert.ok(Array.isArray(all));
  assert.is(all.length, 5);
});

test('bounds that are met leave exit code 0, others give 1 and say which, and the result is printed all the same', async () => {
  const met = await observe(['verify', '--max-tv', '0.02', '--min-p', '0.01']);
  assert.is(met.exitCode, 0);
  const missed = await observe(['verify', '--max-tv', '0.01', '--min-p', '0.5']);
  assert.is(missed.exitCode, 1);
  assert.match(
    missed.stderr,
    /gain, logPartitionVariance: total variation 0\.0125 is not at most 0\.01 \(--max-tv\)/,
  );
  assert.match(missed.stderr, /p-value 0\.406 is not at least 0\.5 \(--min-p\)/);
  assert.is(missed.stdout, met.stdout);
});

test('bad input ends with exit code 2 before any engine is asked for', async () => {
  for (const [words, says] of [
    [['--batch-size', '20'], /larger than the pool/],
    [['--max-tv', '2'], /from 0 to 1/],
    [['--policy', 'best'], /gain/],
    [['--temperature', '0'], /greater than 0/],
  ] as const) {
    const { stdout, stderr, exitCode, engines } = await observe(['verify', ...words]);
    assert.is(exitCode, 2);
    assert.is(stdout, '');
    assert.match(stderr, says);
    assert.is(engines, 0);
  }
});

test.run();
