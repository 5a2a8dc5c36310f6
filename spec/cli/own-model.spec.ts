/** Sessions whose batches are chosen by what a model elsewhere predicts, class probabilities of one model, and embeddings for columns. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { posteriorAt } from '../../src/acquisition/candidates.js';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { posteriorOfDraws } from '../../src/surrogate/from-predictions.js';
import { normalMatrix, right } from '../linear-algebra/arbitrary.js';
import { npyOf } from '../support/numpy-files.js';
import { run } from './real-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-own-model-'));
const at = (name: string): string => path.join(folder, name);

const save = (name: string, shape: readonly number[], data: Float64Array): string => {
  writeFileSync(at(name), npyOf({ shape, data }));
  return at(name);
};

interface Asked {
  readonly rows: readonly number[];
  readonly jointMutualInformation: number;
  readonly names?: readonly string[];
  readonly predictedMean?: readonly number[];
  readonly values: readonly Readonly<Record<string, number>>[];
}

const json = async (...words: readonly string[]) => {
  const { exitCode, stdout, stderr, remarks } = await run(...words, '--json');
  assert.equal([exitCode, stderr], [0, ''], words.join(' '));
  return { remarks, answer: JSON.parse(stdout) as Asked };
};

const refused = async (pattern: RegExp, ...words: readonly string[]): Promise<void> => {
  const { exitCode, stdout, stderr } = await run(...words);
  assert.equal([exitCode, stdout], [2, ''], `${words.join(' ')}: ${stderr}`);
  assert.match(stderr, pattern);
};

const N = 12;

/** Rows of lines 2 to 13, of which 4 and 7 are labelled: a name, a text and no feature. */
const wells = at('wells.csv');
writeFileSync(
  wells,
  [
    'well,note,yield',
    ...Array.from({ length: N }, (_, i) => `W${i},seen ${i % 3},${i === 2 || i === 5 ? 0.5 * i : ''}`),
  ].join('\n'),
);

const linesOf = (places: readonly number[]): readonly number[] =>
  places.map((place) => place + 2).sort((a, b) => a - b);

/** The greedy batch of some rows by draws of all. */
const greedyOf = (draws: ReturnType<typeof normalMatrix>, pool: readonly number[], size: number) => {
  const posterior = right(posteriorOfDraws(draws, { noiseVariance: 0.25 }));
  const { indices, jointMutualInformation } = greedyBatch(posteriorAt(posterior, pool), size);
  return { lines: linesOf(indices.map((i) => pool[i] ?? NaN)), jointMutualInformation };
};

const all = Array.from({ length: N }, (_, i) => i);

test('a session asks by the newest predictions, leaves known rows out, and keeps the digest', async () => {
  const session = at('session');
  const [before, later] = [normalMatrix(8, N, 4), normalMatrix(8, N, 9)];
  const first = save('first.npy', [8, N], before.data);
  const second = save('second.npy', [8, N], later.data);
  const begun = await run('init', session, '-d', wells, '-t', 'yield', '--own-model', '-a', 'greedy');
  assert.is(begun.exitCode, 0, begun.stderr);
  assert.match(begun.stdout, /surrogate +a model of yours\n/);
  await refused(
    /^--predictions: the option is missing: batches of the session are chosen by/,
    'ask',
    session,
  );
  const ask = (file: string) => ['ask', session, '-b', '3', '--predictions', file, '--noise', '0.25'];
  const pool = all.filter((n) => n !== 2 && n !== 5);
  const wanted = greedyOf(before, pool, 3);
  const { answer } = await json(...ask(first));
  assert.equal(answer.rows, wanted.lines);
  assert.ok(Math.abs(answer.jointMutualInformation - wanted.jointMutualInformation) < 1e-12);
  assert.equal(
    answer.names,
    answer.rows.map((row) => `W${row - 2}`),
  );
  assert.is(answer.predictedMean?.length, 3);
  const last = readFileSync(path.join(session, 'journal.jsonl'), 'utf8').trim().split('\n').at(-1) ?? '';
  const { event } = JSON.parse(last) as { event: { predictions: Readonly<Record<string, unknown>> } };
  const sha256 = createHash('sha256').update(readFileSync(first)).digest('hex');
  assert.equal(event.predictions, {
    ...{
      file: first,
      bytes: readFileSync(first).length,
      sha256,
      of: 'draws',
      shape: [8, N],
      noiseVariance: 0.25,
    },
  });
  // Asked again it is the same batch, whatever is predicted by then, and nothing has to be.
  assert.equal((await json(...ask(second))).answer.rows, answer.rows);
  assert.equal((await json('ask', session)).answer.rows, answer.rows);
  const [a = NaN, b = NaN, c = NaN] = answer.rows;
  await json('tell', session, `W${a - 2}=1.5`, `${b}=2`, '--skip', String(c));
  const left = pool.filter((n) => !answer.rows.includes(n + 2));
  const stale = await json(...ask(first));
  assert.match(stale.remarks.join('\n'), /first\.npy is as it was at the last ask, and 2 labels came since/);
  assert.equal(stale.answer.rows, greedyOf(before, left, 3).lines);
  await json('tell', session, ...stale.answer.rows.map((row) => `${row}=0`));
  const rest = left.filter((n) => !stale.answer.rows.includes(n + 2));
  const fresh = await json(...ask(second));
  assert.equal(fresh.remarks, []);
  assert.equal(fresh.answer.rows, greedyOf(later, rest, 3).lines);
  const { stdout: status } = await run('status', session);
  assert.match(status, /predictions +draws \[8, 12\] of .*second\.npy, SHA-256 /);
  assert.not.match(status, /^ {2}features/m);
});

test('names of points stand for their order, and a policy is not kept for what nobody knows here', async () => {
  const session = at('named');
  const draws = normalMatrix(6, N, 11);
  await run('init', session, '-d', wells, '-t', 'yield', '--own-model', '-i', '3', '-s', '1');
  const order = all.filter((n) => n !== 2).reverse();
  const shuffled = matrixFrom(6, order.length + 1, (s, i) => draws.data[s * N + (order[i] ?? 0)] ?? NaN);
  const file = save('shuffled.npy', [6, order.length + 1], shuffled.data);
  writeFileSync(at('ids.txt'), [...order.map((n) => `W${n}`), 'another'].join('\n'));
  const words = ['ask', session, '-b', '2', '-e', 'cpu', '--predictions', file, '--noise', '0.25'];
  const { answer } = await json(...words, '--ids', at('ids.txt'));
  const pool = all.filter((n) => n !== 2 && n !== 5);
  const { jointMutualInformation, lines } = greedyOf(draws, pool, 2);
  const greedy = at('named-greedy');
  await run('init', greedy, '-d', wells, '-t', 'yield', '--own-model', '-a', 'greedy');
  assert.equal((await json(...words.with(1, greedy), '--ids', at('ids.txt'))).answer.rows, lines);
  // The proposal is never below greedy's.
  assert.ok(answer.jointMutualInformation >= jointMutualInformation - 1e-12);
  assert.ok(answer.rows.every((row) => pool.includes(row - 2)));
  await refused(/is predicted elsewhere, and not known ahead/, 'ahead', session);
  await json('tell', session, ...answer.rows.map((row) => `${row}=1`));
  await json(...words, '--ids', at('ids.txt'));
});

const probabilities = Float64Array.from([
  0.9, 0.05, 0.05, 0.4, 0.35, 0.25, 0.5, 0.5, 0, 0.34, 0.33, 0.33, 1, 0, 0, 0.6, 0.2, 0.2,
]);

test('class probabilities of one model are enough for margin and entropy, and for no others', async () => {
  const file = save('one.npy', [6, 3], probabilities);
  const chosen = async (name: string) => json('select', '--predictions', file, '-b', '2', '-a', name);
  // Margins .85 .05 0 .01 1 .4; entropies in nats .39 1.08 .69 1.10 0 .95.
  const margin = await chosen('margin');
  assert.equal(margin.answer.rows, [2, 3]);
  assert.match(
    margin.remarks.join(),
    /each of its 6 rows has a sum of one, so it was taken for class probabilities/,
  );
  assert.equal((await chosen('entropy')).answer.rows, [1, 3]);
  const { stdout } = await run('select', '--predictions', file, '-b', '2', '-a', 'margin');
  assert.not.match(stdout, /mutual information/);
  for (const name of ['greedy', 'gflownet', 'bald', 'random', 'annealed'])
    await refused(
      /one model alone does not tell what its labels would teach/,
      'select',
      '--predictions',
      file,
      '-b',
      '2',
      '-a',
      name,
    );
  // Said to be draws, they are.
  const asDraws = ['select', '--predictions', file, '-b', '2', '-a', 'greedy', '--predictions-kind', 'draws'];
  await refused(/^--noise: the option is missing/, ...asDraws);
  assert.is((await json(...asDraws, '--noise', '0.1')).answer.rows.length, 2);
  const odd = save('odd.npy', [2, 2], Float64Array.of(0.5, 0.5, 0.7, 0.7));
  const said = ['select', '--predictions', odd, '-b', '1', '-a', 'margin'];
  await refused(/^--noise: the option is missing/, ...said);
  await refused(/those of point 1 under draw 0 sum to 1\.4/, ...said, '--predictions-kind', 'probabilities');
});

test('a session of classes takes probabilities of its classes, and of no others', async () => {
  const trees = at('trees.csv');
  writeFileSync(trees, ['leaf,kind', 'a,oak', 'b,', 'c,', 'd,', 'e,', 'f,elm', ''].join('\n'));
  const session = at('classes');
  const words = [
    '-t',
    'kind',
    '--task',
    'classes',
    '--classes',
    'ash,elm,oak',
    '--own-model',
    '-a',
    'margin',
  ];
  assert.is((await run('init', session, '-d', trees, ...words)).exitCode, 0);
  const file = save('trees.npy', [6, 3], probabilities);
  const { answer } = await json('ask', session, '-b', '2', '--predictions', file);
  assert.equal(answer.rows, [4, 5]);
  await json('tell', session, '4=elm', 'd=ash');
  const two = save(
    'two.npy',
    [6, 2],
    Float64Array.from({ length: 12 }, () => 0.5),
  );
  const ask = ['ask', session, '-b', '2', '--predictions'];
  await refused(/holds probabilities of 2 classes, and the session has 3: ash, elm, oak/, ...ask, two);
  const numbers = save('numbers.npy', [2, 6], normalMatrix(2, 6, 1).data);
  await refused(
    /holds draws of numbers, and the labels of the session are 3 classes/,
    ...ask,
    numbers,
    '--noise',
    '1',
  );
});

/** 30 points of three features in a table, and the same in a file. */
const made = normalMatrix(30, 3, 21);
const cells = (n: number): readonly number[] => Array.from(made.data.subarray(3 * n, 3 * n + 3));
const labelOf = (n: number): string => (n % 5 === 0 ? String(Math.round(8 * (cells(n)[0] ?? 0)) / 8) : '');
const columns = at('columns.csv');
writeFileSync(
  columns,
  [
    'a,b,c,y',
    ...all
      .concat(all, all)
      .slice(0, 30)
      .map((_, n) => [...cells(n), labelOf(n)].join()),
  ].join('\n'),
);
const texts = at('texts.csv');
writeFileSync(
  texts,
  ['text,y', ...Array.from({ length: 30 }, (_, n) => `words ${n},${labelOf(n)}`)].join('\n'),
);
const embedded = save('embedded.npy', [30, 3], made.data);

test('embeddings that do not tell the rows apart are refused', () =>
  refused(
    /alike\.npy: all its rows are the same/,
    ...['select', texts, '-t', 'y', '--embeddings'],
    save('alike.npy', [30, 2], new Float64Array(60).fill(0.5)),
  ));

test('embeddings in place of columns: the batches of the same numbers in columns, of select, ask and run', async () => {
  for (const surrogate of ['bayesian-linear', 'gaussian-process']) {
    const words = ['-t', 'y', '-a', 'greedy', '--surrogate', surrogate];
    const byColumns = await json('select', columns, '-b', '3', ...words);
    const found = await json('select', texts, '-b', '3', '--embeddings', embedded, ...words);
    assert.equal(found.answer.rows, byColumns.answer.rows);
    assert.is(found.answer.jointMutualInformation, byColumns.answer.jointMutualInformation);
    assert.equal(
      found.answer.names,
      found.answer.rows.map((row) => `words ${row - 2}`),
    );
    const session = at(`embedded-${surrogate}`);
    await json('init', session, '-d', texts, '--embeddings', embedded, ...words);
    const asked = await json('ask', session, '-b', '3');
    assert.equal([asked.answer.rows, asked.answer.values], [byColumns.answer.rows, [{}, {}, {}]]);
    assert.match((await run('status', session)).stdout, /features +3 of embeddings\n/);
  }
  const rows = [columns, texts].map((file) => {
    const text = readFileSync(file, 'utf8').split('\n');
    const full = at(`full-${path.basename(file)}`);
    writeFileSync(
      full,
      text.map((line, n) => (n > 0 && line.endsWith(',') ? `${line}${n / 8}` : line)).join('\n'),
    );
    return full;
  });
  const records = async (name: string, ...words: readonly string[]) => {
    const out = at(name);
    const { exitCode, stderr } = await run(
      ...['run', ...words, '-t', 'y', '--strategies', 'greedy', '--seeds', '1', '--rounds', '2', '-b', '3'],
      ...['--seed-labels', '6', '-o', out, '-e', 'cpu', '--threads', '1'],
    );
    assert.is(exitCode, 0, stderr);
    return readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { batch: unknown }).batch);
  };
  const [inColumns = '', inTexts = ''] = rows;
  assert.equal(
    await records('b.jsonl', '-d', inTexts, '--embeddings', embedded),
    await records('a.jsonl', '-d', inColumns),
  );
});

test('what is no use is told by its option, file or entry', async () => {
  const short = save('short.npy', [29, 3], made.data.slice(0, 87));
  const holed = save(
    'holed.npy',
    [30, 3],
    made.data.map((x, k) => (k === 7 ? NaN : x)),
  );
  const huge = save(
    'huge.npy',
    [30, 3],
    made.data.map((x, k) => (k === 7 ? 1e151 : x)),
  );
  const flat = save('flat.npy', [90], made.data);
  const select = ['select', texts, '-t', 'y', '-a', 'greedy', '-b', '2'];
  await refused(/short\.npy: it has 29 rows, and .*texts\.csv has 30/, ...select, '--embeddings', short);
  await refused(/holed\.npy, row 3, column 2: the value is NaN/, ...select, '--embeddings', holed);
  await refused(
    /huge\.npy, row 3, column 2: the value is 1e\+151\. Give a finite number up to 1e\+140/,
    ...select,
    '--embeddings',
    huge,
  );
  await refused(/flat\.npy: its shape is \[90\]/, ...select, '--embeddings', flat);
  await refused(
    /^--features: no column is a feature: --embeddings stands/,
    ...select,
    '--embeddings',
    embedded,
    '--features',
    'text',
  );
  await refused(
    /^--embeddings: predictions are of a pool without a table/,
    'select',
    '--predictions',
    flat,
    '--embeddings',
    flat,
  );
  const init = ['init', at('none'), '-d', texts, '-t', 'y', '--own-model'];
  await refused(/^--embeddings: a surrogate is fitted to them/, ...init, '--embeddings', embedded);
  await refused(
    /^--kernel: a surrogate is fitted to a table, and --own-model takes its place/,
    ...init,
    '--kernel',
    'rbf',
  );
  await refused(/^--missing: no column is a feature: --own-model stands/, ...init, '--missing', 'drop');
  await refused(
    /^--predictions: a run tells labels and fits again, .* --embeddings/,
    ...['run', '-d', texts, '-t', 'y', '--strategies', 'greedy', '--seeds', '1', '-o', at('x.jsonl')],
    ...['--predictions', flat],
  );
  const own = at('own');
  assert.is((await run('init', own, '-d', texts, '-t', 'y', '-a', 'greedy', '--own-model')).exitCode, 0);
  const drawn = normalMatrix(4, 29, 5).data;
  const draws = save('draws.npy', [4, 29], drawn);
  const ask = ['ask', own, '-b', '2', '--predictions', draws, '--noise', '1'];
  await refused(
    /draws\.npy: it predicts 29 points, and the session has 30 rows, labelled ones among them/,
    ...ask,
  );
  writeFileSync(at('few.txt'), Array.from({ length: 29 }, (_, n) => `words ${n + 1}`).join('\n'));
  assert.is((await run(...ask, '--ids', at('few.txt'))).exitCode, 0);
  writeFileSync(at('twice.txt'), Array.from({ length: 29 }, (_, n) => `words ${n % 28}`).join('\n'));
  const select2 = ['select', '--predictions', draws, '--noise', '1', '-b', '2', '-a', 'greedy'];
  await refused(
    /twice\.txt, line 29: the name words 0 is already that of line 1/,
    ...select2,
    '--ids',
    at('twice.txt'),
  );
  const ordinary = at('embedded-bayesian-linear');
  await refused(
    /^--predictions: the session fits a surrogate of its own/,
    'ask',
    ordinary,
    '--predictions',
    draws,
    '--noise',
    '1',
  );
  const large = save(
    'large.npy',
    [4, 29],
    drawn.map((x, k) => (k === 31 ? -1e160 : x)),
  );
  await refused(/large\.npy, draws, row 2, column 3: the value is -1e\+160/, ...select2.with(2, large));
  await refused(/noise variance: it is 1e-300, too small/, ...select2.with(4, '1e-300'));
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
