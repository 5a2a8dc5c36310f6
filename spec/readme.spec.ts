/** The README's programs run and print what it says they print. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = process.cwd();
const text = readFileSync(path.join(root, 'README.md'), 'utf8');
const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-readme-'));
mkdirSync(path.join(folder, 'node_modules'));
symlinkSync(root, path.join(folder, 'node_modules', 'batchgfn'), 'dir');

/** Each program with the block that follows it. */
const examples = [...text.matchAll(/```js\n([^`]*)```[^`]*```\n([^`]*)```/g)].map(
  ([, code = '', printed = '']) => ({
    code,
    printed,
  }),
);

test('there are five examples', () => assert.is(examples.length, 5));

examples.forEach(({ code, printed }, i) =>
  test(`example ${i + 1} prints what the README says`, () => {
    const file = path.join(folder, `example-${i}.mjs`);
    writeFileSync(file, code);
    assert.is(execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' }), printed);
  }),
);

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
