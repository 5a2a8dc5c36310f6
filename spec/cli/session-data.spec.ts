/**
 * The world around a session changes: its table is edited, lengthened or gone, the folder is copied to another machine, the clock is
 * set back. Nothing is lost, and what the user would expect otherwise is said.
 */
import { cp, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rowReader } from '../../src/cli/row-words.js';
import { digestOf, openedStart, sealedStart } from '../../src/cli/session-digest.js';
import { sealedHead } from '../../src/cli/session-head.js';
import { right } from '../linear-algebra/arbitrary.js';
import { observe, type Observed } from './fake-services.js';

const test = suite<{ folder: string; file: string; session: string }>('data of sessions', {
  ...{ folder: '', file: '', session: '' },
});

const table = `${['a,b,y', ...Array.from({ length: 12 }, (_, i) => `${i},${i * i},${i < 3 ? i / 2 : ''}`)].join('\n')}\n`;

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'data.csv');
  context.session = path.join(context.folder, 'session');
  await writeFile(context.file, table);
});

test.after.each(({ folder }) => rm(folder, { recursive: true }));

const done = async (...words: readonly string[]): Promise<Observed> => {
  const observed = await observe(words);
  assert.is(observed.exitCode, 0, observed.stderr);
  return observed;
};

const begun = (file: string, session: string) =>
  done('init', session, '--data', file, '--target', 'y', '--feature-map', 'linear');

test('a word is a row by its name, or by its number in plain digits', () => {
  const rows = [5, 6, 7];
  const named = rowReader({ rows, rowNames: { column: 'id', texts: ['a', '7', '0x6'] } });
  const numbered = rowReader({ rows });
  for (const word of ['', ' ', '-5', '+5', '5.0', '5e0', '0x5', '1_0', 'five', '٥'])
    assert.equal([numbered(word), named(word)], [undefined, undefined], word);
  assert.equal(['5', ' 6 ', '007'].map(numbered), [5, 6, 7]);
  assert.equal(['a', '7', '0x6', '5', 'line:7', 'line:a'].map(named), [5, 6, 7, 5, 7, undefined]);
});

test('a file that was changed since is told of by status, ask and tell, and changes nothing', async ({
  file,
  session,
}) => {
  await begun(file, session);
  const commands = [
    ['status', session],
    ['ask', session, '--batch-size', '2'],
    ['tell', session, '9=1'],
  ] as const;
  for (const words of commands) assert.equal((await done(...words)).remarks, []);
  const edits: readonly (readonly [RegExp, () => Promise<void>])[] = [
    [
      /data\.csv has become longer since.*without what was added\. For rows that were added, make another/,
      () => writeFile(file, `${table}12,144,\n`),
    ],
    [
      /data\.csv is not what it was when.*own copy.*Where rows were corrected or moved, make another/,
      () => writeFile(file, table.replace('7,49', '7,50')),
    ],
    [/data\.csv is not what it was/, () => writeFile(file, table.replace('a,b,y\n', 'a,b,y\n-1,1,\n'))],
    [/data\.csv is not what it was/, () => writeFile(file, 'p,q\n1,2\n')],
    [/data\.csv is not what it was/, () => truncate(file, table.length - 1)],
    [
      /data\.csv, which the session was made from, cannot be read: ENOENT.*not needed.*own copy/,
      () => rm(file),
    ],
  ];
  const before = (await done('status', session)).stdout;
  for (const [words, edit] of edits) {
    await edit();
    for (const command of commands) {
      const { remarks } = await done(...command);
      assert.is(remarks.length, 1, command.join(' '));
      assert.match(remarks.join(), words);
    }
    assert.is((await done('status', session)).stdout, before);
  }
  // The values are those of the session's own copy.
  const { stdout } = await done('ask', session, '--batch-size', '2', '--json');
  assert.equal((JSON.parse(stdout) as { readonly values: unknown }).values, [
    { a: 3, b: 9 },
    { a: 4, b: 16 },
  ]);
  await writeFile(file, table);
  assert.equal((await done('status', session)).remarks, []);
});

test('a session without the digest of its file, of an older program, is read and says nothing of it', async ({
  file,
  session,
}) => {
  await begun(file, session);
  const name = path.join(session, 'session.json');
  const { start } = right(openedStart(await readFile(name, 'utf8')));
  const { data, ...older } = JSON.parse(start) as {
    readonly data: { readonly file: string; readonly bytes: number; readonly sha256: string };
  };
  assert.equal(data, { file: path.join('..', 'data.csv'), bytes: table.length, sha256: digestOf(table) });
  const { text, seal } = sealedStart(JSON.stringify(older));
  await writeFile(name, text);
  await writeFile(path.join(session, 'journal.head'), sealedHead(seal, { lines: 0, last: seal.last }));
  await rm(file);
  assert.equal((await done('tell', session, '9=1')).remarks, []);
  assert.equal((await done('ask', session, '--batch-size', '2')).remarks, []);
});

test('a folder that was copied from another machine goes on as it is: without its table, and with it beside', async ({
  folder,
  file,
  session,
}) => {
  await begun(file, session);
  await done('ask', session, '--batch-size', '2');
  const there = path.join(folder, 'elsewhere', 'a', 'session');
  await cp(session, there, { recursive: true });
  const { remarks } = await done('tell', there, '5=1', '6=2');
  assert.match(
    remarks.join(),
    /elsewhere.a.data\.csv, which the session was made from, cannot be read.*Put it there to hear/,
  );
  await cp(file, path.join(folder, 'elsewhere', 'a', 'data.csv'));
  assert.equal((await done('ask', there, '--batch-size', '2')).remarks, []);
  // What the other machine was at when it was copied.
  await writeFile(path.join(there, 'lock-another%2Emachine-17-4'), '');
  const { exitCode, stderr } = await observe(['tell', there, '8=1']);
  assert.is(exitCode, 2);
  assert.match(
    stderr,
    /another process works on the session.*if it is no more, remove the file .*lock-another%2Emachine-17-4/,
  );
  assert.is((await observe(['status', there])).exitCode, 0);
});

test('the clock may be set back or forward between two commands: the same bytes', async ({
  folder,
  file,
}) => {
  const clock = Date.now;
  const left: ReadonlyMap<string, string>[] = [];
  for (const times of [
    [0, 0, 0, 0, 0],
    [4e12, 1e12, 0, 4e12, 8e11],
  ]) {
    const session = path.join(folder, `of-${left.length}`);
    const steps = [
      () => begun(file, session),
      () => done('ask', session, '--batch-size', '2'),
      () => done('tell', session, '5=1', '6=2'),
      () => done('ask', session, '--batch-size', '2'),
      () => done('status', session, '--repair'),
    ];
    try {
      for (const [i, step] of steps.entries()) {
        const now = times[i] ?? 0;
        if (now > 0) Date.now = () => now;
        const { remarks } = await step();
        assert.equal(remarks, i === 4 ? ['Nothing is damaged; nothing was changed.'] : []);
        // Files are as old as the clock then told.
        for (const name of now > 0 ? await readdir(session) : [])
          await utimes(path.join(session, name), now / 1000, now / 1000);
        if (now > 0) await utimes(file, now / 1000, now / 1000);
      }
    } finally {
      Date.now = clock;
    }
    const names = await readdir(session);
    left.push(
      new Map(
        await Promise.all(
          names.map(async (name) => [name, await readFile(path.join(session, name), 'utf8')] as const),
        ),
      ),
    );
  }
  assert.equal(left[1], left[0]);
});

test.run();
