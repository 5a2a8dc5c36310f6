// Files: what streams, what is told of the reading, what stops it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { parseTable } from '../../src/data/parse-table.js';
import { readTable } from '../../src/data/read-table.js';
import { write, writtenTable } from './written-table.js';

const test = suite<{ folder: string }>('readTable', { folder: '' });

test.before(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
});

test.after(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

const message = async (file: string): Promise<string> => {
  const read = await readTable(file)();
  return E.isLeft(read) ? showFailure(read.left).replace(file, 'FILE') : 'accepted';
};

/** A table of several pieces. Returns its size in bytes. */
const writeRows = async (file: string): Promise<number> => {
  const text = `a,b,y\n${Array.from({ length: 200_000 }, (_, i) => `${i},${i / 7},\n`).join('')}`;
  await writeFile(file, text);
  return text.length;
};

test('a file reads as its text does', async ({ folder }) => {
  const file = path.join(folder, 'table.csv');
  await fc.assert(
    fc.asyncProperty(writtenTable, async (written) => {
      const { text } = write(written);
      await writeFile(file, text);
      assert.equal(await readTable(file)(), parseTable(file, text));
    }),
    { seed: 7, numRuns: 50 },
  );
});

test('characters of several bytes survive the borders of pieces', async ({ folder }) => {
  const file = path.join(folder, 'wide.csv');
  const text = `name,x\n${'é😀,1\n'.repeat(300_000)}`;
  await writeFile(file, text);
  const read = await readTable(file)();
  assert.ok(E.isRight(read));
  assert.is(read.right.lines.length, 300_000);
  assert.ok(read.right.lines.every((line, i) => line === i + 2));
  assert.equal(read.right.columns[0], {
    ...{ _tag: 'Coded', texts: ['é😀'] },
    codes: new Uint16Array(300_000),
  });
});

test('progress is told from the beginning, after each piece', async ({ folder }) => {
  const file = path.join(folder, 'long.csv');
  const size = await writeRows(file);
  const told: (readonly [number, number])[] = [];
  assert.ok(E.isRight(await readTable(file, { onRead: (done, total) => told.push([done, total]) })()));
  assert.equal(told[0], [0, size]);
  assert.equal(told.at(-1), [size, size]);
  assert.ok(told.length > size / 2 ** 19);
  assert.ok(told.every(([done, total], i) => total === size && done >= (told[i - 1]?.[0] ?? 0)));
});

test('reading stops at the next piece once the signal is aborted', async ({ folder }) => {
  const file = path.join(folder, 'long.csv');
  await writeRows(file);
  const stop = new AbortController();
  let pieces = 0;
  const read = await readTable(file, {
    signal: stop.signal,
    onRead: (done) => {
      if (done > 0) pieces++;
      if (pieces === 2) stop.abort();
    },
  })();
  assert.equal(read, E.left({ _tag: 'Interrupted', during: `reading ${file}` }));
  assert.is(pieces, 2);
});

test('more than the memory that there is for it is refused while reading', async ({ folder }) => {
  const file = path.join(folder, 'long.csv');
  await writeRows(file);
  const read = await readTable(file, { maxBytes: 2 ** 21 })();
  assert.match(
    E.isLeft(read) ? showFailure(read.left) : 'accepted',
    /line \d+: the table up to here takes all of the memory that there is for it, 2 MiB\. Keep the columns/,
  );
});

test('a missing file, a folder and what is no text are refused', async ({ folder }) => {
  assert.match(await message(path.join(folder, 'none.csv')), /^FILE: there is no such file\. Check the path/);
  assert.match(await message(folder), /^FILE: this is a folder\. Give the path of a CSV file/);
  const file = path.join(folder, 'bytes.csv');
  // A control character, a character of UTF-8 that is cut off behind a whole one, and half a character of UTF-16.
  for (const bytes of [
    [...Buffer.from('x,y\n1,'), 0xe9, 1],
    [...Buffer.from(`\u00e9,y\n1,2\n${'1,2\n'.repeat(70_000)}`), 0xc3, 0x28],
    [...Buffer.from('\ufeffx,y\n1,2\n', 'utf16le'), 0x31],
  ]) {
    await writeFile(file, Uint8Array.from(bytes));
    assert.match(await message(file), /^FILE: the file is (not UTF-8 text|no text, neither .*)\. Save /);
  }
});

test.run();
