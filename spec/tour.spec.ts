/** The tour prints what it says it prints, and the files that it names are there. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = process.cwd();
const text = readFileSync(path.join(root, 'spec', 'tour.ts'), 'utf8');

test('what it prints stands in its lines that begin with //>', () => {
  const said = [...text.matchAll(/^\/\/> (.*)$/gm)].map(([, line = '']) => line);
  assert.ok(said.length > 40);
  const printed = execFileSync(
    process.execPath,
    [path.join(path.dirname(fileURLToPath(import.meta.url)), 'tour.js')],
    { encoding: 'utf8' },
  );
  assert.equal(printed.trimEnd().split('\n'), said);
});

test('the files of its reading order are there', () => {
  const [header = ''] = text.split('*/');
  const named = [...header.matchAll(/(?:src|kernels)\/[\w/.-]+/g)].map(([file]) => file);
  assert.ok(named.length > 15);
  assert.equal(
    named.filter((file) => !existsSync(path.join(root, file))),
    [],
  );
});

test.run();
