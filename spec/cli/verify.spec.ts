/** `batchgfn verify`: what is verified, what it prints, and when its exit code is 1 or 2. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { objectives } from '../../src/gflownet/objectives/index.js';
import { gibbsOf, observe, uncertifiedOf, unlistedOf, verificationOf } from './fake-services.js';

const test = suite<{ folder: string; file: string }>('verify', { folder: '', file: '' });

const labelled = Array.from({ length: 5 }, (_, i) => `${i / 2},${i % 3},${Math.sin(i)}`);
const unlabelled = Array.from({ length: 12 }, (_, i) => `${i / 3},${(7 * i) % 5},`);

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'data.csv');
  await writeFile(context.file, ['a,b,y', ...labelled, ...unlabelled, ''].join('\n'));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

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
  assert.match(
    stdout,
    /^Batches of 3 from 15 points \(1-D Matérn-5\/2\) at T = 0\.5; exact log Z 12\.5000 nats\.\n/,
  );
  assert.match(
    stdout,
    /\n2000 iterations of 64 trajectories, 16 more taught, engine webgpu: Imagined Adapter \(software\)\.\n/,
  );
  assert.match(
    stdout,
    /policy +objective +TV +JS +ESS +ELBO +EUBO +log Z \(IS\) +χ² p +drawn p +incl\. p +accepted +Spearman +seconds\n/,
  );
  for (const policy of ['gain', 'pointer', 'deepSets'])
    assert.match(
      stdout,
      new RegExp(
        `${policy} +trajectoryBalance +0\\.0125 +0\\.000375 +0\\.969 +12\\.375 +12\\.625 ± 0\\.031 +12\\.438 +0\\.41 +0\\.44 +0\\.28 +0\\.906 +0\\.984 +2\\.3\\n`,
      ),
    );
  for (const line of [/TV, JS: /, /≤ log Z ≤/, /χ² p: /, /incl\. p: /, /Spearman: .* over all batches/])
    assert.match(stdout, line);
});

test('columns that no line fills are left out, with their legend; what some lines lack is a dash', async () => {
  const unlisted = await observe(['verify'], { verification: unlistedOf });
  assert.match(unlisted.stdout, /objective +ESS +ELBO +EUBO +log Z \(IS\) +drawn p +incl\. p +accepted/);
  assert.not.match(unlisted.stdout, /TV|χ²/);
  assert.match(unlisted.stdout, /Spearman: .* drawn apart from training/);
  const mixed = await observe(['verify', '--policy', 'all'], {
    verification: (options) =>
      options.policy === 'gain'
        ? { ...verificationOf(options), rankCorrelation: null }
        : verificationOf(options),
  });
  assert.match(mixed.stdout, /gain .* 0\.906 +– +2\.3\n/);
  const nothing = await observe(['verify'], { verification: uncertifiedOf });
  assert.match(
    nothing.stdout,
    /at T = 0\.5; nothing is known of the target: of 2 pairs of Gibbs chains some had not met after 4000 updates/,
  );
  assert.not.match(nothing.stdout, / EUBO +log Z|incl\. p/);
});

test('Gibbs draws that stand for the target are named so, with their certificate and all errors', async () => {
  const { stdout } = await observe(['verify'], { verification: gibbsOf });
  assert.match(stdout, /at T = 0\.5; log Z 12\.500 ± 0\.063 nats, by annealed Gibbs chains\.\n/);
  assert.match(
    stdout,
    /\nThe target’s draws are Gibbs draws after 600 updates, each within a total variation of 0\.016 of it: all of 64 pairs of chains had met\.\n/,
  );
  assert.match(stdout, / 12\.625 ± 0\.031 /);
  const { logZ, certificate } = JSON.parse(
    (await observe(['verify', '--json'], { verification: gibbsOf })).stdout,
  ) as Record<string, unknown>;
  assert.equal(logZ, {
    ...{ exact: null, estimate: 12.5, standardError: 0.0625, source: 'gibbs' },
    ...{ elbo: 12.375, eubo: 12.625, euboStandardError: 0.03125, importance: 12.4375 },
  });
  assert.equal(certificate, { totalVariation: 0.015625, updates: 600, pairs: 64 });
  const slow = await observe(['verify'], {
    verification: (options) => ({ ...gibbsOf(options), corrected: { acceptance: 0.125, inclusion: null } }),
  });
  assert.match(
    slow.stdout,
    /gain, logPartitionVariance: no incl\. p, as a correction that accepts 12\.5% moves too slowly/,
  );
});

test('--json is one object for one sampler and a list for several, without what only a picture needs', async () => {
  const one: unknown = JSON.parse((await observe(['verify', '--json', '--replay', '8'])).stdout);
  assert.equal(one, {
    policy: 'gain',
    objective: 'logPartitionVariance',
    backward: 'uniform',
    totalVariation: 0.0125,
    jensenShannon: 0.000375,
    logZ: {
      ...{ exact: 12.5, estimate: null, standardError: 0, source: 'enumeration' },
      ...{ elbo: 12.375, eubo: 12.625, euboStandardError: 0.03125, importance: 12.4375 },
    },
    certificate: null,
    effectiveSampleSize: 0.96875,
    chiSquare: { statistic: 31, degreesOfFreedom: 30, pValue: 0.40625 },
    inclusion: { statistic: 14, degreesOfFreedom: 14, pValue: 0.4375 },
    corrected: { acceptance: 0.90625, inclusion: { statistic: 15, degreesOfFreedom: 14, pValue: 0.28125 } },
    rankCorrelation: 0.984375,
    seconds: { train: 2, draw: 0.25 },
    problem: {
      kind: 'matern',
      poolSize: 15,
      batchSize: 3,
      smallestBatch: 3,
      pointCost: 0,
      temperature: 0.5,
      seed: 0,
    },
    iterations: 2000,
    trajectories: 64,
    draws: 2000,
    replayed: 8,
    taught: 16,
    forwardLooking: true,
    engine: { kind: 'webgpu', description: 'Imagined Adapter', software: true },
  });
  const all: unknown = JSON.parse((await observe(['verify', '--json', '--objective', 'all'])).stdout);
  assert.ok(Array.isArray(all));
  assert.is(all.length, Object.keys(objectives).length);
});

test("the randomness of a verification is its seed's, the same for all that are compared", async () => {
  const keys = async (seed: string) =>
    (await observe(['verify', '--seed', seed, '--objective', 'all'])).verified.map(({ key }) => key);
  const [first = [], again = [], other = []] = await Promise.all(['1', '1', '2'].map(keys));
  assert.is(new Set(first.map((key) => JSON.stringify(key))).size, 1);
  assert.ok(Number.isInteger(first[0]?.word0) && Number.isInteger(first[0]?.word1));
  assert.equal(again, first);
  assert.not.equal(other, first);
});

test('sizes, cost, backward policy, replay and teacher reach the verification and the text', async () => {
  const { verified, stdout } = await observe([
    ...['verify', '--batch-size', '4', '--smallest-batch', '2', '--point-cost', '0.75'],
    ...['--backward', 'learned', '--replay', '16', '--teacher', '50', '--iterations', '70'],
    ...['--trajectories', '8', '--draws', '500', '--temperature', '0.25', '--plain-flows'],
  ]);
  const [{ problem, options } = { problem: undefined, options: undefined }] = verified;
  const { whitened, ...sizes } = problem ?? {};
  assert.is(whitened?.rows, 15);
  assert.equal(sizes, { batchSize: 4, smallestBatch: 2, pointCost: 0.75, temperature: 0.25 });
  assert.equal(options, {
    policy: 'gain',
    objective: 'logPartitionVariance',
    backward: 'learned',
    forwardLooking: false,
    iterations: 70,
    trajectories: 8,
    replayed: 16,
    taught: 50,
    draws: 500,
  });
  assert.match(stdout, /^Batches of 2 to 4, each point at 0\.75 nats, from 15 points .* at T = 0\.25; /);
  assert.match(
    stdout,
    /\n70 iterations of 8 trajectories, 16 more replayed, 50 more taught, backward policy learned, plain state flows, engine /,
  );
});

test('a file: the pool is its unlabelled rows, the surrogate that of the options, batches of 10 by default', async ({
  file,
}) => {
  const { verified, stdout, exitCode } = await observe(['verify', file, '--target', 'y']);
  assert.is(exitCode, 0);
  assert.equal([verified[0]?.problem.whitened.rows, verified[0]?.problem.batchSize], [12, 10]);
  assert.is(verified[0]?.problem.temperature, 0.5);
  assert.ok(stdout.startsWith(`Batches of 10 from the 12 unlabelled lines of ${file} at T = 0.5; exact`));
  const mapped = await observe([
    ...['verify', file, '--target', 'y', '--features', 'b,a', '--feature-map', 'polynomial', '--degree', '3'],
    ...['--batch-size', '2', '--json'],
  ]);
  const { problem, surrogate } = JSON.parse(mapped.stdout) as Record<string, Record<string, unknown>>;
  assert.equal(problem, {
    kind: 'file',
    source: file,
    target: 'y',
    features: ['b', 'a'],
    labelled: 5,
    poolSize: 12,
    batchSize: 2,
    smallestBatch: 2,
    pointCost: 0,
    temperature: 0.5,
    seed: 0,
  });
  assert.equal(surrogate?.['featureMap'], { kind: 'polynomial', degree: 3 });
  // The same posterior as select's.
  const selected = await observe(['select', file, '--target', 'y', '--batch-size', '2']);
  assert.equal(verified[0]?.problem.whitened, selected.asked[0]?.posterior.whitened);
  const few = await observe(['verify', file, '--target', 'y', '--fourier-features', '4']);
  assert.is.not(few.verified[0]?.problem.whitened.columns, verified[0]?.problem.whitened.columns);
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
  assert.match(missed.stderr, /χ² p-value 0\.406 is not at least 0\.5 \(--min-p\)/);
  assert.is(missed.stdout, met.stdout);
});

test('where there is no χ², --min-p is for the inclusion test; a bound with nothing to be held against is not met', async () => {
  // χ² has 0.41 and inclusion 0.28.
  assert.is((await observe(['verify', '--min-p', '0.3'])).exitCode, 0);
  const verify = ['verify', '--min-p', '0.3', '--max-tv', '0.5'];
  const inclusion = await observe(verify, { verification: unlistedOf });
  assert.is(inclusion.exitCode, 1);
  assert.match(inclusion.stderr, /inclusion p-value 0\.281 is not at least 0\.3 \(--min-p\)/);
  assert.match(inclusion.stderr, /total variation \(there is none .* too many batches/);
  const met = await observe(['verify', '--min-p', '0.2'], { verification: unlistedOf });
  assert.equal([met.exitCode, met.stderr], [0, '']);
  const few = await observe(verify, {
    verification: (options) => ({
      ...unlistedOf(options),
      corrected: { acceptance: 0.125, inclusion: null },
    }),
  });
  assert.match(few.stderr, /p-value \(there is none: too few draws .* accepts 12\.5% .*--draws/);
  const unknown = await observe(verify, { verification: uncertifiedOf });
  assert.match(unknown.stderr, /p-value \(there is none: pairs of Gibbs chains did not meet/);
});

test('bad input ends with exit code 2 before any engine is asked for', async ({ file }) => {
  const of = [file, '--target', 'y'];
  for (const [words, says] of [
    [['--batch-size', '20'], /larger than the pool/],
    [['--max-tv', '2'], /from 0 to 1/],
    [['--policy', 'best'], /gain/],
    [['--temperature', '0'], /from 1e-30 up/],
    [['--smallest-batch', '0'], /^--smallest-batch: .*whole number from 1 up/],
    [
      ['--smallest-batch', '4'],
      /^--smallest-batch: .* 4 is larger than the largest of 3 .*\. Give at most 3, or a larger --batch-size\.$/,
    ],
    [['--point-cost', '-1', '--smallest-batch', '1'], /^--point-cost: "-1" is not a number from 0 up\. Give/],
    [['--point-cost', '0.5'], /^--point-cost: .*all batches have 3 points\. .* --smallest-batch\.$/],
    [['--point-cost', '0.5', '--batch-size', '1'], /^--point-cost: .*all batches have 1 point\. Remove it/],
    [['--backward', 'forward'], /^--backward: .*uniform, learned/],
    [['--replay', '0'], /^--replay: /],
    [['--teacher', '-1'], /^--teacher: .*whole number from 0 up/],
    [[...of, '--pool-size', '9'], /^--pool-size: the pool is the rows of the file .*\. Remove the option/],
    [[file], /^--target: the option is missing\. Add --target COLUMN/],
    [[...of, '--batch-size', '13'], /larger than the pool of 12 unlabelled points/],
    [[file, '--target', 'z'], /no column is named "z"/],
    [[...of, '--features', 'c'], /no column is named "c"/],
    [[...of, '--degree', '2'], /^--degree: the option has no meaning unless the feature map is polynomial/],
    [['none.csv', '--target', 'y'], /^none\.csv: there is no such file/],
    [[...of, 'more.csv'], /^"more\.csv": this word is one too many/],
    [
      ['--target', 'y'],
      /^--target: the option has no meaning without a file\. Remove it, or give a CSV file: batchgfn verify FILE --target COLUMN\.$/,
    ],
    [
      ['--features', 'a', '--surrogate', 'bayesian-linear', '--feature-map', 'linear'],
      /^--features: .*\n--surrogate: .*\n--feature-map: .*$/,
    ],
    [['--degree', '2', '--fourier-features', '8'], /^--degree: .*file.*\n--fourier-features: .*$/],
    [['--kernel', 'rbf'], /^--kernel: .*file.*$/],
  ] as const) {
    const { stdout, stderr, exitCode, engines } = await observe(['verify', ...words]);
    assert.is(exitCode, 2, words.join(' '));
    assert.is(stdout, '');
    assert.match(stderr.trimEnd(), says);
    assert.is(engines, 0);
  }
});

test('a teacher is taken at any temperature', async () => {
  for (const words of [
    ['--temperature', '0.3'],
    ['--pool-size', '60', '--batch-size', '6'],
    ['--pool-size', '60', '--batch-size', '6', '--temperature', '0.4'],
  ])
    assert.is((await observe(['verify', '--teacher', '10', ...words])).exitCode, 0, words.join(' '));
});

test('what a file holds and is left out is remarked', async ({ folder }) => {
  const file = path.join(folder, 'constant.csv');
  const rows = [...labelled, ...unlabelled].map((row) => `7,${row}`);
  await writeFile(file, ['c,a,b,y', ...rows, ''].join('\n'));
  const { exitCode, remarks } = await observe(['verify', file, '--target', 'y', '--batch-size', '2']);
  assert.equal([exitCode, remarks], [0, [`${file}: the column c is 7 in every row and was left out.`]]);
});

test.run();
