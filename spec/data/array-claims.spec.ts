/**
 * What arrays of NumPy claim and do not hold, or hold and do not claim; and that what is written here is read again, byte for
 * byte alike.
 */
import { crc32 } from '../support/crc32.js';
import { deflateRawSync } from 'node:zlib';
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tableOfArrays } from '../../src/data/array-table.js';
import { npyLength, readNpy } from '../../src/data/npy.js';
import { readAllNpz, readNpz } from '../../src/data/npz.js';
import { npyBytes, npzBytes } from '../../src/data/npz-writing.js';
import { formatOf } from '../../src/data/table-format.js';
import { showFailure } from '../../src/failure.js';
import { right } from '../linear-algebra/arbitrary.js';
import { npyOf } from '../support/numpy-files.js';
import { runs } from '../support/property.js';

const problemOf = <A>(result: E.Either<Parameters<typeof showFailure>[0], A>): string =>
  E.isLeft(result) ? showFailure(result.left) : 'it was read';

const whole = npyOf({ shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) });

/** The file with another shape in its header, which stays as long. */
const claiming = (shape: string): Uint8Array => {
  const text = Buffer.from(whole).toString('latin1');
  const begins = text.indexOf('(2, 3,)');
  return Buffer.from(
    text.slice(0, begins) + shape + text.slice(begins + 7).replace(' '.repeat(shape.length - 7), ''),
    'latin1',
  );
};

/** An archive of one deflated file, whose directory says how long it is. */
const deflated = (name: string, bytes: Uint8Array, packed = deflateRawSync(bytes)): Uint8Array => {
  const stored = Buffer.from(npzBytes({ [name]: { shape: [0], data: new Uint8Array(0) } }));
  const header = stored.length - 22 - 46 - name.length - 4;
  const local = Buffer.from(stored.subarray(0, 30 + name.length + 4));
  const [directory, end] = [
    Buffer.from(stored.subarray(header, stored.length - 22)),
    Buffer.from(stored.subarray(-22)),
  ];
  for (const [record, at] of [
    [local, 8],
    [directory, 10],
  ] as const) {
    record.writeUInt16LE(8, at);
    record.writeUInt32LE(crc32(bytes), at + 6);
    record.writeUInt32LE(packed.length, at + 10);
    record.writeUInt32LE(bytes.length, at + 14);
  }
  end.writeUInt32LE(local.length + packed.length, 16);
  return Buffer.concat([local, packed, directory, end]);
};

test('an archive that unpacks to more than the header in it says is left where that is plain', async () => {
  const plain = right(await readNpz('a.npz', deflated('x', whole))());
  assert.equal(
    [plain.shape, Array.from(plain.data)],
    [
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ],
  );
  const bomb = Buffer.concat([whole, Buffer.alloc(2 ** 22)]);
  const found = problemOf(await readNpz('a.npz', deflated('x', bomb))());
  assert.match(found, /x\.npy: it cannot be decompressed \(it holds more than its header says\)/);
  const none = deflated('x', Buffer.alloc(2 ** 20, 7));
  assert.match(problemOf(await readNpz('a.npz', none)()), /it does not begin as an \.npy file does/);
  const claims = deflated('x', claiming('(2, 9000000,)'));
  assert.match(problemOf(await readNpz('a.npz', claims)()), /it holds 6 of the 18000000 numbers/);
});

test('bytes behind the data, sizes below 0 and headers that are cut are told', () => {
  const of = (bytes: Uint8Array) => problemOf(readNpy('a.npy', bytes));
  assert.match(
    of(Buffer.concat([whole, Buffer.of(0)])),
    /1 byte stands behind the 6 numbers that its header/,
  );
  assert.match(
    of(Buffer.concat([whole, whole])),
    /bytes stand behind the 6 numbers .* Save one array in a file/,
  );
  assert.match(of(claiming('(-5, 3,)')), /its header names the shape \(-5, 3\), and sizes are 0 at least/);
  assert.match(of(claiming('(-2, -3,)')), /the shape \(-2, -3\)/);
  for (let length = 6; length < 128; length++)
    assert.match(of(whole.subarray(0, length)), /a\.npy: it ends within its header\. /, String(length));
  for (let length = 0; length < 6; length++)
    assert.match(of(whole.subarray(0, length)), /it does not begin as an \.npy file does/);
});

test('an array of one dimension is no table, but a column of an archive', () => {
  const flat = { shape: [3], data: Float64Array.of(1, 2, 3) };
  assert.match(problemOf(tableOfArrays('a.npy', [['', flat]])), /its shape is \[3\], and a table has rows/);
  assert.equal(right(tableOfArrays('a.npz', [['y', flat]])).headers, ['y']);
});

test('a spreadsheet is one by its first bytes too', () => {
  for (const name of ['[Content_Types].xml', 'xl/workbook.xml', '_rels/.rels', 'mimetype'])
    assert.is(formatOf('-', Buffer.from(`PK\u0003\u0004${' '.repeat(26)}${name}`, 'latin1')), 'spreadsheet');
  assert.is(formatOf('-', npzBytes({ x: { shape: [1], data: Float64Array.of(1) } })), 'npz');
});

test('what is written is read, and the first bytes tell the length of all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 4 }), { maxLength: 3 }),
      fc.array(fc.double({ noNaN: true }), { minLength: 64, maxLength: 64 }),
      (shape, numbers) => {
        const data = Float64Array.from(
          numbers.slice(
            0,
            shape.reduce((count, size) => count * size, 1),
          ),
        );
        const bytes = npyBytes({ shape, data });
        assert.equal(right(readNpy('a.npy', bytes)), { shape, data });
        assert.is(bytes.length % 64, (8 * data.length) % 64);
        assert.equal(npyLength(bytes), E.right(bytes.length));
        assert.equal(npyLength(bytes.subarray(0, 20)), E.right(undefined));
      },
    ),
    runs(100),
  );
});

test('archives have their arrays by name, bytes among them', async () => {
  const bytes = npzBytes({
    features: { shape: [2, 2], data: Float64Array.of(1, -2, 0.5, 1e300) },
    about: { shape: [3], data: Uint8Array.of(7, 0, 255) },
  });
  const read = right(await readAllNpz('a.npz', bytes)());
  assert.equal(
    read.map(([name, { shape, data }]) => [name, shape, Array.from(data)]),
    [
      ['features', [2, 2], [1, -2, 0.5, 1e300]],
      ['about', [3], [7, 0, 255]],
    ],
  );
});

test.run();
