// Units of a run side by side: the file holds the same bytes for every number of threads, also where the run was stopped on its
// way, and a thread that is lost is told.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Services } from '../../src/cli/contract.js';
import { runProgram } from '../../src/cli/program.js';
import { services } from '../../src/cli/services.js';
import { unitWorkers, unitWorkersOf, type UnitWorkers } from '../../src/cli/unit-workers.js';
import { silent } from './fake-services.js';

const test = suite<{ folder: string; file: string }>('run on threads', { folder: '', file: '' });

test.before(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'data.csv');
  const rows = Array.from({ length: 60 }, (_, i) => `${i},${(i * 7) % 11},${Math.sin(i / 5).toFixed(4)}\n`);
  await writeFile(context.file, ['a,b,y\n', ...rows].join(''));
});

test.after(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

type Place = Readonly<{ folder: string; file: string }>;

const words = ({ folder, file }: Place, out: string, threads: number): readonly string[] => [
  ...['run', '--data', file, '--target', 'y', '--strategies', 'kdpp,random:4,greedy', '--seeds', '3'],
  ...['--rounds', '3', '--batch-size', '3', '--seed-labels', '5', '--feature-map', 'linear'],
  ...['--out', path.join(folder, out), '--threads', String(threads), '--engine', 'cpu'],
];

const run = (
  asked: readonly string[],
  {
    stop = new AbortController(),
    stopAt = Infinity,
    ...others
  }: Partial<Services> & { stop?: AbortController; stopAt?: number } = {},
) => {
  let rounds = 0;
  return runProgram(asked, '1.2.3', {
    services: { ...services, ...others },
    ...silent,
    remark: () => undefined,
    progress: ({ note }) => {
      if (note === 'rounds' && ++rounds >= stopAt) stop.abort();
    },
    signal: stop.signal,
  });
};

const textOf = async ({ folder }: Place, out: string): Promise<string> =>
  (await readFile(path.join(folder, out), 'utf8')).replaceAll(/"seconds":\{[^}]*\}/g, '');

test('the file and the table are the same with 1, 2, 3 and 8 threads', async (place) => {
  const one = await run(words(place, '1.jsonl', 1));
  assert.equal([one.exitCode, one.stderr], [0, '']);
  assert.is((await textOf(place, '1.jsonl')).split('\n').length, 3 * 3 * 4 + 1);
  for (const threads of [2, 3, 8]) {
    const outcome = await run(words(place, `${threads}.jsonl`, threads));
    assert.equal(outcome, one, `${threads} threads`);
    assert.is(await textOf(place, `${threads}.jsonl`), await textOf(place, '1.jsonl'));
  }
});

test('threads are used where there is more than one unit, and then for all of them', async (place) => {
  const asked: number[] = [];
  const counted: UnitWorkers = (source, units, threads, control) => {
    asked.push(units.length, threads);
    return unitWorkers(source, units, threads, control);
  };
  await run(words(place, 'used.jsonl', 2), { unitWorkers: counted });
  assert.equal(asked, [9, 2]);
  // Nothing is left to be done.
  await run(words(place, 'used.jsonl', 2), { unitWorkers: counted });
  await run([...words(place, 'one.jsonl', 2), '--shard', '9/9'], { unitWorkers: counted });
  assert.equal(asked, [9, 2]);
});

test('a run that was stopped on threads loses no record that was told, and goes on to the same file', async (place) => {
  await run(words(place, 'whole.jsonl', 1));
  for (const [threads, then] of [
    [3, 1],
    [2, 8],
  ] as const) {
    const out = `stopped-${threads}.jsonl`;
    const stopped = await run(words(place, out, threads), { stopAt: 7 });
    assert.equal([stopped.exitCode, stopped.stdout], [130, '']);
    const lines = (await textOf(place, out)).trim().split('\n').length;
    assert.ok(lines >= 7 && lines < 36, `${lines} records`);
    assert.is((await run(words(place, out, then))).exitCode, 0);
    assert.is(await textOf(place, out), await textOf(place, 'whole.jsonl'));
  }
});

test('records of other units stay where they are, before those of the run', async (place) => {
  const other = words(place, 'more.jsonl', 1).map((word) =>
    word === 'kdpp,random:4,greedy' ? 'random' : word,
  );
  await run(other);
  const before = await textOf(place, 'more.jsonl');
  await run(words(place, 'more.jsonl', 3));
  const after = await textOf(place, 'more.jsonl');
  assert.is(after.slice(0, before.length), before);
  assert.is(after.slice(before.length), await textOf(place, '1.jsonl'));
});

test('a thread that is lost fails the run by name, and a unit that fails does as with one thread', async (place) => {
  // A thread that ends when it is told what to do.
  const lost = unitWorkersOf(
    () =>
      new Worker(`require('node:worker_threads').parentPort.once('message', () => process.exit(3));`, {
        eval: true,
      }),
  );
  const outcome = await run(words(place, 'lost.jsonl', 2), { unitWorkers: lost });
  assert.equal([outcome.exitCode, outcome.stdout], [1, '']);
  assert.match(outcome.stderr, /a thread of the run ended before its work was done/);
  assert.is(await textOf(place, 'lost.jsonl'), '');
});

test('a unit that fails does as with one thread, and those before it are done', async (place) => {
  const whole = await readFile(path.join(place.folder, '1.jsonl'), 'utf8');
  // One in the middle lacks a round between others.
  const own = whole.split('\n').filter((line) => line.includes('"strategy":"greedy","seed":1'));
  const failing = async (threads: number) => {
    const out = `failing-${threads}.jsonl`;
    await writeFile(path.join(place.folder, out), `${own.filter((_, i) => i !== 1).join('\n')}\n`);
    const outcome = await run(words(place, out, threads));
    return { outcome, lines: (await textOf(place, out)).trim().split('\n') };
  };
  const one = await failing(1);
  assert.is(one.outcome.exitCode, 2);
  assert.match(one.outcome.stderr, /records of greedy, seed 1: they are not rounds 0, 1, …/);
  const three = await failing(3);
  assert.equal(three.outcome, one.outcome);
  for (const line of one.lines) assert.ok(three.lines.includes(line));
});

test.run();
