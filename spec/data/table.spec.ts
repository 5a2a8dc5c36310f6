// Any table that a program writes is read back, whole or in pieces, each row with its line; what is no table is
// refused with its place.
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { parseTable } from '../../src/data/parse-table.js';
import { LONGEST_ROW, tableReader } from '../../src/data/table-reader.js';
import type { Table } from '../../src/data/table.js';
import { write, writtenTable } from './written-table.js';

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
        read.rows.map(({ cells }) => cells),
        written.rows,
      );
      assert.equal(
        read.rows.map(({ line }) => line),
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
  assert.equal(read.rows, [
    { line: 2, cells: ['1', '2'] },
    { line: 4, cells: ['3', '4'] },
    { line: 5, cells: ['5', '6'] },
  ]);
});

test('white space around a name in the header is not part of it, around a cell it is kept', () => {
  const { headers, rows } = table(' a ,"b \n c "\n 1 ,2\n');
  assert.equal(
    [headers, rows[0]?.cells],
    [
      ['a', 'b c'],
      [' 1 ', '2'],
    ],
  );
});

test('rows of delimiters alone are left out and told of', () => {
  const read = table('a,b\n1,2\n,\n3,4\n , \n');
  assert.is(read.rows.length, 2);
  assert.equal(read.hollowLines, [3, 5]);
});

test('a decimal comma does not make the comma the delimiter', () => {
  assert.equal(table('x;y\n1,5;2,5\n3,5;4,5\n').rows[0]?.cells, ['1,5', '2,5']);
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

test('a fault in every row is told twenty times, then counted', () => {
  const lines = message(`a,b\n${'1\n'.repeat(1_000)}`).split('\n');
  assert.is(lines.length, 21);
  assert.match(lines[19] ?? '', /line 21/);
  assert.match(lines[20] ?? '', /and 980 more faults/);
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
