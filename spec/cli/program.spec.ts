// The commands on an imagined engine: what they ask for, what they print, and with which exit code they end.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { batchInWords } from '../../src/cli/compared-words.js';
import { renderRows } from '../../src/cli/render.js';
import { engineFailure, numericalFailure } from '../../src/failure.js';
import { observe } from './fake-services.js';

const test = suite<{ folder: string; file: string }>('the commands', { folder: '', file: '' });

const DATA = 'a,y,b,c\n1,0.5,2,7\n\n2,,4,7\n3,,9,7\n4,1.5,1,7\n5,,8,7\n';

test.before(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'data.csv');
  await writeFile(context.file, DATA);
});

test.after(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

const scored = t.type({ rows: t.array(t.number), jointMutualInformation: t.number });

/** The least form of the object that select promises. */
const promised = t.intersection([
  scored,
  t.type({
    greedy: scored,
    random: t.type({ mean: t.number }),
    drawn: t.type({
      mean: t.number,
      best: t.number,
      count: t.number,
      jointMutualInformation: t.array(t.number),
    }),
    effectiveSampleSize: t.number,
    engine: t.type({ kind: t.string, description: t.string, software: t.boolean }),
    surrogate: t.type({ kind: t.string, noiseVariance: t.number, priorVariance: t.number }),
    seconds: t.type({ fit: t.number, train: t.number, draw: t.number }),
    values: t.array(t.record(t.string, t.number)),
    predictedMean: t.array(t.number),
  }),
]);

test('select --json names the lines of the file and their values', async ({ file }) => {
  const { stdout, stderr, exitCode, remarks } = await observe([
    ...['select', file, '--target', 'y', '--batch-size', '2', '--json'],
  ]);
  assert.is(exitCode, 0);
  assert.is(stderr, '');
  const decoded = promised.decode(JSON.parse(stdout));
  assert.ok(E.isRight(decoded));
  assert.equal(decoded.right.rows, [4, 5]);
  assert.equal(decoded.right.values, [
    { a: 2, b: 4 },
    { a: 3, b: 9 },
  ]);
  assert.is(decoded.right.predictedMean.length, 2);
  assert.equal(decoded.right.greedy, { rows: [4, 5], jointMutualInformation: 4.5 });
  assert.equal(decoded.right.drawn.jointMutualInformation, [3.5, 4.25, 3.5]);
  assert.equal(decoded.right.seconds, { ...decoded.right.seconds, train: 12.5, draw: 0.25 });
  assert.equal(remarks, [`${file}: the column c is 7 in every row and was left out.`]);
});

test('select prints the rows, the information beside that of other batches, and how it came about', async ({
  file,
}) => {
  const { stdout, exitCode } = await observe(['select', file, '--target', 'y', '--batch-size', '2']);
  assert.is(exitCode, 0);
  const lines = stdout.split('\n');
  assert.is(lines[0], `Label these 2 lines of ${file} next:`);
  assert.match(lines[2] ?? '', /^ {2}line {2}a {2}b {2}y expected$/);
  assert.match(lines[3] ?? '', /^ {5}4 {2}2 {2}4 +-?\d/);
  assert.match(lines[4] ?? '', /^ {5}5 {2}3 {2}9 +-?\d/);
  const json = await observe(['select', file, '--target', 'y', '--batch-size', '2', '--json']);
  const { predictedMean } = JSON.parse(json.stdout) as { readonly predictedMean: readonly number[] };
  assert.equal(
    lines.slice(3, 5).map((line) => Number(line.trim().split(/ +/)[3])),
    predictedMean.map((value) => Number(value.toPrecision(4))),
  );
  for (const [what, value] of [
    ['this batch, the best of 3 drawn, improved by 2 exchanges', '4.2500'],
    ['greedy BatchBALD', '4.5000'],
    ['batches drawn, mean', '3.7500'],
    ['batches at random, mean', '1.1250'],
    ['draws', 'as 15 pairs of chains met within 48 updates'],
    ['log Z', '20.50 ± 0.25 (between policy and target, by bridge sampling), ELBO 20.25, EUBO 20.75'],
    ['effective sample size', '87.5% of 3, of the policy before that'],
    ['engine', 'webgpu: Imagined Adapter (software)'],
  ] as const)
    assert.ok(
      lines.some((line) => line.trim().startsWith(what) && line.endsWith(value)),
      `${what}: ${value}`,
    );
  assert.match(stdout, /to fit, 13 s to train \(300 iterations\), 0\.25 s to draw\n$/);
});

test('options reach the sampler, and what is left out is left to the library', async ({ file }) => {
  const select = ['select', file, '--target', 'y', '--batch-size', '2'];
  const plain = (await observe(select)).asked[0]?.options;
  for (const name of ['temperature', 'coldness', 'policy', 'objective', 'iterations', 'trajectories'])
    assert.not.ok(name in (plain ?? {}), name);
  assert.equal([plain?.batchSize, plain?.seed, plain?.draws], [2, 0, 256]);
  const { asked } = await observe([
    ...[...select, '--temperature', '0.25', '--policy=pointer', '--objective', 'logPartitionVariance'],
    ...['--iterations', '7', '--trajectories', '3', '--seed', '5'],
  ]);
  const { onProgress, signal, ...told } = asked[0]?.options ?? {};
  assert.ok(onProgress !== undefined && signal !== undefined);
  assert.equal(told, {
    acquisition: 'gflownet',
    batchSize: 2,
    temperature: 0.25,
    policy: 'pointer',
    objective: 'logPartitionVariance',
    iterations: 7,
    trajectories: 3,
    seed: 5,
    draws: 256,
  });
  const cold = await observe([...select, '--acquisition', 'powerBald', '--coldness', '3']);
  assert.is(cold.asked[0]?.options.coldness, 3);
});

test('features and feature maps reach the surrogate', async ({ file }) => {
  const select = ['select', file, '--target', 'y', '--batch-size', '2', '--json'];
  const surrogate = async (...words: readonly string[]): Promise<unknown> => {
    const { stdout, stderr } = await observe([...select, ...words]);
    const decoded = t
      .type({
        surrogate: t.type({ featureMap: t.unknown }),
        problem: t.type({ features: t.array(t.string) }),
      })
      .decode(JSON.parse(stdout === '' ? JSON.stringify(stderr) : stdout));
    return E.isRight(decoded) ? [decoded.right.surrogate.featureMap, decoded.right.problem.features] : stderr;
  };
  assert.equal(await surrogate('--features', 'b', '--seed', '3'), [
    { kind: 'fourier', count: 128, seed: 3 },
    ['b'],
  ]);
  assert.equal(await surrogate('--fourier-features', '16'), [
    { kind: 'fourier', count: 16, seed: 0 },
    ['a', 'b'],
  ]);
  assert.equal(await surrogate('--feature-map', 'linear'), [{ kind: 'linear' }, ['a', 'b']]);
  assert.equal(await surrogate('--feature-map', 'polynomial', '--features', 'b,a'), [
    { kind: 'polynomial', degree: 2 },
    ['b', 'a'],
  ]);
});

test('a Gaussian process by name, with its kernel, on the same interface', async ({ file }) => {
  const select = ['select', file, '--target', 'y', '--batch-size', '2', '--surrogate', 'gaussian-process'];
  const kernel = async (...words: readonly string[]): Promise<unknown> => {
    const { stdout } = await observe([...select, '--json', ...words]);
    return (JSON.parse(stdout) as { surrogate: { kind: string; kernel: unknown } }).surrogate.kernel;
  };
  assert.equal(await kernel(), { kind: 'matern52', lengthScales: 'shared' });
  assert.equal(await kernel('--kernel', 'rbf-ard'), { kind: 'rbf', lengthScales: 'perFeature' });
  assert.equal(await kernel('--kernel', 'linear'), { kind: 'linear' });
  assert.match(
    (await observe(select)).stdout,
    /gaussian-process, matern52 kernel, noise variance .*length-scale /,
  );
  const refused = async (...words: readonly string[]) => {
    const { exitCode, stderr } = await observe(['demo', ...words]);
    assert.is(exitCode, 2);
    return stderr;
  };
  assert.match(
    await refused('--kernel', 'rbf'),
    /^--kernel: .*surrogate is gaussian-process.*add --surrogate gaussian-process/,
  );
  assert.match(
    await refused('--surrogate', 'gaussian-process', '--degree', '2'),
    /^--degree: .*bayesian-linear/,
  );
});

test('demo needs no file, and one seed is one problem', async () => {
  const run = (seed: string) => observe(['demo', '--pool-size', '30', '--batch-size', '4', '--seed', seed]);
  const [first, again, other] = [await run('1'), await run('1'), await run('2')];
  assert.is(first.exitCode, 0);
  assert.match(first.stdout, /^Label these 4 points of the toy pool of seed 1 next:/);
  assert.is(first.asked[0]?.posterior.whitened.rows, 30);
  assert.equal(first.asked[0]?.posterior, again.asked[0]?.posterior);
  assert.not.equal(first.asked[0]?.posterior, other.asked[0]?.posterior);
});

test('devices lists engines and adapters', async () => {
  assert.equal((await observe(['devices'])).remarks, ['There is no other.']);
  assert.is(
    (await observe(['devices'])).stdout,
    [
      '  engine  adapter           kind',
      '  cpu     cpu               this process',
      '  webgpu  Imagined Adapter  software',
      '',
    ].join('\n'),
  );
  assert.is(
    JSON.stringify(JSON.parse((await observe(['devices', '--json'])).stdout)),
    '[{"engine":"cpu","description":"cpu","software":false},{"engine":"webgpu","description":"Imagined Adapter","software":true}]',
  );
});

test('failures end with their exit codes, nothing on stdout', async () => {
  const ended = async (
    ...failure: Parameters<typeof observe>
  ): Promise<readonly [number, string, string]> => {
    const { exitCode, stdout, stderr } = await observe(...failure);
    return [exitCode, stdout, stderr];
  };
  assert.equal(
    await ended(['demo'], {
      failure: engineFailure('webgpu', 'the device was lost', 'Use the cpu engine', 'sum'),
    }),
    [1, '', 'engine webgpu, kernel sum: the device was lost. Use the cpu engine.\n'],
  );
  assert.equal(
    await ended(['demo'], {
      failure: numericalFailure('training', 'the loss is NaN', 'Raise the temperature'),
    }),
    [1, '', 'training: the loss is NaN. Raise the temperature.\n'],
  );
  assert.equal(await ended(['demo'], { failure: { _tag: 'Interrupted', during: 'training' } }), [
    130,
    '',
    'training: interrupted.\n',
  ]);
  const signal = AbortSignal.abort();
  const aborted = await observe(['demo'], { signal });
  assert.equal([aborted.exitCode, aborted.stdout, aborted.engines], [130, '', 0]);
});

test('no engine is asked for before the input is sound', async ({ file }) => {
  for (const words of [
    ['select', file, '--target', 'y', '--batch-size', '4'],
    ['select', file, '--target', 'z'],
    ['select', file, '--target', 'y', '--batch-size', '2', '--degree', '2'],
    ['demo', '--batch-size', '101'],
    ['demo', '--feature-map', 'polynomial', '--fourier-features', '2'],
    ['demo', '--fourier-features', '100000'],
  ]) {
    const { exitCode, stdout, engines, stderr } = await observe(words);
    assert.equal([exitCode, stdout, engines], [2, '', 0], words.join(' '));
    assert.is.not(stderr, '');
  }
});

test('help and version go to stdout with exit code 0', async () => {
  const { exitCode, stdout } = await observe(['select', '--help']);
  assert.is(exitCode, 0);
  for (const option of ['FILE', '--target', '--batch-size', '--temperature', '--engine', '--json'])
    assert.ok(stdout.includes(option), option);
  assert.equal((await observe(['--version'])).stdout, '1.2.3\n');
  assert.match((await observe([])).stdout, /select[^]*demo[^]*devices/);
});

test('a strategy without chance in it proposes this batch, one with it the best of its draws', () => {
  const words = (drawn: { mean: number; best: number; count: number }) =>
    batchInWords({ improvement: null, drawn });
  assert.is(words({ mean: 2.5, best: 2.5 + 1e-15, count: 256 }), 'this batch');
  assert.is(words({ mean: 0, best: 0, count: 256 }), 'this batch');
  assert.is(words({ mean: 2.4, best: 2.5, count: 256 }), 'this batch, the best of 256 drawn');
});

test('a table of rows goes into 80 columns, with one feature at least', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 30 }),
      fc.double({ noNaN: true }),
      (names, value) => {
        const features = [...new Set(names)];
        const values = [Object.fromEntries(features.map((name) => [name, value]))];
        const table = renderRows({
          rows: [12345],
          rowKind: 'line',
          values,
          features,
          target: 'y',
          predictedMean: [1],
        });
        const lines = table.split('\n');
        const shown = features.filter((_, i) => i < 8).length;
        const widest = Math.max(...lines.map(({ length }) => length));
        // With a second feature it would be wider than it may be, or there is none.
        assert.ok(
          widest <= 80 || lines[1]?.trim().split(/ {2,}/).length === (features.length > 1 ? 4 : 3),
          table,
        );
        assert.ok(shown > 0 && lines.length === 3);
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});

test('texts of rows are shown in full up to 24 characters, and longer ones by their beginning', () => {
  const shown = (site: string) =>
    renderRows({
      rows: [2],
      rowKind: 'line',
      values: [{ x: 1 }],
      features: ['x'],
      texts: [{ site }],
      target: 'y',
    });
  assert.match(shown('s'.repeat(24)), / s{24}\n/);
  assert.match(shown('s'.repeat(25)), / s{23}…\n/);
});

test('whole numbers are shown in full, and others as they are where they are short', () => {
  const shown = (x: number) =>
    renderRows({ rows: [2], rowKind: 'line', values: [{ x }], features: ['x'], target: 'y' })
      .trim()
      .split(/\s+/)
      .at(-1);
  for (const [value, text] of [
    [20240518, '20240518'],
    [-1234589, '-1234589'],
    [Number('12345678901234567892'), '12345678901234567000'],
    [47.123458, '47.123458'],
    [47.123456789, '47.1235'],
    [1 / 3, '0.333333'],
    [1e-7, '1e-7'],
    [1.23456789e30, '1.23456789e+30'],
  ] as const)
    assert.is(shown(value), text);
});

test('an option that is none is told with the dashes that it was given', async () => {
  for (const [word, told] of [
    ['-z', '-z'],
    ['--zed=3', '--zed'],
  ] as const) {
    const { exitCode, stderr } = await observe(['select', 'table.csv', word]);
    assert.is(exitCode, 2);
    assert.ok(stderr.startsWith(`${told}: there is no such option.`), stderr);
  }
});

test.run();
