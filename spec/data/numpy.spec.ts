/** Files that NumPy wrote, byte for byte (spec/fixtures/numpy.json), read as the numbers that were saved; broken ones refused. */
import { readFileSync } from 'node:fs';
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readNpy } from '../../src/data/npy.js';
import { isZip, readNpz } from '../../src/data/npz.js';
import { showFailure } from '../../src/failure.js';
import { propertyOptions, right } from '../linear-algebra/arbitrary.js';

const bytes = new t.Type<Uint8Array>(
  'bytes',
  (value): value is Uint8Array => value instanceof Uint8Array,
  (value) => t.success(new Uint8Array(Buffer.from(String(value), 'base64'))),
  (value) => value,
);

const fixture = right(
  t
    .type({
      numpy: t.string,
      arrays: t.array(
        t.type({
          ...{ name: t.string, bytes, shape: t.array(t.number) },
          values: t.array(t.union([t.number, t.string])),
        }),
      ),
      archives: t.array(t.type({ name: t.string, bytes })),
      refused: t.record(t.string, bytes),
    })
    .decode(JSON.parse(readFileSync('spec/fixtures/numpy.json', 'utf8'))),
);

const numberOf = (value: number | string): number =>
  typeof value === 'number' ? value : value === 'nan' ? NaN : value === 'inf' ? Infinity : -Infinity;

const archive = (name: string): Uint8Array =>
  fixture.archives.find((one) => one.name === name)?.bytes ?? new Uint8Array();

const refusedBy = (read: E.Either<Parameters<typeof showFailure>[0], unknown>): string =>
  E.isLeft(read) ? showFailure(read.left) : 'it was read';

test('each type, order, shape and version of NumPy is read as what was saved', () => {
  assert.ok(fixture.arrays.length > 30);
  for (const { name, bytes: own, shape, values } of fixture.arrays) {
    const found = right(readNpy('x.npy', own));
    // As Node reads files, and at any address.
    for (const moved of [Buffer.from(own), Buffer.concat([Buffer.alloc(3), own]).subarray(3)])
      assert.equal(Array.from(right(readNpy('x.npy', moved)).data), values.map(numberOf), name);
    assert.equal(found.shape, shape, name);
    assert.equal(Array.from(found.data), values.map(numberOf), name);
  }
});

test('archives: stored and deflated, by name, and the only one without a name', async () => {
  for (const name of ['savez', 'savez_compressed']) {
    assert.ok(isZip(archive(name)));
    assert.equal(right(await readNpz('x.npz', Buffer.from(archive(name)), 'ids')()).shape, [3]);
    const draws = right(await readNpz('x.npz', archive(name), 'draws')());
    assert.equal(
      [draws.shape, Array.from(draws.data)],
      [[3, 4], Array.from({ length: 12 }, (_, i) => i / 7)],
    );
    assert.equal(Array.from(right(await readNpz('x.npz', archive(name), 'ids')()).data), [4, 5, 6]);
    assert.match(
      refusedBy(await readNpz('x.npz', archive(name))()),
      /it holds 2 arrays: draws, ids.*x\.npz:draws/u,
    );
    assert.match(refusedBy(await readNpz('x.npz', archive(name), 'draw')()), /no array draw.*x\.npz:draws/u);
  }
  const only = right(await readNpz('x.npz', archive('one array without a name'))());
  assert.equal(Array.from(only.data), [0, 1, 2]);
});

test('what is no array of numbers is refused, with what to change', () => {
  const said = (name: string): string =>
    refusedBy(readNpy('x.npy', fixture.refused[name] ?? new Uint8Array()));
  assert.match(said('fields'), /x\.npy: its numbers have fields/u);
  assert.match(said('text'), /it holds <U2/u);
  assert.match(said('complex'), /it holds <c16/u);
  assert.match(said('objects'), /it holds \|O/u);
  assert.match(said('large'), /number 1 is a whole number beyond 2\^53/u);
  assert.match(refusedBy(readNpy('x.npy', new Uint8Array([1, 2]))), /does not begin as an \.npy file does/u);
});

test('a file that is cut off, or claims more than it holds, is refused before anything is allocated', () => {
  const [whole] = fixture.arrays.filter(({ name }) => name === '<f8');
  const own = whole?.bytes ?? new Uint8Array();
  for (let length = 0; length < own.length; length++)
    assert.ok(E.isLeft(readNpy('x.npy', own.subarray(0, length))), `${length} bytes of it were read`);
  const text = new TextDecoder('latin1').decode(own).replace('(2, 3), ', '(999999999, 999999), ');
  const claims = Uint8Array.from(text, (character) => character.charCodeAt(0));
  assert.match(refusedBy(readNpy('x.npy', claims)), /it holds \d of the 999998999000001 numbers/u);
});

test('sizes beyond 32 bits that the archive claims and does not hold: it is read as before or refused', async () => {
  const good = Buffer.from(archive('savez'));
  const entry = good.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
  const end = good.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  const behind = entry + 46 + good.readUInt16LE(entry + 28);
  const asked = good.subarray(entry + 46, behind - '.npy'.length).toString();
  const before = right(await readNpz('x.npz', good, asked)());
  for (const claimed of [8, 12, 16, 400, 65_000]) {
    // The size is in a field behind the name, of which one number is there.
    const field = Buffer.from([1, 0, claimed & 0xff, claimed >> 8, ...new Array<number>(8).fill(1)]);
    const made = Buffer.concat([good.subarray(0, behind), field, good.subarray(behind)]);
    made.writeUInt32LE(0xffffffff, entry + 24);
    made.writeUInt16LE(field.length, entry + 30);
    assert.ok(end > behind);
    const read = await readNpz('x.npz', made, asked)();
    if (E.isRight(read)) assert.equal(read.right, before);
  }
});

test('any byte changed: an archive is read as before or refused, and never throws', async () => {
  const good = archive('savez_compressed');
  const before = right(await readNpz('x.npz', good, 'draws')());
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const damaged = good.slice();
      damaged[at] = (damaged[at] ?? 0) ^ change;
      const read = await readNpz('x.npz', damaged, 'draws')();
      if (E.isRight(read)) assert.equal(read.right, before);
    }),
    { ...propertyOptions, numRuns: 500 },
  );
  for (let length = 0; length < good.length; length += 7)
    assert.ok(E.isLeft(await readNpz('x.npz', good.subarray(0, length), 'draws')()));
});

test.run();
