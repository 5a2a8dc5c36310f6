/** Sessions of several targets on the command line: they choose as `select --target a,b` does, and lose no label. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './real-services.js';

const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-session-targets-'));
const at = (name: string): string => path.join(folder, name);

const truth = {
  a: (line: number): string => (line / 3).toFixed(2),
  b: (line: number): string => Math.sin(3 * line).toFixed(3),
};

/** Eight rows have both labels, four the first alone, two the second alone, and ten none. */
const rows = Array.from({ length: 24 }, (_, i) =>
  [
    ...[`w${i}`, Math.sin(i).toFixed(3), Math.cos(2 * i).toFixed(3)],
    i < 12 ? truth.a(i + 2) : '',
    i < 8 || i === 12 || i === 13 ? truth.b(i + 2) : '',
  ].join(),
);
writeFileSync(at('wells.csv'), ['well,x,z,a,b', ...rows, ''].join('\n'));

const words = ['-a', 'greedy', '--feature-map', 'linear', '--id', 'well'];

const done = async (...asked: readonly string[]): Promise<{ stdout: string; said: string }> => {
  const { exitCode, stdout, stderr, remarks } = await run(...asked);
  assert.is(exitCode, 0, `${asked.join(' ')}: ${stderr}`);
  return { stdout, said: remarks.join('\n') };
};
const refused = async (...asked: readonly string[]): Promise<string> => {
  const { exitCode, stderr } = await run(...asked);
  assert.is(exitCode, 2, asked.join(' '));
  return stderr;
};
const reported = async <A>(...asked: readonly string[]): Promise<A> =>
  JSON.parse((await done(...asked, '--json')).stdout) as A;

interface Batch {
  readonly rows: readonly number[];
  readonly names: readonly string[];
  readonly target: string;
  readonly jointMutualInformation: number;
  readonly gain: readonly number[];
  readonly proposal: { readonly gain: readonly number[] };
  readonly lacking: readonly (readonly string[])[];
  readonly outputs: readonly { readonly target: string }[];
}
interface Status {
  readonly target: string;
  readonly labelled: number;
  readonly pool: number;
  readonly targets: readonly {
    readonly target: string;
    readonly labelled: number;
    readonly expected?: object;
  }[];
  readonly pending: readonly number[];
  readonly lacking: readonly (readonly string[])[];
}

let made = 0;
const begun = async (...more: readonly string[]): Promise<string> => {
  const session = at(`session-${++made}`);
  await done('init', session, '-d', at('wells.csv'), '-t', 'a,b', ...words, ...more);
  return session;
};

/** The file that ask wrote, with the labels of some lines filled in. */
const filled = (file: string, fill: (line: number, target: 'a' | 'b') => boolean): string => {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = header.split(',');
  return [
    header,
    ...lines.map((line) => {
      const cells = line.split(',');
      const row = Number(cells[0]);
      return cells
        .map((cell, j) => {
          const name = names[j];
          return (name === 'a' || name === 'b') && cell === '' && fill(row, name) ? truth[name](row) : cell;
        })
        .join();
    }),
    '',
  ].join('\n');
};

test('each batch is that of select on the table with the labels so far, and export writes them all', async () => {
  const session = await begun();
  for (let round = 1; round <= 3; round++) {
    const table = at(`table-${round}.csv`);
    await done('export', session, '-o', table);
    const own = await reported<Batch>('ask', session, '-b', '3');
    const {
      rows: chosen,
      jointMutualInformation,
      outputs,
      gain,
    } = await reported<Batch>(...['select', table, '-t', 'a,b', ...words, '-b', '3']);
    assert.equal(
      [own.rows, own.jointMutualInformation, own.outputs, own.proposal.gain],
      [chosen, jointMutualInformation, outputs, gain],
    );
    const file = at(`todo-${round}.csv`);
    await done('ask', session, '-b', '3', '-o', file);
    writeFileSync(
      file,
      filled(file, () => true),
    );
    await done('tell', session, '--labels', file);
    const { pending, targets, labelled } = await reported<Status>('status', session);
    assert.equal(pending, []);
    const { stdout } = await done('export', session, '-o', at(`after-${round}.csv`));
    assert.match(stdout, /^ {2}labelled in all +\d+$/m);
    const cells = readFileSync(at(`after-${round}.csv`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(3));
    assert.equal(
      targets.map((one) => one.labelled),
      [0, 1].map((j) => cells.filter((own_) => own_[j] !== '').length),
    );
    assert.is(labelled, cells.filter((own_) => !own_.includes('')).length);
    cells.forEach(([a = '', b = ''], i) => {
      assert.ok(a === '' || Number(a) === Number(truth.a(i + 2)), `${i}: ${a}`);
      assert.ok(b === '' || Number(b) === Number(truth.b(i + 2)), `${i}: ${b}`);
    });
  }
});

test('what each row lacks is told, in a file, on a terminal and as JSON, and cells that are empty stay so', async () => {
  const session = await begun();
  const file = at('all.csv');
  const { stdout } = await done('ask', session, '-b', '16', '-o', file);
  assert.match(stdout, /^ +line +well +x +z +a expected +b expected +lacks$/m);
  assert.match(stdout, /^ +10 +w8 .* b$/m);
  assert.match(stdout, /^ +14 +w12 .* a$/m);
  assert.match(stdout, /^ +20 +w18 .* a, b$/m);
  assert.match(stdout, /^Expected of a: error .*\nExpected of b: error /m);
  assert.match(stdout, /^When labels are in the columns a, b of it: batchgfn tell .* --labels /m);
  const text = readFileSync(file, 'utf8').split('\n');
  assert.equal(
    text.filter((line) => /^(?:10|14|20),/.test(line)),
    [`10,${rows[8] ?? ''}`, `14,${rows[12] ?? ''}`, `20,${rows[18] ?? ''}`],
  );
  // Of lines 10 to 13 all, of 16 and 17 the first alone, of 18 the second.
  writeFileSync(
    at('some.csv'),
    filled(file, (line, target) => line <= 13 || (target === 'a' ? line === 16 || line === 17 : line === 18)),
  );
  const { said } = await done('tell', session, '--labels', at('some.csv'));
  assert.match(said, /some\.csv has no label a yet of lines 14 \(w12\), 15 \(w13\), 18 \(w16\), 19/);
  assert.match(said, /some\.csv has no label b yet of lines 16 \(w14\), 17 \(w15\), 19/);
  const status = await reported<Status>('status', session);
  assert.equal(status.pending, [14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  assert.equal(status.lacking.slice(0, 6), [['a'], ['a'], ['b'], ['b'], ['a'], ['a', 'b']]);
  assert.equal(
    status.targets.map(({ target, labelled, expected }) => [target, labelled, expected !== undefined]),
    [
      ['a', 14, true],
      ['b', 15, true],
    ],
  );
  const shown = await done('status', session);
  assert.match(shown.stdout, /^ {2}pending +14 \(w12, lacks a\), .*17 \(w15, lacks b\), .*19 \(w17\), /m);
  assert.match(shown.stdout, /^ {2}labelled a +14\n {2}labelled b +15\n {2}labelled in all +12$/m);
  const again = await reported<Batch>('ask', session);
  assert.equal([again.rows, again.lacking, again.target], [status.pending, status.lacking, 'a, b']);
  assert.match((await done('ask', session)).stdout, /^Expected of a: error .*\nExpected of b: error /m);
  writeFileSync(at('known.csv'), 'line,a,b\n14,,\n');
  const known = (await done('tell', session, '--labels', at('known.csv'))).said;
  assert.match(known, /known\.csv has no label a yet of line 14 \(w12\), which stays pending\./);
  assert.match(known, /known\.csv has no label b of line 14 \(w12\), which has one and keeps it/);
  assert.not.match(known, /label b yet/);
  // What was told since is in a file that is written later.
  await done('ask', session, '-o', at('later.csv'));
  assert.match(readFileSync(at('later.csv'), 'utf8'), /^16,w14,[^,]*,[^,]*,5\.33,$/m);
});

test('labels are typed with their target, corrections and slips are told by it, and a label without one is refused', async () => {
  const session = await begun();
  const wrong =
    /^--target: the session has several targets, and it is not said which the labels are of\. Name one of its targets: a, b\.$/m;
  assert.match(await refused('tell', session, '20=3.1', '21=4'), wrong);
  assert.match(
    await refused('tell', session, '20=3.1', '--target', 'c'),
    /^--target: the session has no target c\./m,
  );
  await done('tell', session, 'w18=3.1', '--target', 'a');
  assert.match(
    await refused('tell', session, 'w18=0.25', '20=0.25', '--target', 'b'),
    /^row 20: the row is given twice/m,
  );
  await done('tell', session, 'w18=0.25', '--target', 'b');
  const corrected = await done('tell', session, '20=3.5', '21=1e6', '--target', 'a');
  assert.match(corrected.said, /^line 20 \(w18\), a: the label was 3\.1 and is 3\.5 now\.$/m);
  assert.match(corrected.said, /^line 21 \(w19\), a: 1000000 is far from the labels so far/m);
  // A file of one target alone, and one of which one column is wanted.
  writeFileSync(at('b.csv'), 'line,b\n21,0.5\n');
  writeFileSync(at('both.csv'), 'line,a,b\n22,7,0.75\n');
  await done('tell', session, '--labels', at('b.csv'));
  await done('tell', session, '--labels', at('both.csv'), '--target', 'b');
  const { targets } = await reported<Status>('status', session);
  assert.equal(
    targets.map(({ labelled }) => labelled),
    [14, 13],
  );
  writeFileSync(at('none.csv'), 'line,c\n21,0.5\n');
  assert.match(await refused('tell', session, '--labels', at('none.csv')), /no column is named "a"/);
  // A row that is not there is one fault, whatever the target; and nothing of the file is kept.
  writeFileSync(at('faults.csv'), 'line,x,a,b\n23,7,1,2\n99,0,1,2\n');
  const faults = (await refused('tell', session, '--labels', at('faults.csv'))).trimEnd().split('\n');
  assert.is(faults.filter((line) => line.includes('column x')).length, 1, faults.join('\n'));
  assert.equal((await reported<Status>('status', session)).targets, targets);
});

test('a target is named to tell as it is, or in quotes as in a list', async () => {
  writeFileSync(
    at('comma.csv'),
    ['x,"yield, net",b', '1,2,3', '2,3,5', '3,5,6', '4,,', '5,,', ''].join('\n'),
  );
  const session = at('comma');
  await done('init', session, '-d', at('comma.csv'), '-t', '"yield, net",b', ...words.slice(0, 4));
  await done('tell', session, '5=6', '--target', '"yield, net"');
  await done('tell', session, '6=7', '--target', 'yield, net');
  const { targets } = await reported<Status>('status', session);
  assert.equal(
    targets.map(({ target, labelled }) => [target, labelled]),
    [
      ['yield, net', 5],
      ['b', 3],
    ],
  );
});

test('a tell that is stopped anywhere in what it appends is done by the same tell again', async () => {
  const session = await begun();
  const file = at('stopped.csv');
  await done('ask', session, '-b', '3', '-o', file);
  writeFileSync(
    file,
    filled(file, () => true),
  );
  const before = at('before');
  cpSync(session, before, { recursive: true });
  await done('tell', session, '--labels', file);
  const contents = (of: string) =>
    Object.fromEntries(readdirSync(of).map((name) => [name, readFileSync(path.join(of, name), 'utf8')]));
  const wanted = contents(session);
  const [journal = '', start = ''] = [wanted['journal.jsonl'], contents(before)['journal.jsonl']];
  assert.is(journal.slice(start.length).split('\n').length, 3);
  const places = [
    0,
    1,
    40,
    journal.slice(start.length).indexOf('\n'),
    journal.slice(start.length).indexOf('\n') + 1,
  ];
  for (const place of [...places, journal.length - start.length - 1, journal.length - start.length]) {
    rmSync(session, { recursive: true });
    cpSync(before, session, { recursive: true });
    writeFileSync(path.join(session, 'journal.jsonl'), journal.slice(0, start.length + place));
    await done('tell', session, '--labels', file);
    assert.equal(contents(session), wanted, `stopped after ${place} characters`);
  }
});

test('limits are kept, and what is of one target is refused in words', async () => {
  writeFileSync(
    at('costs.csv'),
    [
      'well,x,z,a,b,euros,only',
      ...rows.map((row, i) => `${row},${1 + (i % 3)},${i === 10 ? 0 : 1}`),
      '',
    ].join('\n'),
  );
  const session = at('limited');
  const limited = ['-t', 'a,b', ...words, '--cost', 'euros', '--drop', 'only'];
  await done('init', session, '-d', at('costs.csv'), ...limited);
  const own = await reported<Batch>('ask', session, '--budget', '5');
  const chosen = await reported<Batch>('select', at('costs.csv'), ...limited, '--budget', '5');
  assert.equal([own.rows, own.jointMutualInformation], [chosen.rows, chosen.jointMutualInformation]);
  const start = ['init', at('new'), '-d', at('wells.csv'), '-t', 'a,b'];
  for (const [pattern, asked] of [
    [/^--task: several targets are of numbers/m, [...start, '--task', 'classes']],
    [/^--reward: batches for several targets are by their information/m, [...start, '--reward', 'epig']],
    [
      /^--own-model: what a model elsewhere predicts is of one target/m,
      [...start, '--own-model', '-a', 'greedy'],
    ],
    [
      /^.*costs\.csv, line 12: a flag keeps the row out, and it has the label of one target/m,
      ['init', at('new'), '-d', at('costs.csv'), '-t', 'a,b', ...words, '--only', 'only'],
    ],
    [/^training ahead: the session has several targets, and a policy for them/m, ['ahead', session]],
    [
      /^parts: the session has several targets/m,
      ['candidates', at('wells.csv'), '--session', session, '-o', at('part.npz')],
    ],
  ] as const)
    assert.match(await refused(...asked), pattern);
});

test('a sampler trains anew for each batch', async () => {
  const session = at('sampled');
  await done(
    'init',
    session,
    '-d',
    at('wells.csv'),
    '-t',
    'a,b',
    '--iterations',
    '2',
    '--trajectories',
    '2',
    '--id',
    'well',
  );
  const first = await reported<Batch & { readonly proposal: { readonly resumed: boolean } }>(
    ...['ask', session, '-b', '2', '--engine', 'cpu'],
  );
  assert.is(first.rows.length, 2);
  assert.not(readdirSync(session).some((name) => name.startsWith('policy')));
  await done('tell', session, '--skip', first.rows.join());
  const next = await reported<typeof first>('ask', session, '-b', '2', '--engine', 'cpu');
  assert.is(next.proposal.resumed, false);
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
