/** Pools in parts: candidates of each, the batch among all of them, what it can lose, and the job files of the page. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { uniforms, keyFromSeed } from '../../src/random/key.js';
import { lookAtSession } from '../../src/cli/session-folder.js';
import { scanPart } from '../../src/learning/session/part.js';
import { surrogateGiven } from '../../src/learning/session/posterior.js';
import { information } from '../../src/reward/information.js';
import { right } from '../linear-algebra/arbitrary.js';
import { blocksOf, textOf } from '../support/pages.js';
import { run } from './real-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-parts-'));
const at = (...names: readonly string[]): string => path.join(folder, ...names);

const json = async <A>(...words: readonly string[]): Promise<A> => {
  const { exitCode, stdout, stderr } = await run(...words, '--json');
  assert.equal([exitCode, stderr], [0, ''], words.join(' '));
  return JSON.parse(stdout) as A;
};

const refused = async (pattern: RegExp, ...words: readonly string[]): Promise<void> => {
  const { exitCode, stdout, stderr } = await run(...words);
  assert.equal([exitCode, stdout], [2, ''], `${words.join(' ')}: ${stderr}`);
  assert.match(stderr, pattern);
};

const PARTS = 20;
const ROWS = 40;
const D = 3;

/** The pool of 20 parts of 40 rows; a session of 30 others, 8 of which are labelled. */
const numbers = uniforms(keyFromSeed(7), (PARTS * ROWS + 30) * D);
const pointOf = (n: number): readonly number[] =>
  Array.from(numbers.subarray(n * D, (n + 1) * D), (u) => Math.round(6000 * u - 3000) / 1000);
const partNames = Array.from({ length: PARTS }, (_, i) => `part-${String(i).padStart(2, '0')}.csv`);
partNames.forEach((name, i) => {
  const rows = Array.from({ length: ROWS }, (_, r) => [...pointOf(i * ROWS + r), `noted ${r}`].join());
  writeFileSync(at(name), ['a,b,c,note', ...rows, ''].join('\n'));
});
const own = Array.from({ length: 30 }, (_, r) => {
  const point = pointOf(PARTS * ROWS + r);
  return [...point, 'old', r < 8 ? Math.sin(point[0] ?? 0).toFixed(3) : ''].join();
});
writeFileSync(at('table.csv'), ['a,b,c,note,y', ...own, ''].join('\n'));
const session = at('session');

interface Kept {
  readonly candidates: number;
  readonly mostLeft: number;
  readonly parts: readonly { readonly part: string; readonly rows: number; readonly pool: number }[];
}

interface Asked {
  readonly rows: readonly number[];
  readonly names: readonly string[];
  readonly values: readonly Readonly<Record<string, number>>[];
  readonly jointMutualInformation: number;
  readonly candidates: { readonly count: number; readonly points: number; readonly lossBound: number };
}

const BATCH = 6;

const scan = (name: string, ...more: readonly string[]): Promise<Kept> =>
  json(
    'candidates',
    at(name),
    '--session',
    session,
    '-b',
    String(BATCH),
    '-o',
    at(name.replace('.csv', '.npz')),
    ...more,
  );

const files = partNames.map((name) => at(name.replace('.csv', '.npz')));

/** Greedy on the session's own pool and all parts together, by the session's posterior; and what a batch of names is worth there. */
const wholePool = async () => {
  const state = right(await lookAtSession(session)());
  const free = state.start.rows.flatMap((row, i) => (state.labels.has(row) ? [] : [i]));
  const points = [
    ...free.map((i) => state.start.features[i] ?? []),
    ...Array.from({ length: PARTS * ROWS }, (_, n) => pointOf(n)),
  ];
  const fitted = right(await surrogateGiven(state, state)());
  const data = Float64Array.from(points.flat());
  const posterior = right(await fitted.posterior({ rows: points.length, columns: D, data })());
  return { state, posterior, points, own: free.length };
};

test('greedy among the candidates of 20 parts is worth at least 0.995 of greedy of the whole pool', async () => {
  const words = ['-t', 'y', '-a', 'greedy', '--surrogate', 'gaussian-process', '--drop', 'note'];
  assert.is((await run('init', session, '-d', at('table.csv'), ...words)).exitCode, 0);
  const kept: Kept[] = [];
  for (const name of partNames) kept.push(await scan(name, '--keep', '8'));
  assert.ok(kept.every(({ candidates, parts }) => candidates === 8 && parts[0]?.pool === ROWS));
  const asked = await json<Asked>('ask', session, '-b', String(BATCH), '--candidates', ...files);
  const { posterior } = await wholePool();
  const whole = greedyBatch(posterior, BATCH);
  assert.ok(asked.jointMutualInformation >= 0.995 * whole.jointMutualInformation);
  assert.equal([asked.candidates.count, asked.candidates.points], [160, 800]);
  assert.ok(asked.names.some((name) => /^part-\d\d\.csv:\d+$/.test(name)));
  // What rows say of themselves is what the parts hold.
  asked.names.forEach((name, i) => {
    const [, part, line] = /^part-(\d\d)\.csv:(\d+)$/.exec(name) ?? [];
    if (part !== undefined)
      assert.equal(Object.values(asked.values[i] ?? {}), pointOf(Number(part) * ROWS + Number(line) - 2));
  });
});

test('the bound on what is lost holds at every pick, and is 0 where all rows are kept', async () => {
  const { state, posterior, points } = await wholePool();
  const pool = { rows: points.length, columns: D, data: Float64Array.from(points.flat()) };
  const { value } = information.utilityFor(posterior);
  for (const count of [BATCH, 20, 80]) {
    const { indices, mostLeft } = right(
      await scanPart(pool, { count, batchSize: BATCH, blockRows: 100 })(state)(),
    );
    assert.is(indices.length, count);
    const left = Array.from({ length: points.length }, (_, n) => n).filter((n) => !indices.includes(n));
    assert.ok(Math.abs(mostLeft - Math.max(...left.map((n) => value([n])))) < 1e-9);
    const chosen: number[] = [];
    for (let k = 0; k < BATCH; k++) {
      const before = value(chosen);
      const gainOf = (n: number): number => (chosen.includes(n) ? -1 : value([...chosen, n]) - before);
      const [best, most] = indices.reduce(([m, g], n) => (gainOf(n) > g ? [n, gainOf(n)] : [m, g]), [-1, -1]);
      const missed = Math.max(...left.map(gainOf)) - most;
      assert.ok(missed <= Math.max(0, mostLeft - most) + 1e-9);
      chosen.push(best);
    }
  }
  const all = right(await scanPart(pool, { count: 2000, batchSize: BATCH, blockRows: 100 })(state)());
  assert.equal([all.indices.length, all.mostLeft], [points.length, 0]);
});

test('rows of parts are told by their names, join the session, and are not among the next candidates', async () => {
  const asked = await json<Asked>('ask', session, '-b', String(BATCH));
  assert.is(asked.names.length, BATCH);
  const told = await run('tell', session, ...asked.names.map((name, i) => `${name}=${i / 4}`));
  assert.is(told.exitCode, 0, told.stderr);
  await refused(
    /part-00\.npz: its candidates were chosen by what another session knew/,
    'ask',
    session,
    '--candidates',
    ...files,
  );
  const kept: Kept[] = [];
  for (const name of partNames) kept.push(await scan(name, '--keep', '8'));
  const joined = asked.names.filter((name) => name.startsWith('part-')).length;
  assert.is(
    kept.reduce((sum, { parts }) => sum + (parts[0]?.pool ?? NaN), 0),
    PARTS * ROWS - joined,
  );
  const next = await json<Asked>('ask', session, '-b', String(BATCH), '--candidates', ...files);
  assert.ok(next.names.every((name) => !asked.names.includes(name)));
  assert.is(new Set([...asked.rows, ...next.rows]).size, 2 * BATCH);
  assert.match((await run('status', session)).stdout, /labelled +14\n/);
  // The session's own table is written as it was, and behind it the rows of parts with all their cells.
  const out = at('labelled.csv');
  const { stdout } = await run('export', session, '-o', out);
  const names = [...asked.names, ...next.names].filter((name) => name.startsWith('part-'));
  assert.ok(joined > 0 && names.length > joined);
  assert.match(stdout, new RegExp(` {2}rows of parts +${names.length} at its end`));
  const [header = '', ...lines] = readFileSync(out, 'utf8').trimEnd().split('\n');
  assert.is(header, 'a,b,c,note,y,name');
  assert.is(lines.length, 30 + names.length);
  assert.ok(lines.slice(0, 30).every((line) => line.endsWith(',')));
  const placeOf = (name: string): readonly number[] => {
    const [, part, line] = /^part-(\d\d)\.csv:(\d+)$/.exec(name) ?? [];
    return pointOf(Number(part) * ROWS + Number(line) - 2);
  };
  const noteOf = (name: string): string => `noted ${Number(name.split(':')[1]) - 2}`;
  const label = (name: string): string => {
    const place = asked.names.indexOf(name);
    return place < 0 ? '' : String(place / 4);
  };
  assert.equal(
    new Set(lines.slice(30)),
    new Set(names.map((name) => [...placeOf(name), noteOf(name), label(name), name].join())),
  );
});

test('all rows kept, the batch and its worth are those of the whole pool', async () => {
  const other = at('other');
  cpSync(at('table.csv'), at('second.csv'));
  const words = ['-t', 'y', '-a', 'greedy', '--feature-map', 'linear', '--drop', 'note'];
  await run('init', other, '-d', at('second.csv'), ...words);
  const out = at('whole.npz');
  const parts = partNames.slice(0, 3).map((name) => at(name));
  const kept = await json<Kept>('candidates', ...parts, '--session', other, '-o', out);
  assert.equal([kept.candidates, kept.mostLeft, kept.parts.length], [3 * ROWS, 0, 3]);
  const limited = ['ask', other, '-b', '3', '--candidates', out];
  await refused(/^--at-most: candidates of parts have neither costs/, ...limited, '--at-most', '2');
  await refused(/^--budget: candidates of parts have neither costs/, ...limited, '--budget', '2');
  const asked = await run('ask', other, '-b', '3', '--candidates', out);
  assert.match(
    asked.stdout,
    /chosen among 120 candidates of 120 rows in 1 file; greedy of the whole pool promises no more\n/,
  );
});

test('rows of parts that are pending are in no file of the table, and a name twice in a part is told while it is scanned', async () => {
  await refused(
    /^--out: rows of candidates are in other tables/,
    ...['ask', at('other'), '-o', at('todo.csv')],
  );
  writeFileSync(at('named.csv'), 'name,a,b,c,y\np,1,2,3,1\nq,2,3,1,2\nr,3,1,2,\ns,1,1,2,\n');
  writeFileSync(at('twice.csv'), 'name,a,b,c\nt,1,2,3\nu,2,3,1\nt,3,1,2\n');
  const named = at('named');
  await run('init', named, '-d', at('named.csv'), '-t', 'y', '-a', 'greedy', '--id', 'name');
  await refused(
    /twice\.csv, line 4, column name: the row on line 2 is named "t" too/,
    ...['candidates', at('twice.csv'), '--session', named, '-b', '2', '-o', at('twice.npz')],
  );
});

test('what does not go together is told', async () => {
  const scanOf = (part: string, ...more: readonly string[]) =>
    ['candidates', at(part), '--session', session, '-o', at('x.npz'), ...more] as const;
  writeFileSync(at('lacks.csv'), 'a,b\n1,2\n');
  writeFileSync(at('text.csv'), 'a,b,c\n1,2,3\n1,x,\n');
  await refused(
    /lacks\.csv: it has no column "c", which is a feature of the session/,
    ...scanOf('lacks.csv'),
  );
  await refused(/text\.csv, line 3, column b: "x" is not a number/, ...scanOf('text.csv'));
  await refused(
    /^--keep: a batch of 10 needs more than 9 candidates/,
    ...scanOf('part-00.csv', '--keep', '9'),
  );
  const { pending } = right(await lookAtSession(session)());
  await json('tell', session, '--skip', pending.join());
  for (const name of partNames.slice(0, 2)) await scan(name);
  const [first = '', second = ''] = files;
  cpSync(first, at('copy.npz'));
  await refused(
    /copy\.npz: the row part-00\.csv:\d+ is among its candidates, and among those of .*part-00\.npz/,
    'ask',
    session,
    '--candidates',
    first,
    at('copy.npz'),
  );
  await refused(
    /^--out: rows of candidates are in other tables/,
    'ask',
    session,
    '-o',
    at('o.csv'),
    '--candidates',
    first,
  );
  await refused(/part-01\.npz: this word is one too many/, 'ask', session, second);
  await refused(/table\.csv: it is no file of candidates/, 'ask', session, '--candidates', at('table.csv'));
  // A file of options says how many candidates as it did before there was the command.
  writeFileSync(at('options.json'), '{ "candidates": 400 }');
  await json('ask', session, '-b', '2', '--config', at('options.json'));
});

/** A job file with what the scheduler puts in, as lines of batchgfn. */
const commandsOf = (
  block: string,
  variables: Readonly<Record<string, string>>,
): readonly (readonly string[])[] =>
  Object.entries(variables)
    .reduce(
      (text, [name, value]) => text.replaceAll(`$${name}`, value).replaceAll(`\${${name}}`, value),
      block,
    )
    .replaceAll('\\\n', ' ')
    .split(/\n|&& /)
    .flatMap((line) => {
      const words =
        /batchgfn (candidates|ask) .*/.exec(line)?.[0].replace(/["']/g, '').trim().split(/\s+/) ?? [];
      return words.length > 0 ? [words.slice(1)] : [];
    });

test('the job files of the page scan parts and ask among them', async () => {
  const blocks = blocksOf(textOf('src/docs/parts.md'));
  const [slurm, kubernetes, parallel] = ['sbatch', 'kind: Job', 'parallel'].map(
    (mark) => blocks.find(({ text }) => text.includes(mark))?.text ?? '',
  );
  mkdirSync(at('jobs', 'parts'), { recursive: true });
  for (const i of [0, 1]) cpSync(at(partNames[i] ?? ''), at('jobs', 'parts', `part-0${i}.csv`));
  cpSync(at('second.csv'), at('jobs', 'houses.csv'));
  const before = process.cwd();
  process.chdir(at('jobs'));
  try {
    assert.is((await run('init', 'houses', '-d', 'houses.csv', '-t', 'y', '-a', 'greedy')).exitCode, 0);
    for (const [block, variables] of [
      [slurm, (i: string) => ({ SLURM_ARRAY_TASK_ID: i, part: `0${i}` })],
      [kubernetes, (i: string) => ({ JOB_COMPLETION_INDEX: i, part: `0${i}` })],
      [parallel, (i: string) => ({ i, part: `0${i}` })],
    ] as const) {
      assert.ok(block !== undefined && block !== '');
      for (const i of ['0', '1'])
        for (const words of commandsOf(block.replaceAll('{}', `0${i}`), variables(i))) {
          if (words[0] !== 'candidates') continue;
          const { exitCode, stderr } = await run(...words);
          assert.is(exitCode, 0, `${words.join(' ')}: ${stderr}`);
        }
    }
    const ask = blocks.flatMap(({ text }) => commandsOf(text, {})).find(([name]) => name === 'ask') ?? [];
    const written = ask.flatMap((word) =>
      word.includes('*') ? ['0', '1'].map((i) => word.replace('*', `0${i}`)) : [word],
    );
    const { exitCode, stderr } = await run(...written);
    assert.is(exitCode, 0, `${written.join(' ')}: ${stderr}`);
  } finally {
    process.chdir(before);
  }
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
