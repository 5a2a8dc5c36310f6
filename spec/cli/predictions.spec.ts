/**
 * `select` by what a model elsewhere predicts: the batch is that of the same numbers in the library, and what is no prediction
 * is told.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { runProgram, type Outcome } from '../../src/cli/program.js';
import { services } from '../../src/cli/services.js';
import { columnGram } from '../../src/linear-algebra/product.js';
import { posteriorOfDraws, posteriorOfProbabilities } from '../../src/surrogate/from-predictions.js';
import { normalMatrix, right } from '../linear-algebra/arbitrary.js';
import { silent } from './fake-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-predictions-'));
const at = (name: string): string => path.join(folder, name);

/** As numpy.save writes float64 in C order. */
const save = (name: string, shape: readonly number[], data: Float64Array): string => {
  const dictionary = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const padding = 64 - ((10 + dictionary.length + 1) % 64);
  const header = Buffer.from(`${dictionary}${' '.repeat(padding)}\n`, 'latin1');
  const start = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    header.length & 255,
    header.length >> 8,
  ]);
  writeFileSync(at(name), Buffer.concat([start, header, Buffer.from(data.buffer)]));
  return at(name);
};

const select = (...words: readonly string[]): Promise<Outcome> =>
  runProgram(['select', ...words], '1.2.3', {
    ...silent,
    services,
    remark: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  });

const report = t.intersection([
  t.type({ rows: t.array(t.number), rowKind: t.literal('row'), jointMutualInformation: t.number }),
  t.type({ surrogate: t.type({ kind: t.literal('predictions'), of: t.string, shape: t.array(t.number) }) }),
  t.partial({
    ...{ names: t.array(t.string), predictedMean: t.array(t.number), predictedClass: t.array(t.string) },
    classProbabilities: t.array(t.record(t.string, t.number)),
  }),
]);

const chosen = async (...words: readonly string[]): Promise<t.TypeOf<typeof report>> => {
  const { stdout, stderr, exitCode } = await select(...words, '-b', '3', '-a', 'greedy', '--json');
  assert.equal([exitCode, stderr], [0, '']);
  const decoded = report.decode(JSON.parse(stdout));
  if (E.isLeft(decoded)) throw new Error(stdout);
  return decoded.right;
};

const ascending = (indices: readonly number[]): readonly number[] => [...indices].sort((a, b) => a - b);

const drawn = normalMatrix(6, 9, 4);
const draws = save('draws.npy', [6, 9], drawn.data);

test('draws: the batch of the library, rows from 0, names beside them', async () => {
  const posterior = right(posteriorOfDraws(drawn, { noiseVariance: 0.5 }));
  const greedy = greedyBatch(posterior, 3);
  writeFileSync(at('names.txt'), Array.from({ length: 9 }, (_, n) => `well ${n}\r\n`).join(''));
  const found = await chosen('--predictions', draws, '--noise', '0.5', '--ids', at('names.txt'));
  assert.equal(found.rows, ascending(greedy.indices));
  assert.ok(Math.abs(found.jointMutualInformation - greedy.jointMutualInformation) < 1e-12);
  assert.equal(
    found.names,
    found.rows.map((row) => `well ${row}`),
  );
  assert.equal(
    found.predictedMean,
    found.rows.map((row) => posterior.mean[row]),
  );
  assert.equal([found.surrogate.of, found.surrogate.shape], ['draws', [6, 9]]);
  const text = await select('--predictions', draws, '--noise', '0.5', '--ids', at('names.txt'), '-b', '3');
  assert.match(
    text.stdout,
    /Label these 3 rows of .*draws\.npy next:\n\n {2}row +name +label expected\n +\d +well \d/u,
  );
  assert.match(text.stdout, /surrogate {2,}predictions, draws \[6, 9\] of .*, noise variance 0\.5\n/u);
});

test('lines of numbers, packed or not, are the array that a file of NumPy is', async () => {
  const rows = Array.from({ length: 6 }, (_, s) => Array.from(drawn.data.subarray(s * 9, (s + 1) * 9)));
  const npy = await chosen('--predictions', draws, '--noise', '0.5');
  const texts = [
    ['draws.csv', Buffer.from(rows.map((row) => `${row.join()}\n`).join(''))],
    ['savetxt.txt', Buffer.from(`# by numpy.savetxt\n${rows.map((row) => row.join(' ')).join('\n')}`)],
    ['draws.csv.gz', gzipSync(rows.map((row) => row.join(';')).join('\r\n'))],
    ['draws.npy.gz', gzipSync(readFileSync(draws))],
  ] as const;
  for (const [name, bytes] of texts) {
    writeFileSync(at(name), bytes);
    const found = await chosen('--predictions', at(name), '--noise', '0.5');
    assert.equal([found.rows, found.jointMutualInformation], [npy.rows, npy.jointMutualInformation], name);
  }
});

test('the covariance of the draws: the same batch, and no expectation of labels', async () => {
  const mean = Array.from({ length: 9 }, (_, n) => {
    let sum = 0;
    for (let s = 0; s < 6; s++) sum += drawn.data[s * 9 + n] ?? NaN;
    return sum / 6;
  });
  const gram = columnGram({ ...drawn, data: drawn.data.map((x, k) => x - (mean[k % 9] ?? NaN)) });
  const file = save(
    'covariance.npy',
    [9, 9],
    gram.data.map((x) => x / 5),
  );
  const byDraws = await chosen('--predictions', draws, '--noise', '0.5');
  const found = await chosen('--covariance', file, '--noise', '0.5');
  assert.equal(found.rows, byDraws.rows);
  assert.ok(Math.abs(found.jointMutualInformation - byDraws.jointMutualInformation) < 1e-5);
  assert.is(found.predictedMean, undefined);
});

test('probabilities of classes: the batch of the library, and what is expected', async () => {
  const weights = drawn.data.map((x) => Math.exp(x));
  const p = weights.map((w, k) => {
    const own = weights.subarray(3 * Math.floor(k / 3), 3 * Math.floor(k / 3) + 3);
    return w / own.reduce((sum, x) => sum + x, 0);
  });
  const file = save('p.npy', [3, 6, 3], p);
  const greedy = greedyBatch(right(posteriorOfProbabilities([3, 6, 3], p)), 3);
  const found = await chosen('--predictions', file);
  assert.equal(found.rows, ascending(greedy.indices));
  assert.is(found.predictedClass?.length, 3);
  for (const [i, row] of found.rows.entries()) {
    const own = [0, 1, 2].map(
      (c) => ((p[row * 3 + c] ?? NaN) + (p[(6 + row) * 3 + c] ?? NaN) + (p[(12 + row) * 3 + c] ?? NaN)) / 3,
    );
    own.forEach((x, c) =>
      assert.ok(Math.abs((found.classProbabilities?.[i]?.[String(c)] ?? NaN) - x) < 1e-12),
    );
  }
});

test('what NumPy itself wrote is read: an array of an archive, by its name', async () => {
  const fixture = JSON.parse(readFileSync('spec/fixtures/numpy.json', 'utf8')) as {
    readonly archives: readonly { readonly name: string; readonly bytes: string }[];
  };
  const archive = fixture.archives.find(({ name }) => name === 'savez_compressed');
  writeFileSync(at('model.npz'), Buffer.from(archive?.bytes ?? '', 'base64'));
  const found = await chosen('--predictions', `${at('model.npz')}:draws`, '--noise', '1');
  assert.equal(found.surrogate.shape, [3, 4]);
});

test('what does not go together, or is no prediction, is told by its option, file or entry', async () => {
  const short = save('short.npy', [1, 9], drawn.data.slice(0, 9));
  const flat = save('flat.npy', [9], drawn.data.slice(0, 9));
  const cube = save('cube.npy', [2, 2, 1], Float64Array.of(1, 0, 0, 1));
  const wrong = save('wrong.npy', [2, 2, 2], Float64Array.of(0.5, 0.5, 0.2, 0.2, 1, 0, 0, 1));
  const one = save('one.npy', [1, 2, 2], Float64Array.of(0.5, 0.5, 0.2, 0.8));
  writeFileSync(at('few.txt'), 'a\nb\n');
  writeFileSync(at('table.csv'), 'x,y\n1,2\n3,\n');
  const cases: readonly (readonly [RegExp, ...string[]])[] = [
    [/^FILE: the argument is missing\. Give it, or --predictions/u],
    [/^--target: it is left out.*\n.*column y: /u, at('table.csv')],
    [/--noise: the option is missing/u, '--predictions', draws],
    [/^--noise: it goes with predictions/u, at('table.csv'), '-t', 'y', '--noise', '1'],
    [/^--ids: it goes with predictions/u, at('table.csv'), '-t', 'y', '--ids', at('few.txt')],
    [
      /^FILE: predictions are of a pool without a table/u,
      at('table.csv'),
      '--predictions',
      draws,
      '--noise',
      '1',
    ],
    [/^--target: predictions are of a pool/u, '-t', 'y', '--predictions', draws, '--noise', '1'],
    [/^--kernel: a surrogate is fitted/u, '--kernel', 'rbf', '--predictions', draws, '--noise', '1'],
    [
      /^--covariance: predictions are given too/u,
      '--covariance',
      draws,
      '--predictions',
      draws,
      '--noise',
      '1',
    ],
    [/draws\.npy.*shape is \[6, 9\]/u, '--covariance', draws, '--noise', '1'],
    [/cube\.npy.*shape is \[2, 2, 1\]/u, '--covariance', cube, '--noise', '1'],
    [/flat\.npy.*shape is \[9\]/u, '--predictions', flat, '--noise', '1'],
    [/short\.npy, draws: there is one draw/u, '--predictions', short, '--noise', '1'],
    [/wrong\.npy, probabilities: those of point 1 under draw 0 sum to 0\.4/u, '--predictions', wrong],
    [/one model alone/u, '--predictions', one, '-a', 'greedy'],
    [/one model alone/u, '--predictions', one, '--reward', 'epig'],
    [/--noise: probabilities of classes have no noise/u, '--predictions', wrong, '--noise', '1'],
    [
      /few\.txt: it names 2 points, and 9 are predicted/u,
      '--predictions',
      draws,
      '--noise',
      '1',
      '--ids',
      at('few.txt'),
    ],
    [/nothing\.npy/u, '--predictions', at('nothing.npy'), '--noise', '1'],
    [/table\.csv, line 3, column 2: "" is not a number/u, '--predictions', at('table.csv'), '--noise', '1'],
    [/--batch-size: a batch of 10 is larger than the pool of 9/u, '--predictions', draws, '--noise', '1'],
  ];
  for (const [pattern, ...words] of cases) {
    const { stdout, stderr, exitCode } = await select(...words);
    assert.equal([exitCode, stdout], [2, ''], `${words.join(' ')}: ${stderr}`);
    assert.match(stderr, pattern);
  }
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
