// Twice the text is twice the steps, for everything that reads text: nothing in it goes back over what it has seen.
import { stepsOfEach } from '../support/counted-steps.js';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import type { Node } from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tableReader } from '../../src/data/table-reader.js';
import { runs } from '../support/property.js';
import { asLines, imaginedRecords } from '../support/run-records.js';
import { textReaders } from '../support/text-readers.js';

const PIECES = 500;

/** Steps that do not hang on the length of the text. */
const ALWAYS = 1_000;

const mustBeLinear = (
  what: string,
  read: (text: string) => unknown,
  of: (pieces: number) => string,
): void => {
  // The first time, tables of the module may be built.
  read(of(2));
  const [once, twice] = stepsOfEach([PIECES, 2 * PIECES].map((pieces) => () => read(of(pieces))));
  // Quadratic work would take four times the steps; sorting takes n log n.
  assert.ok((twice ?? 0) <= 2.5 * (once ?? 0) + ALWAYS, `${what}: ${once ?? 0} steps, then ${twice ?? 0}`);
};

const piece = fc.oneof(
  fc.constantFrom(
    ...[
      '1',
      '0',
      ' ',
      '.',
      ',',
      ';',
      '|',
      '\t',
      '"',
      '""',
      'e',
      '-',
      '#',
      '\n',
      '\r\n',
      'a',
      'é',
      '−',
      '%',
      '=',
    ],
    ...['1,', '1\n', 'NA\n', '1,2\n', '"1\n",', '# a\n', '0,5;', '1.0\n01\n', '{"a":', '[', 'oak,1\n'],
  ),
  fc.string({ maxLength: 3 }),
);
const start = fc.constantFrom(
  '',
  'a,y\n',
  'x,y\n1,2\n',
  'row,y\n',
  'y,a\n',
  '"',
  'a,"',
  'sep=;\n',
  '1',
  '{"seed":"',
);
const end = fc.constantFrom('', 'x', 'b,y\n1,2\n2,\n', '\n1,2\n', '"', '"\n', '}');

for (const [what, read] of Object.entries(textReaders))
  test(`${what}: steps by the length of the text`, () => {
    fc.assert(
      fc.property(start, piece, end, (head, body, tail) =>
        mustBeLinear(what, read, (pieces) => head + body.repeat(pieces) + tail),
      ),
      {
        ...runs(15),
        examples: [
          ['', '1', 'x'],
          ['a', ' ', 'b,y\n1,2\n,3\n'],
          ['', 'a', ''],
        ],
      },
    );
  });

/** Numbered pieces, so that none is like another. */
const numbered = (pieces: number, write: (i: number) => string): string =>
  Array.from({ length: pieces }, (_, i) => write(i)).join('');

const different: readonly (readonly [string, (pieces: number) => string])[] = [
  ['labels', (pieces) => `x,y\n${numbered(pieces, (i) => `${i},c${i}\n`)}1,\n`],
  ['numbers', (pieces) => `x,y\n${numbered(pieces, (i) => `${i},${i / 7}\n`)}1,\n`],
  ['bad numbers', (pieces) => `x,y\n${numbered(pieces, (i) => `${i}x,${i}y\n`)}1,\n`],
  [
    'columns',
    (pieces) => `${numbered(pieces, (i) => `c${i},`)}y\n${'1,'.repeat(pieces)}2\n${'3,'.repeat(pieces)}\n`,
  ],
  [
    'text columns',
    (pieces) => `${numbered(pieces, (i) => `c${i},`)}y\n${'a,'.repeat(pieces)}2\n${'b,'.repeat(pieces)}\n`,
  ],
  ['ragged rows', (pieces) => `x,y\n${numbered(pieces, (i) => `${i}${',1'.repeat(2 + (i % 50))}\n`)}`],
  ['rows to label', (pieces) => `row,y\n${numbered(pieces, (i) => `${i},${i}z\n`)}`],
];

for (const [what, of] of different)
  test(`${what} that differ: steps by their number`, () => {
    for (const [reader, read] of Object.entries(textReaders)) mustBeLinear(`${reader} of ${what}`, read, of);
  });

const record = imaginedRecords({ strategies: ['greedy'], seeds: 1, rounds: 0, shift: () => 0 });
const fields = ['seed', 'round', 'strategy', 'experiment'] as const;

for (const field of fields)
  test(`records that differ by their ${field}: steps by their number`, () => {
    mustBeLinear(field, textReaders['records'] ?? assert.unreachable, (pieces) =>
      numbered(pieces, (i) =>
        asLines(record.map((one) => ({ ...one, [field]: typeof one[field] === 'number' ? i : `s${i}` }))),
      ),
    );
  });

test('a row that arrives in small pieces: steps by its length', () => {
  // Longer than what is gathered at first, so that the row is looked at before it is whole.
  const row = (pieces: number): string => `a,y\n1,2\n${'x'.repeat(200 * pieces)}`;
  mustBeLinear(
    'a long row',
    (text) => {
      const reader = tableReader('t.csv');
      for (let at = 0; at < text.length; at += 100) reader.feed(text.slice(at, at + 100));
      return reader.finish();
    },
    row,
  );
});

/** The regular expressions of files: they are not counted, and may go back over what they have seen. */
const patternsOf = async (files: readonly string[]): Promise<readonly string[]> => {
  // Loaded last: every function that is there makes each count of steps dearer, and a compiler has many.
  const { default: ts } = await import('typescript');
  const found: string[] = [];
  const visit = (node: Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  for (const file of files)
    visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022));
  return found;
};

test('no regular expression reads a table', async () => {
  const files = readdirSync('src/data').map((name) => path.join('src/data', name));
  assert.ok(files.length > 10);
  assert.equal(await patternsOf(files), []);
});

test.run();
