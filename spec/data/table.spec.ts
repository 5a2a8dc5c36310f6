// Any table that a program writes is read back, whole or in pieces, each row with its line; what is no table is
// refused with its place.
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import Papa from 'papaparse';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { parseTable } from '../../src/data/parse-table.js';
import { MOST_TEXTS } from '../../src/data/column-store.js';
import { cellText, rowScanner } from '../../src/data/row-scanner.js';
import { LONGEST_ROW, tableReader } from '../../src/data/table-reader.js';
import { emptyCells, numbersOf, type Table } from '../../src/data/table.js';
import { rowsOf, write, writtenTable } from './written-table.js';

const SEED = 20230615;

const table = (text: string): Table => {
  const read = parseTable('t.csv', text);
  if (E.isLeft(read)) throw new Error(showFailure(read.left));
  return read.right;
};

const message = (text: string): string => {
  const read = parseTable('t.csv', text);
  return E.isLeft(read) ? showFailure(read.left) : 'accepted';
};

test('a written table reads back: any delimiter, line ending, quoting, byte order mark, trailing lines', () => {
  fc.assert(
    fc.property(writtenTable, (written) => {
      const { text, lines } = write(written);
      const read = table(text);
      assert.equal(read.headers, written.headers);
      assert.equal(
        rowsOf(read).map(({ cells }) => cells),
        written.rows,
      );
      assert.equal(
        rowsOf(read).map(({ line }) => line),
        lines,
      );
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('the pieces in which a text arrives make no difference', () => {
  // The first cell is longer than what is gathered to judge the delimiter, so that each piece is parsed on its own.
  const long = 'x'.repeat(70_000);
  fc.assert(
    fc.property(
      writtenTable,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (written, sizes) => {
        const first = written.headers.map((_, i) => (i === 0 ? long : '1'));
        const { text } = write({ ...written, mark: false, rows: [first, ...written.rows] });
        const reader = tableReader('t.csv');
        let at = 69_000;
        let fed = reader.feed(text.slice(0, at));
        for (let i = 0; at < text.length && E.isRight(fed); i++) {
          const size = at < long.length ? 1_500 : (sizes[i % sizes.length] ?? 1);
          fed = reader.feed(text.slice(at, at + size));
          at += size;
        }
        assert.equal(E.isRight(fed) ? reader.finish() : fed, parseTable('t.csv', text));
      },
    ),
    { seed: SEED, numRuns: 100 },
  );
});

test('line endings may be mixed, and blank lines count as lines but not as rows', () => {
  const read = table('a,b\r\n1,2\n\r\n3,4\r5,6\n\n');
  assert.equal(rowsOf(read), [
    { line: 2, cells: ['1', '2'] },
    { line: 4, cells: ['3', '4'] },
    { line: 5, cells: ['5', '6'] },
  ]);
});

test('white space around a name in the header is not part of it, around a cell it is kept', () => {
  const read = table(' a ,"b \n c "\n 1 ,2\n');
  assert.equal(
    [read.headers, rowsOf(read)[0]?.cells],
    [
      ['a', 'b c'],
      [' 1 ', '2'],
    ],
  );
});

test('rows of delimiters alone are left out and told of', () => {
  const read = table('a,b\n1,2\n,\n3,4\n , \n');
  assert.is(read.lines.length, 2);
  assert.equal(read.hollowLines, { first: [3, 5], count: 2 });
});

test('a decimal comma does not make the comma the delimiter', () => {
  assert.equal(rowsOf(table('x;y\n1,5;2,5\n3,5;4,5\n'))[0]?.cells, ['1.5', '2.5']);
});

test('ragged rows are told with their lines, those below a cell of several lines included', () => {
  assert.is(
    message('a,b\n"1\n1",2\n3\n4,5\n6,7,8\n'),
    [
      't.csv, line 4: 1 cell where the header on line 1 has 2. Give the row 2 cells, and put quotes around a cell that holds the delimiter.',
      't.csv, line 6: 3 cells where the header on line 1 has 2. Give the row 2 cells, and put quotes around a cell that holds the delimiter.',
    ].join('\n'),
  );
});

test('a fault in every row is told once, with the first lines of the others and their number', () => {
  assert.match(
    message(`a,b\n${'1\n'.repeat(1_000)}`),
    /^t\.csv, line 2: 1 cell where the header on line 1 has 2 \(and 999 more like it, lines 3, 4, 5, 6, 7, …\)\. Give [^\n]*$/,
  );
});

test('faults of a thousand kinds are told twenty times, then counted', () => {
  const lines = message(
    `a\n${Array.from({ length: 1_000 }, (_, i) => `1${',2'.repeat(i + 1)}\n`).join('')}`,
  ).split('\n');
  assert.is(lines.length, 21);
  assert.match(lines[19] ?? '', /line 21/);
  assert.match(lines[20] ?? '', /and 980 more faults/);
});

test('rows that end with more delimiters than the header are read, and told of', () => {
  const read = table('a,b\n1,2,\n3,4\n5,6, ,\n');
  assert.equal(
    rowsOf(read).map(({ cells }) => cells),
    [
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ],
  );
  assert.equal(read.trailingLines, { first: [2, 4], count: 2 });
});

test("a spreadsheet's sep= names the delimiter, comments before the header are passed over", () => {
  const read = table('sep=|\r\na|b\r\n1|2\r\n');
  assert.equal(
    [read.headers, read.headerLine, rowsOf(read)],
    [['a', 'b'], 2, [{ line: 3, cells: ['1', '2'] }]],
  );
  assert.equal(table('SEP=;\na;b\n1,5;2\n').headers, ['a', 'b']);
  const commented = table('# made by hand\n# a; b\na,b\n1,2\n');
  assert.equal([commented.headers, commented.headerLine], [['a', 'b'], 3]);
  assert.equal(commented.commentLines, { first: [1, 2], count: 2 });
  // A header may begin with # itself.
  assert.equal(table('# by hand\n#a,b\n1,2\n').headers, ['#a', 'b']);
  assert.equal(table('#a,b\n1,2\n').commentLines.count, 0);
});

test('a delimiter that is named is the one', () => {
  const read = parseTable('t.csv', 'a|b,c\n1|2,3\n', { delimiter: '|' });
  assert.ok(E.isRight(read));
  assert.equal(read.right.headers, ['a', 'b,c']);
  const spaced = parseTable('t.csv', 'a b\n1 "2 3"\n', { delimiter: ' ' });
  assert.ok(E.isRight(spaced));
  assert.equal(rowsOf(spaced.right)[0]?.cells, ['1', '2 3']);
});

test('any text is taken apart as Papa Parse takes it', () => {
  const piece = fc.constantFrom('a', '1', ' ', '"', '""', ',', ',"', '",', '\n', '"\n', 'é');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
      // At the end of the text alone, spaces behind a last quote are a fault of theirs.
      const text = `h,k\n${pieces.join('')}\n`;
      const { data, errors } = Papa.parse<string[]>(text, { delimiter: ',', newline: '\n' });
      const scanner = rowScanner(',');
      const rows: string[][] = [];
      let at = 0;
      while (at >= 0 && at < text.length) {
        at = scanner.scan(text, at, true);
        if (at >= 0) rows.push(Array.from({ length: scanner.count() }, (_, c) => cellText(text, scanner, c)));
      }
      // A last line without content is no row of ours.
      const theirs = text.endsWith('\n') && data.at(-1)?.join('') === '' ? data.slice(0, -1) : data;
      assert.is(
        at < 0,
        errors.some(({ type }) => type === 'Quotes'),
        text,
      );
      if (at >= 0) assert.equal(rows, theirs, text);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

test('a column of many texts is held by its numbers, and those that they do not tell by their texts', () => {
  const odd = ['007', '+5', '9007199254740993', 'x', '1e5', ' 4 ', '-0', '1.50', '', 'inf', '1e999'];
  const cells = [...Array.from({ length: MOST_TEXTS + 1 }, (_, i) => String(i / 8)), ...odd];
  const read = table(`k,a\n${cells.map((cell) => `1,${cell}\n`).join('')}`);
  const column = read.columns[1];
  assert.ok(column?._tag === 'Numbers');
  const told = ['007', '+5', '9007199254740993', 'x', '100000', '4', '-0', '1.5', '', 'inf', '1e999'];
  assert.equal(
    rowsOf(read).map(({ cells: [, cell] }) => cell),
    [...cells.slice(0, MOST_TEXTS + 1), ...told],
  );
  assert.equal(Array.from(numbersOf(column).slice(-odd.length)), [
    7,
    5,
    2 ** 53,
    NaN,
    1e5,
    4,
    -0,
    1.5,
    NaN,
    NaN,
    NaN,
  ]);
  assert.equal(
    Array.from(emptyCells(column).slice(-odd.length)),
    odd.map((cell) => (cell === '' ? 1 : 0)),
  );
});

test('a table beyond the memory that it may take is refused while it is read', () => {
  const reader = tableReader('t.csv', { maxBytes: 2 ** 20 });
  const rows = Array.from({ length: 40_000 }, (_, i) => `${i},${i % 7}\n`).join('');
  assert.ok(E.isRight(reader.feed(`a,b\n${rows}`)));
  const fed = reader.feed(rows);
  assert.match(
    E.isLeft(fed) ? showFailure(fed.left) : 'accepted',
    /line 80002: the table up to here takes all of the memory that there is for it, 1 MiB\. Keep /,
  );
  const texts = tableReader('t.csv', { maxTextBytes: 2 ** 20 });
  const words = texts.feed(Array.from({ length: 40_000 }, (_, i) => `${i},word ${i}\n`).join(''));
  assert.match(
    E.isLeft(words) ? showFailure(words.left) : 'accepted',
    /the table up to here takes all of the memory that there is for it, 1 MiB\. Keep /,
  );
});

test('an empty text, blank lines alone and a header alone are refused', () => {
  assert.match(message(''), /the file is empty/);
  assert.match(message('\ufeff\r\n\r\n'), /the file is empty/);
  assert.match(message('a,b\n'), /line 1: there is a header but no row below it/);
});

test('a quote that does not close is refused at the line of its row', () => {
  assert.match(message('a,b\n1,2\n"3,4\n5,6\n'), /line 3: a cell in quotes does not close/);
  assert.match(message('a,b\n1,2\n"3"3,4\n5,6\n'), /line 3: a cell in quotes does not close/);
  assert.match(message(`a,b\n1,2\n"3,${'4'.repeat(LONGEST_ROW)}`), /line 3: /);
});

test('a quote that never closes is refused while reading, not at the end', () => {
  const reader = tableReader('t.csv');
  assert.ok(E.isRight(reader.feed(`a,b\n1,2\n"3,${'4\n'.repeat(40_000)}`)));
  const fed = reader.feed('4\n'.repeat(LONGEST_ROW / 2));
  assert.match(
    E.isLeft(fed) ? showFailure(fed.left) : 'accepted',
    /line 3: the row that starts here is longer/,
  );
});

test('a binary file is refused', () => {
  assert.match(message('a,b\n1,\0\n'), /not a text file/);
});

test.run();
