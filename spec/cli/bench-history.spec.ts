/** `bench gibbs`, and a history of benches, through the command line: what they print and keep, never how long it took. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { historyLineCodec } from '../../src/bench/history.js';
import { runProgram, type Outcome } from '../../src/cli/program.js';
import { services } from '../../src/cli/services.js';
import { silent } from './fake-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-history-'));
const file = path.join(folder, 'bench.jsonl');

const bench = (...words: readonly string[]): Promise<Outcome> =>
  runProgram(['bench', ...words], '1.2.3', {
    ...silent,
    services,
    remark: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  });

const tiny = ['gibbs', '--pool-size', '12', '--batch-size', '2', '--draws', '4', '--min-milliseconds', '0'];

const reported = t.type({
  bench: t.literal('gibbs'),
  gibbs: t.tuple([
    t.type({
      ...{ poolSize: t.literal(12), batchSize: t.literal(2), draws: t.literal(4), temperature: t.number },
      perBatch: t.type({ first: t.UnknownRecord, many: t.UnknownRecord, greedy: t.UnknownRecord }),
      ...{ update: t.UnknownRecord, annealing: t.UnknownRecord },
      certificate: t.type({ totalVariation: t.number, updates: t.number, pairs: t.literal(64) }),
      logPartition: t.type({ estimate: t.number, standardError: t.number }),
    }),
  ]),
  history: t.type({
    file: t.literal(file),
    comparedWith: t.union([t.null, t.string]),
    changes: t.array(t.type({ name: t.string, ratio: t.number, noise: t.number, change: t.string })),
  }),
});

const measured = async (...words: readonly string[]): Promise<t.TypeOf<typeof reported>> => {
  const { stdout, stderr, exitCode } = await bench(...tiny, ...words, '--history', file, '--json');
  assert.equal([exitCode, stderr], [0, '']);
  const result = reported.decode(JSON.parse(stdout));
  if (E.isLeft(result)) throw new Error(stdout);
  return result.right;
};

const lines = (): readonly string[] => readFileSync(file, 'utf8').trimEnd().split('\n');

test('gibbs draws are certified, and a bench is compared with the last one of the same settings', async () => {
  const first = await measured('--repeats', '2');
  assert.ok(first.gibbs[0].certificate.totalVariation < 0.1 && first.gibbs[0].logPartition.standardError < 1);
  assert.is(first.history.comparedWith, null);
  const other = await measured('--repeats', '3');
  assert.is(other.history.comparedWith, null);
  const second = await measured('--repeats', '2');
  const kept = lines().map((line) => historyLineCodec.decode(JSON.parse(line)));
  assert.ok(kept.length === 3 && kept.every(E.isRight));
  const [oldest] = kept;
  assert.is(second.history.comparedWith, oldest !== undefined && E.isRight(oldest) ? oldest.right.date : '');
  assert.equal(
    second.history.changes.map(({ name }) => name),
    [
      'gibbs, N = 12, update',
      'gibbs, N = 12, annealing',
      'gibbs, N = 12, perBatch, first',
      'gibbs, N = 12, perBatch, many',
      'gibbs, N = 12, perBatch, greedy',
    ],
  );
  const text = await bench(...tiny, '--repeats', '2', '--history', file);
  assert.match(text.stdout, /Beside \d{4}-.*perBatch, first {2,}\d/su);
  assert.match(text.stdout, /certificate {2,}follow the target within/u);
});

test('half a line is cut off, a line that is none is named, and a folder is refused before the work', async () => {
  writeFileSync(file, `${lines().join('\n')}\n{"version":1,"da`);
  await measured('--repeats', '2');
  const count = lines().length;
  writeFileSync(file, `${lines().join('\n')}\n{"version":2}\n`);
  const refused = await bench(...tiny, '--history', file);
  assert.is(refused.exitCode, 2);
  assert.match(refused.stderr, new RegExp(`line ${count + 1}`, 'u'));
  const atFolder = await bench(...tiny, '--history', folder);
  assert.is(atFolder.exitCode, 2);
  assert.match(atFolder.stderr, /--history: .* is a folder/u);
  const unused = await bench('soak', '--history', file);
  assert.match(unused.stderr, /--history: the option has no meaning for bench soak/u);
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
