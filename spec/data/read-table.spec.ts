// Files: what streams, what is refused before it is read.
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { parseTable } from '../../src/data/parse-table.js';
import { LARGEST_FILE, readTable } from '../../src/data/read-table.js';
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
  assert.is(read.right.rows.length, 300_000);
  assert.ok(read.right.rows.every(({ line, cells }, i) => line === i + 2 && cells[0] === 'é😀'));
});

test('a file beyond the limit is refused by its size', async ({ folder }) => {
  const file = path.join(folder, 'large.csv');
  const handle = await open(file, 'w');
  await handle.truncate(LARGEST_FILE + 1);
  await handle.close();
  assert.match(
    await message(file),
    /^FILE: the file has 257 MiB, more than the 256 MiB that are read\. Keep /,
  );
});

test('more cells than the limit are refused while reading', async ({ folder }) => {
  const file = path.join(folder, 'cells.csv');
  const row = `${'1,'.repeat(99_999)}1\n`;
  await writeFile(file, `${'a,'.repeat(99_999)}a\n${row.repeat(51)}`);
  assert.match(await message(file), /^FILE, line \d+: the table has more than 5000000 cells/);
});

test('a missing file, a folder and text that is not UTF-8 are refused', async ({ folder }) => {
  assert.match(await message(path.join(folder, 'none.csv')), /^FILE: there is no such file\. Check the path/);
  assert.match(await message(folder), /^FILE: this is a folder\. Give the path of a CSV file/);
  const file = path.join(folder, 'latin1.csv');
  await writeFile(file, Buffer.from('température,y\n1,2\n', 'latin1'));
  assert.match(await message(file), /^FILE: the file is not UTF-8 text\. Save /);
  await writeFile(file, Buffer.from('\ufeffx,y\n1,2\n', 'utf16le'));
  assert.match(await message(file), /^FILE: the file is not UTF-8 text\. Save /);
});

test.run();
