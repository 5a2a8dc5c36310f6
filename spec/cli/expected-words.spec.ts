/** How it is said what a batch is expected to do, whether batches are ranked, and which surrogate was chosen. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boundWords, expectedWords, noScale, saturationRemarks } from '../../src/cli/expected-words.js';
import { chosenWords } from '../../src/cli/fit-posterior.js';
import type { HeldOut } from '../../src/learning/fit-for-batch.js';
import { observe } from './fake-services.js';

test('the error before and after, the share, and whether labels are worth it', () => {
  const expected = { error: 12.345, after: 11.2, share: 0.0345, worthwhile: true };
  assert.is(
    expectedWords(expected, false),
    'error 12.3 to 11.2, 3.5% of what labels can take: worth its labels',
  );
  assert.is(
    expectedWords({ error: 0.25, after: 0.2499, share: 0.5, worthwhile: false }, true),
    'wrong predictions 25% to 25%, 50% of what labels can take: not worth its labels, less than a thousandth each',
  );
});

test('batches so near to log S that they are not ranked are said to be, by information alone', () => {
  const bound = { nats: Math.log(64), share: 0.93 };
  assert.is(boundWords(bound), '93% of the 4.16 nats that 64 posterior draws can tell');
  const told = (share: number, mean = 0) => ({ informationBound: { ...bound, share }, random: { mean } });
  const [remark = '', ...others] = saturationRemarks(told(0.93), 'gflownet', undefined);
  assert.match(
    remark,
    /tells 93% of .*: batches so near to it are not ranked by information\. Take more --posterior-draws/,
  );
  assert.is(others.length, 0);
  assert.equal(saturationRemarks(told(0.89), 'gflownet', undefined), []);
  assert.equal(saturationRemarks(told(0.93), 'gflownet', 'epig'), []);
  assert.equal(saturationRemarks(undefined, 'gflownet', undefined), []);
  const byMargin = saturationRemarks(told(0.99, 0.95 * bound.nats), 'greedyOrMargin', undefined);
  assert.match(
    byMargin.join(),
    /^batches at random tell 95% of the 4\.16 nats .*the batch is that of the smallest margins\.$/,
  );
  assert.equal(saturationRemarks(told(0.89, 0.79 * bound.nats), 'greedyOrMargin', undefined), []);
  const ofOne = saturationRemarks(
    { informationBound: { nats: 0, share: 1 }, random: { mean: 0 } },
    'greedyOrMargin',
    undefined,
  );
  assert.match(ofOne.join(), /^one model does not tell .* the batch is that of the smallest margins\.$/);
  assert.is(boundWords({ ...bound, share: 1.02 }), '100% of the 4.16 nats that 64 posterior draws can tell');
});

test('a surrogate that was chosen is named, with its score and those of the others', () => {
  const process = (lengthScales: 'shared' | 'perFeature', score: number | null): HeldOut => ({
    surrogate: { kind: 'gaussian-process', kernel: { kind: 'matern52', lengthScales } },
    score,
  });
  assert.is(
    chosenWords([process('perFeature', -1.25), process('shared', null)]),
    'the surrogate is gaussian-process (matern52-ard), by the score of held-out labels in nats each: gaussian-process (matern52-ard) -1.250, gaussian-process (matern52) could not be fitted',
  );
  assert.match(
    chosenWords([process('shared', null)]),
    /gaussian-process \(matern52\): there are too few labels/,
  );
});

test('labels that do not differ tell no scale: what a batch is expected to do is left out, and that is said', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  try {
    const [file, session] = [path.join(folder, 'data.csv'), path.join(folder, 'session')];
    const withLabels = async (...labels: readonly number[]) =>
      writeFile(
        file,
        ['x,y', ...Array.from({ length: 9 }, (_, i) => `${i},${labels[i] ?? ''}`), ''].join('\n'),
      );
    const said = async (...words: readonly string[]) => {
      const { exitCode, stderr, stdout, remarks } = await observe([...words, '--json']);
      assert.is(exitCode, 0, stderr);
      const { expected } = JSON.parse(stdout) as { readonly expected?: unknown };
      return [expected !== undefined, remarks.includes(noScale)];
    };
    for (const [labels, known, told] of [
      [[], false, false],
      [[5000], false, true],
      [[1e6, 1e6, 1e6], false, true],
      [[1e6, 1e6, 999_999], true, false],
    ] as const) {
      await withLabels(...labels);
      assert.equal(await said('select', file, '-t', 'y', '-a', 'greedy', '-b', '2'), [known, told]);
      await rm(session, { recursive: true, force: true });
      await said('init', session, '-d', file, '-t', 'y', '-a', 'greedy');
      assert.equal(await said('ask', session, '-b', '2'), [known, told]);
      assert.equal(await said('status', session), [known, false]);
    }
    await writeFile(file, 'x,y\n1,oak\n2,elm\n3,\n4,\n5,\n');
    const classes = ['select', file, '-t', 'y', '--task', 'classes', '-a', 'greedy', '-b', '2'];
    assert.equal(await said(...classes), [true, false]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
