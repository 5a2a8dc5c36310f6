// Bad input, each kind on the built program: exit code 2, nothing on stdout, nothing written, and a message that
// says where it is, what is wrong and what to change.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const PROGRAM = fileURLToPath(new URL('../../../dist/node/main.js', import.meta.url));

const test = suite<{ folder: string }>('bad input', { folder: '' });

test.before.each((context) => {
  context.folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-spec-'));
});

test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true });
});

/** Runs the program in the folder; the message without its last line break, and all that a refusal promises. */
const refusal = (folder: string, ...words: readonly string[]): string => {
  const before = readdirSync(folder);
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.is(status, 2, `exit code ${String(status)}: ${stderr}`);
  assert.is(stdout, '');
  assert.equal(readdirSync(folder), before);
  return stderr.replace(/\n$/, '');
};

const refuses = (what: string, data: string | Buffer, words: readonly string[], message: RegExp): void => {
  test(what, ({ folder }) => {
    writeFileSync(path.join(folder, 'data.csv'), data);
    assert.match(refusal(folder, 'select', 'data.csv', ...words), message);
  });
};

const GOOD = 'a,b,y\n1,2,3\n4,5,\n7,8,\n';
const y = ['--target', 'y', '--batch-size', '2'];

test('a missing file', ({ folder }) => {
  assert.is(
    refusal(folder, 'select', 'none.csv', ...y),
    'none.csv: there is no such file. Check the path and the spelling of the file name.',
  );
});

test('a folder', ({ folder }) => {
  assert.match(
    refusal(folder, 'select', '.', ...y),
    /^\.: this is a folder\. Give the path of a CSV file\.$/,
  );
});

refuses('an empty file', '', y, /^data\.csv: the file is empty\. Give a file with a header line/);
refuses(
  'a header alone',
  'a,b,y\n',
  y,
  /^data\.csv, line 1: there is a header but no row below it\. Add one row/,
);
refuses(
  'a ragged row',
  'a,b,y\n1,2,3\n4,5\n7,8,\n',
  y,
  /^data\.csv, line 3: 2 cells where the header on line 1 has 3\. Give the row 3 cells/,
);
refuses(
  'a quote that does not close',
  'a,b,y\n1,2,3\n4,"5,\n7,8,\n',
  y,
  /^data\.csv, line 3: a cell in quotes does not close.*\. Close the quote/,
);
refuses(
  'an unknown target',
  GOOD,
  ['--target', 'Y', '--batch-size', '2'],
  /^data\.csv, line 1: no column is named "Y"; the columns are a, b, y\. Name the target .* "y" perhaps; leave --target out where no row has a label yet\.$/,
);
refuses(
  'an unknown feature',
  GOOD,
  [...y, '--features', 'a,bb'],
  /^data\.csv, line 1: no column is named "bb".*Name the feature .* "b" perhaps\.$/,
);
refuses(
  'letters in a number column',
  'a,b,y\n1,2,3\n4,5x,\n7,8,\n',
  y,
  /^data\.csv, line 3, column b: "5x" is not a number\. Put a number there/,
);
refuses(
  'letters in the target',
  'a,b,y\n1,2,3\n4,5,high\n7,8,\n',
  y,
  /^data\.csv, line 3, column y: "high" is not a number\. Put a finite number there, or empty the cell/,
);
refuses(
  'a column of text that is named',
  'a,shape,y\n1,round,3\n4,flat,\n7,flat,\n',
  [...y, '--features', 'a,shape'],
  /^data\.csv, line 2, column shape: the column holds text .*\. Write it as numbers, take it as kinds with --categorical, or leave it out with --features a\.$/,
);
for (const word of ['NaN', 'NA', '?', '-'])
  refuses(
    `${word} in a feature`,
    `a,b,y\n1,2,3\n${word === '?' ? '"?"' : word},5,\n7,8,\n`,
    y,
    /^data\.csv, line 3, column a: the cell says "[^"]+": nothing is known\. Fill it in, .*--missing drop or median/,
  );
for (const word of ['Inf', '-Infinity', '1e999'])
  refuses(
    word,
    `a,b,y\n1,2,3\n${word},5,\n7,8,\n`,
    y,
    new RegExp(
      `^data\\.csv, line 3, column a: "${word}" is not a finite number\\. Put a finite number there`,
    ),
  );
refuses(
  'an empty feature cell',
  'a,b,y\n1,2,3\n4,,\n7,8,\n',
  y,
  /^data\.csv, line 3, column b: the cell is empty\. Fill it in, remove the row/,
);
refuses(
  'no unlabelled row',
  'a,b,y\n1,2,3\n4,5,6\n7,8,9\n',
  y,
  /^data\.csv, column y: no row is unlabelled: .*\. Leave the target cell empty/,
);
refuses(
  'two header names alike',
  'a,b,a,y\n1,2,3,4\n4,5,6,\n',
  y,
  /^data\.csv, line 1, column 3: the name "a" is already that of column 1\. Give each column a name of its own\.$/,
);
refuses(
  'several label columns in one option, one of which is not there',
  GOOD,
  ['--target', 'b,z'],
  /^data\.csv, line 1: no column is named "z"; the columns are a, b, y\. Name the target as the header does;/,
);
refuses(
  'several label columns in two options',
  GOOD,
  [...y, '--target', 'b'],
  /^--target: the option is given 2 times\. Give it once, with commas between several columns/,
);
refuses(
  'several label columns in the data',
  'a,u,y\n1,2,3\n4,,\n7,,\n',
  y,
  /^data\.csv, column u: .* a second column of labels.*\. Fill it in, name it as a target too .*, or leave it out with --features a\.$/,
);
for (const size of ['0', '1.5', '-3', 'ten'])
  refuses(
    `batch size ${size}`,
    GOOD,
    ['--target', 'y', '--batch-size', size],
    new RegExp(`^--batch-size: "${size}" is not a whole number from 1 up\\. Give a whole number from 1 up`),
  );
refuses(
  'a batch larger than the pool',
  GOOD,
  ['--target', 'y', '--batch-size', '3'],
  /^--batch-size: a batch of 3 is larger than the pool of 2 unlabelled points\. Give at most 2/,
);
for (const temperature of ['0', '-1', 'NaN', 'warm'])
  refuses(
    `temperature ${temperature}`,
    GOOD,
    [...y, '--temperature', temperature],
    new RegExp(
      `^--temperature: "${temperature}" is not a number from 1e-30 up\\. Give a number from 1e-30 up`,
    ),
  );
refuses(
  'an unknown option',
  GOOD,
  [...y, '--batchsize', '2'],
  /^--batchsize: there is no such option\. Perhaps --batch-size/,
);
refuses('an unknown letter', GOOD, [...y, '-z'], /^-z: there is no such option\. Remove it, or see batchgfn/);
refuses(
  'an option without a value',
  GOOD,
  [...y, '--seed'],
  /^--seed: the option is given without a value\. Put a value/,
);
refuses(
  'no target',
  GOOD,
  [],
  /^--target: it is left out.*\. Name the column of labels if there is one, --target COLUMN\.\n.*column y: the cell is empty/,
);
refuses('a word too many', GOOD, ['more.csv', ...y], /^"more\.csv": this word is one too many\. Remove it/);
refuses(
  'an option of another feature map',
  GOOD,
  [...y, '--degree', '3'],
  /^--degree: the option has no meaning unless the feature map is polynomial\. Remove it/,
);
refuses(
  'several faults, each with its place',
  'a,b,y\n1,x,3\n4,5,\ninf,8,\n',
  [...y],
  /^data\.csv, line 4, column a: .*\ndata\.csv, line 2, column b: .*$/,
);

test('a strategy of class labels alone in a run on numbers: before anything is run', ({ folder }) => {
  writeFileSync(path.join(folder, 'data.csv'), GOOD);
  assert.match(
    refusal(
      folder,
      'run',
      '-d',
      'data.csv',
      '-t',
      'y',
      '--strategies',
      'random,margin',
      '--seeds',
      '1',
      '-o',
      'r',
    ),
    /^--strategies: margin is of class labels alone\. Leave it out, or add --task classes\.$/,
  );
});

test('a session in place of a file', ({ folder }) => {
  writeFileSync(path.join(folder, 'data.csv'), GOOD);
  assert.match(
    refusal(folder, 'init', 'data.csv', '-d', 'data.csv', '-t', 'y'),
    /^data\.csv: the file cannot be written: EEXIST, there is a file of that name\. Give the name of a folder/,
  );
});

test('no file', ({ folder }) => {
  assert.match(refusal(folder, 'select', ...y), /^FILE: the argument is missing\. Give it/);
});

test('an unknown command', ({ folder }) => {
  assert.match(
    refusal(folder, 'selct'),
    /^"selct": there is no such command; .*\. Perhaps select is meant\.$/,
  );
});

// What is not bad input: the program gets past it to a fault that was put there, and tells that one's place rightly.

refuses(
  'a byte order mark is read over',
  '\ufeffy,a,b\n3,1,2\n,4,5x\n,7,8\n',
  y,
  /^data\.csv, line 3, column b: "5x" is not a number/,
);
refuses(
  'CRLF is read',
  'a,b,y\r\n1,2,3\r\n4,5x,\r\n7,8,\r\n',
  y,
  /^data\.csv, line 3, column b: "5x" is not a number/,
);
refuses(
  'semicolons are detected',
  'a;b;y\n1;2;3\n4;5x;\n7;8;\n',
  y,
  /^data\.csv, line 3, column b: "5x" is not a number/,
);
refuses(
  'tabs are detected',
  'a\tb\ty\n1\t2\t3\n4\t5x\t\n7\t8\t\n',
  y,
  /^data\.csv, line 3, column b: "5x" is not a number/,
);
refuses(
  'lines inside quoted cells are counted',
  'a,"b\nb",y\n1,2,3\n"4","5\nx",\n7,8,\n',
  y,
  /^data\.csv, line 4, column b b: "5\\nx" is not a number/,
);
refuses(
  'what is no text in any encoding',
  Buffer.from('é,y\n1,2\n3,\u0001\n', 'latin1'),
  y,
  /^data\.csv: the file is not UTF-8 text\. Save/,
);

refuses(
  'another delimiter is told of, with those that are recognised',
  'a|b|y\n1|2|3\n4|5|\n',
  y,
  /^data\.csv, line 1: no column is named "y"; there is one column, "a\|b\|y"\. Comma, semicolon and tab between cells are recognised; name another character with --delimiter, pipe perhaps\.$/,
);
refuses(
  'a delimiter that is named is the one',
  'a|b|y\n1|2|3\n4|5x|\n7|8|\n',
  [...y, '--delimiter', 'pipe'],
  /^data\.csv, line 3, column b: "5x" is not a number/,
);
for (const word of ['e', '""', '5', '--'])
  refuses(
    `no delimiter: ${word}`,
    GOOD,
    [...y, `--delimiter=${word}`],
    /^--delimiter: .* is not a delimiter\. Give one of comma, semicolon, tab, pipe, space, or one character/,
  );

test('a file of 200 MB is read whole', ({ folder }) => {
  const handle = openSync(path.join(folder, 'large.csv'), 'w');
  writeSync(handle, 'a,b,y\n');
  const block = Buffer.from('0.125,-17.25,\n'.repeat(2 ** 16));
  for (let written = 0; written < 200e6; written += block.length) writeSync(handle, block);
  closeSync(handle);
  assert.match(refusal(folder, 'select', 'large.csv', ...y), /^large\.csv, line 1: no feature is left/);
});

test('a file of 8 GB that is no text', ({ folder }) => {
  const handle = openSync(path.join(folder, 'large.csv'), 'w');
  ftruncateSync(handle, 2 ** 33);
  closeSync(handle);
  assert.match(
    refusal(folder, 'select', 'large.csv', ...y),
    /^large\.csv, line 1: the file holds a zero byte, so it is not a text file\. Save the table/,
  );
});

test.run();
