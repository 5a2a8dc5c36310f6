/** `--plot` of verify and demo: the picture is where it was wanted, whole, or its absence is told: before the work if it can be. */
import { rmdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inputFailure, numericalFailure } from '../../src/failure.js';
import { drawn, observe, unlistedOf, verificationOf } from './fake-services.js';

const test = suite<{ folder: string; file: string }>('verify --plot', { folder: '', file: '' });

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'data.csv');
  const unlabelled = Array.from({ length: 12 }, (_, i) => `${i / 3},`);
  await writeFile(context.file, ['a,y', '0,1', '1,2', '3,1', ...unlabelled, ''].join('\n'));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

test('--plot writes the picture and says where it is', async ({ folder, file }) => {
  const plot = path.join(folder, 'picture.svg');
  const { exitCode, remarks, plots } = await observe([
    ...['verify', file, '--target', 'y', '--plot', plot, '--policy', 'all', '--json'],
  ]);
  assert.is(exitCode, 0);
  assert.equal(remarks, [`The picture is in ${plot}.`]);
  assert.is(await readFile(plot, 'utf8'), drawn);
  assert.equal((await readdir(folder)).sort(), ['data.csv', 'picture.svg']);
  assert.is(plots[0]?.problem, 'Batches of 10 from the 12 unlabelled lines of data.csv at T = 0.5');
  const [run] = plots[0]?.runs ?? [];
  assert.equal(run, {
    name: 'gain, logPartitionVariance',
    probabilities: { target: Float64Array.of(0.25, 0.75), learned: Float64Array.of(0.375, 0.625) },
    totalVariation: 0.0125,
    loss: [
      { iteration: 10, loss: 0.5 },
      { iteration: 20, loss: 0.125 },
    ],
    elbo: [
      { iteration: 10, elbo: 12.25 },
      { iteration: 20, elbo: 12.375 },
    ],
    logZ: 12.5,
  });
  assert.is(plots[0]?.runs.length, 4);
  // A picture that is there is replaced.
  await writeFile(plot, 'old');
  const held = await observe(['verify', '--plot', plot], { verification: unlistedOf });
  assert.is(await readFile(plot, 'utf8'), drawn);
  assert.equal(held.plots[0]?.runs[0]?.logRatios, {
    logTarget: Float64Array.of(3, 4),
    logLearned: Float64Array.of(-8, -7),
  });
});

test('demo --plot draws the posterior over the pool, the labels, and the points that are printed', async ({
  folder,
}) => {
  const plot = path.join(folder, 'batch.svg');
  const { exitCode, remarks, batches, stdout, asked } = await observe([
    ...['demo', '--plot', plot, '--labelled', '5', '--pool-size', '12', '--batch-size', '2', '--json'],
  ]);
  assert.is(exitCode, 0);
  assert.equal(remarks, [`The picture is in ${plot}.`]);
  assert.is(await readFile(plot, 'utf8'), drawn);
  const [batch] = batches;
  const [{ posterior } = { posterior: undefined }] = asked;
  assert.ok(batch && posterior);
  assert.equal([batch.labelled.length, batch.pool.length, batch.chosen.length], [5, 12, 2]);
  assert.equal(
    batch.pool.map(({ mean }) => mean),
    Array.from(posterior.mean),
  );
  const { rows, columns, data } = posterior.whitened;
  for (let n = 0; n < rows; n++) {
    const squares = data.subarray(n * columns, (n + 1) * columns).reduce((sum, v) => sum + v * v, 0);
    const { deviation = Number.NaN } = batch.pool[n] ?? {};
    assert.ok(Math.abs(deviation ** 2 / (posterior.noiseVariance * squares) - 1) < 1e-9);
  }
  const { values } = JSON.parse(stdout) as { values: readonly { x: number }[] };
  assert.equal(
    batch.chosen.map(({ x }) => x).sort((a, b) => a - b),
    values.map(({ x }) => x).sort((a, b) => a - b),
  );
  assert.is((await observe(['demo', '--plot', path.join(folder, 'batch.png')])).exitCode, 2);
});

test('a picture that cannot be drawn or written is told before any work', async ({ folder, file }) => {
  const missing = inputFailure({ source: 'plot', problem: 'no packages', remedy: 'Install them' });
  const inFolder = (name: string): string => path.join(folder, name);
  await mkdir(inFolder('folder.svg'));
  for (const [plot, says, undrawable] of [
    [inFolder('none/v.svg'), /^--plot: there is no folder .*none\. Create it/, undefined],
    [path.join(file, 'v.svg'), /^--plot: there is no folder .*data\.csv\. /, undefined],
    [inFolder('folder.svg'), /^--plot: .*folder\.svg is a folder\. /, undefined],
    [
      inFolder('v.png'),
      /^--plot: .*v\.png does not end in \.svg.*Give a name that ends in \.svg\./,
      undefined,
    ],
    [inFolder('v.svg'), /^plot: no packages\. Install them\./, missing],
  ] as const) {
    const { exitCode, stdout, stderr, engines } = await observe(
      ['verify', '--plot', plot],
      undrawable === undefined ? {} : { undrawable },
    );
    assert.equal([exitCode, stdout, engines], [2, '', 0], plot);
    assert.match(stderr, says);
  }
  assert.equal((await readdir(folder)).sort(), ['data.csv', 'folder.svg']);
});

test('a folder that may not be written to is told before any work', async ({ folder }) => {
  const closed = path.join(folder, 'closed');
  await mkdir(closed);
  await chmod(folder, 0o755);
  await chmod(closed, 0o555);
  // Who may do everything may write there all the same, and becomes nobody.
  const user = process.geteuid?.();
  if (user === 0) process.seteuid?.(65_534);
  try {
    const { exitCode, stderr, engines } = await observe(['verify', '--plot', path.join(closed, 'v.svg')]);
    assert.equal([exitCode, engines], [2, 0]);
    assert.match(
      stderr,
      /^--plot: nothing can be written to the folder .*closed: EACCES, you have not the right .*\. Give yourself the right, or give another/,
    );
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
});

test('nothing is written where the work fails; where the picture cannot be, the numbers are printed', async ({
  folder,
}) => {
  const plot = path.join(folder, 'v.svg');
  const failed = await observe(['verify', '--plot', plot], {
    failure: numericalFailure('training', 'the loss is NaN', 'Raise the temperature'),
  });
  assert.equal([failed.exitCode, failed.stdout, failed.remarks], [1, '', []]);
  assert.equal(await readdir(folder), ['data.csv']);
  // The folder goes while the policy is trained.
  const gone = path.join(folder, 'gone');
  await mkdir(gone);
  const { exitCode, stdout, stderr, remarks } = await observe(
    ['verify', '--plot', path.join(gone, 'v.svg')],
    {
      verification: (options) => {
        rmdirSync(gone);
        return verificationOf(options);
      },
    },
  );
  assert.equal([exitCode, remarks], [1, []]);
  assert.match(stdout, /^Batches of 3/);
  assert.match(stderr, /^--plot: .*v\.svg: the file cannot be written: ENOENT/);
});

test.run();
