// One table in every form reads as one and the same: text in every encoding, JSON Lines, NumPy, Parquet, packed by gzip or not.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { textReader } from '../../src/data/encoding.js';
import { jsonLinesReader } from '../../src/data/json-lines.js';
import { labelledRows } from '../../src/data/labelled-pool.js';
import { numberRowsReader } from '../../src/data/number-rows.js';
import { tableOfBytes } from '../../src/data/parse-table.js';
import { readTable, type ReadControl } from '../../src/data/read-table.js';
import type { Table } from '../../src/data/table.js';
import { npyOf, zipOf } from '../support/numpy-files.js';
import { rowsOf } from './written-table.js';

const SEED = 20230615;

const test = suite<{ folder: string }>('forms of tables', { folder: '' });

test.before(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
});

test.after(({ folder }) => rm(folder, { recursive: true }));

const read = async (folder: string, name: string, bytes: Uint8Array, control: ReadControl = {}) => {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return readTable(file, control)();
};

const table = async (...of: Parameters<typeof read>): Promise<Table> => {
  const found = await read(...of);
  if (E.isLeft(found)) throw new Error(showFailure(found.left));
  return found.right;
};

const message = async (...of: Parameters<typeof read>): Promise<string> =>
  pipe(
    await read(...of),
    E.match(showFailure, () => 'accepted'),
  );

const cellsOf = (of: Table): readonly (readonly string[])[] => [
  of.headers,
  ...rowsOf(of).map(({ cells }) => cells),
];

const text = 'naïve,y\n1,2\n3.5,\n-4e3,1\n';
const rows = [
  ['naïve', 'y'],
  ['1', '2'],
  ['3.5', ''],
  ['-4e3', '1'],
];

const encoded: readonly (readonly [string, Uint8Array, RegExp | undefined])[] = [
  ['UTF-8', Buffer.from(text), undefined],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), undefined],
  ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le'), /read as UTF-16/],
  ['UTF-16 without one', Buffer.from(text, 'utf16le'), /read as UTF-16/],
  ['UTF-16, the high byte first', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), /read as UTF-16/],
  ['Latin-1', Buffer.from(text, 'latin1'), /not UTF-8, and was read as Latin-1/],
];

for (const [what, bytes, note] of encoded)
  test(`${what}, as it is and packed`, async ({ folder }) => {
    for (const [name, content] of [
      ['t.csv', bytes],
      ['t.csv.gz', gzipSync(bytes)],
      ['unnamed', gzipSync(bytes)],
    ] as const) {
      const found = await table(folder, name, content);
      assert.equal(cellsOf(found), rows);
      if (note === undefined) assert.is(found.notes, undefined);
      else assert.match(found.notes?.join() ?? '', note);
    }
  });

test('the last character of Latin-1 is read where no line break is behind it', async ({ folder }) => {
  const found = await table(folder, 't.csv', Buffer.from('name,y\nZo,\u00e9', 'latin1'));
  assert.equal(cellsOf(found).at(-1), ['Zo', '\u00e9']);
});

test('bytes in memory are the table that a file of them is; what is no text is refused', async ({
  folder,
}) => {
  const forms: readonly (readonly [string, Uint8Array])[] = [
    ...encoded.map(([, bytes]) => ['t.csv', bytes] as const),
    ['t.tsv', Buffer.from('a,b\ty\n1,2\t3\n4,5\t\n')],
    ['t.csv', Buffer.from([0x61, 0x0a, 0xff, 0x00])],
  ];
  for (const [name, bytes] of forms)
    assert.equal(tableOfBytes(path.join(folder, name), bytes), await read(folder, name, bytes), name);
  for (const [name, bytes] of [
    ['t.csv', gzipSync(text)],
    ['t.xlsx', Buffer.from('PK')],
    ['t.jsonl', Buffer.from('{"a":1,"y":2}\n{"a":3}\n')],
    ['t.npy', npyOf({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) })],
  ] as const) {
    const refused = tableOfBytes(name, bytes);
    assert.match(
      E.isLeft(refused) ? showFailure(refused.left) : '',
      /this is no plain CSV or TSV file\. Save/,
    );
  }
});

test('an encoding does not hang on the pieces in which it comes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...encoded),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      ([, bytes], sizes) => {
        const reader = textReader();
        let said = '';
        for (let at = 0, i = 0; at < bytes.length; i++) {
          // The first bytes tell the encoding.
          const size = at === 0 ? 4 : (sizes[i % sizes.length] ?? 1);
          const piece = reader.decode(bytes.subarray(at, at + size));
          assert.ok(E.isRight(piece));
          said += piece.right;
          at += size;
        }
        const last = reader.finish();
        assert.ok(E.isRight(last));
        assert.is(said + last.right, text);
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

/** A text behind a header of ASCII, in pieces of every size. */
const inPieces = (wide: string, bytes: Buffer): void => {
  for (let size = 1; size <= bytes.length; size++) {
    const reader = textReader();
    const pieces = [reader.decode(Buffer.from('name,y\n'))];
    for (let at = 0; at < bytes.length; at += size) pieces.push(reader.decode(bytes.subarray(at, at + size)));
    pieces.push(reader.finish());
    const said = pieces.map((piece) => (E.isRight(piece) ? piece.right : JSON.stringify(piece.left)));
    assert.is(said.join(''), `name,y\n${wide.repeat(3)}`, `pieces of ${size}`);
  }
};

test('a piece may begin or end within any character of UTF-8, and may be one that is none', () => {
  for (const [wide, encoding] of [
    ['é€😀,1\n', 'utf8'],
    ['éà,1\n', 'latin1'],
  ] as const)
    inPieces(wide, Buffer.from(wide.repeat(3), encoding));
});

test('lines of JSON are rows; what a line lacks is empty; what is no object is told by its line', async ({
  folder,
}) => {
  const lines = '{"a":1,"kind":"oak","y":2.5}\n\n{"a":-2e3,"y":null,"more":true}\r\n{"kind":"elm","a":3}\n';
  for (const name of ['t.jsonl', 't.ndjson', 'stream'])
    assert.equal(cellsOf(await table(folder, name, Buffer.from(lines))), [
      ['a', 'kind', 'y', 'more'],
      ['1', 'oak', '2.5', ''],
      ['-2000', '', '', 'true'],
      ['3', 'elm', '', ''],
    ]);
  const found = await table(folder, 't.jsonl', Buffer.from(lines));
  assert.equal(Array.from(found.lines), [1, 3, 4]);
  assert.match(
    await message(folder, 't.jsonl', Buffer.from('{"a":1}\n[1]\n{"a":\n')),
    /line 2: "\[1\]" is no object.*line 3/s,
  );
  assert.match(
    await message(folder, 'spaces.jsonl', Buffer.from('{"a":1}\n{" a":2}\n{"a":3,"a ":4}')),
    /line 2: the names " a" and "a" differ by white space alone.*\n?.*line 3/s,
  );
  assert.match(await message(folder, 'nan.jsonl', Buffer.from('{"a":NaN}')), /JSON has no NaN: write null/);
  assert.match(
    await message(folder, 't.jsonl', Buffer.from('{"a":1}\n{"a":[1]}\n')),
    /line 2, column a: the cell holds a list/,
  );
  assert.match(await message(folder, 't.jsonl', Buffer.from('')), /the file is empty/);
  // Beyond 2⁵³ a whole number is read as it is, or not at all.
  const whole = (digits: string): Promise<string> =>
    message(folder, 't.jsonl', Buffer.from(`{"id":${digits},"a":"9007199254740993 \\" 9007199254740993"}\n`));
  for (const digits of ['9007199254740993', '-9007199254740993', '12345678901234567890', '9'.repeat(400)])
    assert.match(
      await whole(digits),
      /line 1: the whole number -?\d+….*is beyond 2⁵³ and would be read as another\. Write it in quotes|line 1: the whole number -?\d+ is beyond/,
      digits,
    );
  for (const digits of [
    '9007199254740992',
    '123456789012345680000',
    '1.2345678901234567890',
    '12345678901234567890.0',
    '"9007199254740993"',
  ])
    assert.is(await whole(digits), 'accepted', digits);
  const sparse = Array.from({ length: 3_000 }, (_, i) => `{"c${i}":1}\n`).join('');
  assert.match(
    await message(folder, 't.jsonl', Buffer.from(sparse)),
    /nearly every cell of the table would be empty/,
  );
});

test('lines of JSON in pieces of any size are the same table', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.dictionary(
          fc.constantFrom('a', 'b', 'c'),
          fc.oneof(
            fc.double({ noNaN: true, noDefaultInfinity: true }),
            fc.string(),
            fc.boolean(),
            fc.constant(null),
          ),
          { minKeys: 1 },
        ),
        { minLength: 1, maxLength: 8 },
      ),
      fc.integer({ min: 1, max: 20 }),
      (objects, size) => {
        const content = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
        const reader = jsonLinesReader('t.jsonl');
        for (let at = 0; at < content.length; at += size)
          assert.ok(E.isRight(reader.feed(content.slice(at, at + size))));
        const found = reader.finish();
        assert.ok(E.isRight(found));
        const names = Array.from(new Set(objects.flatMap((object) => Object.keys(object))));
        assert.equal(found.right.headers, names);
        assert.equal(
          rowsOf(found.right).map(({ cells }) => cells),
          objects.map((object) => names.map((name) => String(object[name] ?? ''))),
        );
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

test('arrays of NumPy: columns by their place, or by the names of arrays; rows from 0', async ({
  folder,
}) => {
  const matrix = { shape: [3, 2], data: Float64Array.of(1, 2, 3, NaN, 5, 1) };
  const found = await table(folder, 't.npy', npyOf(matrix));
  assert.equal(cellsOf(found), [
    ['0', '1'],
    ['1', '2'],
    ['3', ''],
    ['5', '1'],
  ]);
  assert.equal([Array.from(found.lines), found.rowKind], [[0, 1, 2], 'row']);
  const arrays = zipOf([
    ['x', npyOf(matrix)],
    ['y', npyOf({ shape: [3], data: Float64Array.of(7, NaN, 9) })],
  ]);
  assert.equal((await table(folder, 't.npz', arrays)).headers, ['x0', 'x1', 'y']);
  assert.match(
    await message(
      folder,
      't.npz',
      zipOf([
        ['x', npyOf(matrix)],
        ['y', npyOf({ shape: [2], data: Float64Array.of(7, 9) })],
      ]),
    ),
    /x has 3 rows, and y has 2/,
  );
  assert.match(
    await message(folder, 't.npy', npyOf({ shape: [1, 1, 1], data: Float64Array.of(1) })),
    /its shape is \[1, 1, 1\]/,
  );
  assert.match(
    await message(folder, 't.npy', npyOf({ shape: [0, 2], data: Float64Array.of() })),
    /it has no rows/,
  );
  assert.match(
    await message(folder, 't.npy', npyOf(matrix), { delimiter: ';' }),
    /^--delimiter: the option has no meaning/,
  );
  // Faults name the row.
  const told = pipe(
    labelledRows(found, { target: '0', features: ['1'] }),
    E.match(showFailure, () => 'accepted'),
  );
  assert.match(told, /t\.npy, row 1, column 1: the cell is empty/);
  // Those of a header that is not there name no row, and those that are too many to tell the file.
  const unnamed = Array.from({ length: 30 }, (_, i) => `x${i}`);
  const header = pipe(
    labelledRows(found, { target: '0', features: ['1'], categorical: ['0'], drop: unnamed }),
    E.match(showFailure, () => 'accepted'),
  );
  assert.not.match(header, /row/);
  assert.match(header, /t\.npy: (?:and )?1\d more/);
});

test('a Parquet file: numbers, texts, dates, booleans and null', async ({ folder }) => {
  const bytes = await readFile('spec/fixtures/tables/wells.parquet');
  for (const content of [bytes, gzipSync(bytes)]) {
    const found = await table(folder, 'wells.parquet', content);
    assert.equal(found.headers, ['name', 'area', 'count', 'kind', 'wet', 'day', 'y']);
    assert.equal(
      rowsOf(found)
        .slice(0, 2)
        .map(({ cells }) => cells),
      [
        ['well 0', '0', '100', 'oak', 'true', '2024-01-01', '0'],
        ['well 1', '1.5', '93', 'elm', 'false', '2024-01-02', ''],
      ],
    );
    assert.is(found.lines.length, 12);
  }
  assert.match(
    await message(folder, 'cut.parquet', bytes.subarray(0, 900)),
    /it cannot be read as a Parquet file/,
  );
  // What the language says of a reader that trusts such bytes is nothing to people.
  for (const text of ['PAR1\0\0\0\0PAR1', 'PAR1PAR1', 'PAR1\u0001\u0002\u0003\u0001\0\0\0PAR1'])
    assert.not.match(
      await message(folder, 'cut.parquet', Buffer.from(text)),
      /undefined|Cannot|BigInt|not a function|Offset/,
      text,
    );
});

test('a Parquet file, as pyarrow writes it, with lists: a column a place, and others are told', async ({
  folder,
}) => {
  const of = (name: string) => readFile(`spec/fixtures/tables/${name}.parquet`);
  const kinds = await table(folder, 'kinds.parquet', await of('kinds'));
  assert.equal(kinds.notes, [
    'column when: times are told in UTC to the millisecond',
    'column clock: times of the day are told as the numbers in the file',
    'column exact: of decimal numbers the first 15 digits are kept',
    'column raw: bytes are told as text',
  ]);
  const found = await table(folder, 'lists.parquet', await of('lists'));
  assert.equal(found.headers, [
    ...['name', 'y', 'embedding0', 'embedding1', 'embedding2'],
    ...['code0', 'code1', 'gap0', 'gap1'],
  ]);
  assert.equal(
    rowsOf(found)
      .slice(0, 3)
      .map(({ cells }) => cells),
    [
      ['p0', '0.5', '0', '0', '0', '0', '0', '1', '2'],
      ['p1', '', '1', '0.25', '-1', '1', '2', '', ''],
      ['p2', '1.5', '2', '0.5', '-2', '2', '4', '3', ''],
    ],
  );
  for (const [name, pattern] of [
    ['ragged', /ragged\.parquet, column x: its lists have 2 and 1 numbers\. Give lists of one length/],
    ['words', /words\.parquet, column x: a cell holds a list of what are no numbers/],
    ['record', /record\.parquet, column x: a cell holds a record/],
  ] as const)
    assert.match(await message(folder, `${name}.parquet`, await of(name)), pattern);
});

test('what a file is stands in its name, else in its first bytes; or it is said', async ({ folder }) => {
  const npy = npyOf({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
  assert.is((await table(folder, 'noname', npy)).lines.length, 2);
  assert.match(await message(folder, 't.csv', npy), /the file is not UTF-8 text/);
  assert.is((await table(folder, 't.csv', npy, { format: 'npy' })).lines.length, 2);
  assert.equal(cellsOf(await table(folder, 't.tsv', Buffer.from('a, b\ty\n1\t2\n'))), [
    ['a, b', 'y'],
    ['1', '2'],
  ]);
  assert.match(
    await message(folder, 't.xlsx', Buffer.from('PK\u0003\u0004')),
    /this is a spreadsheet\. Save the table as/,
  );
  assert.match(
    await message(folder, 't.csv.gz', gzipSync(Buffer.from(text.repeat(50))).subarray(0, 40)),
    /the gzip file is damaged, or cut off/,
  );
});

test('lines of numbers are an array, whatever stands between them', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 4 })
        .chain((width) =>
          fc.array(fc.array(number, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
        ),
      fc.constantFrom(',', ';', '\t', ' ', '  '),
      fc.constantFrom('', '# by numpy.savetxt\n'),
      fc.integer({ min: 1, max: 30 }),
      (matrix, between, comment, size) => {
        const content = `${comment}${matrix.map((row) => `${row.map(String).join(between)}\n`).join('')}`;
        const reader = numberRowsReader('t.csv');
        for (let at = 0; at < content.length; at += size) reader.feed(content.slice(at, at + size));
        const found = reader.finish();
        assert.ok(E.isRight(found));
        assert.equal(found.right.shape, [matrix.length, matrix[0]?.length]);
        assert.equal(found.right.data, Float64Array.from(matrix.flat()));
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
  const endless = numberRowsReader('t.csv');
  endless.feed('1\n2\n');
  assert.match(
    pipe(
      endless.feed('3'.repeat(2 ** 26 + 1)),
      E.match(showFailure, () => 'accepted'),
    ),
    /^t\.csv, line 3: the line is longer than 67108864 characters/,
  );
  const refused = (content: string): string => {
    const reader = numberRowsReader('t.csv');
    reader.feed(content);
    return pipe(
      reader.finish(),
      E.match(showFailure, () => 'accepted'),
    );
  };
  assert.is(refused('a,b\n1,2\n'), 'accepted');
  assert.match(refused('1,2\n3\n'), /line 2: 1 numbers where the first line has 2/);
  assert.match(refused('1,2\n3,x\n'), /line 2, column 2: "x" is not a number/);
  assert.match(refused('# nothing\n'), /it holds no numbers/);
});

test.run();
