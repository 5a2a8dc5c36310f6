/** Model files: what is written is read, bit for bit, and what is no such file is refused with what is wrong. */
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeModel, encodeModel, forPool, type TrainedModel } from '../../src/gflownet/model-file.js';
import { modelOf, type ModelShape } from '../../src/gflownet/model.js';
import { allocate } from '../../src/tensor/expression.js';
import { showFailure } from '../../src/failure.js';
import { keyFromSeed, uniforms } from '../../src/random/key.js';
import { right } from '../linear-algebra/arbitrary.js';
import { runs } from '../support/property.js';

const shapes: fc.Arbitrary<ModelShape> = fc.record(
  {
    policy: fc.constantFrom('gain' as const, 'pointer' as const, 'deepSets' as const),
    hidden: fc.integer({ min: 1, max: 6 }),
    poolSize: fc.integer({ min: 5, max: 50 }),
    features: fc.integer({ min: 1, max: 4 }),
    batchSize: fc.integer({ min: 2, max: 4 }),
    dtype: fc.constantFrom('f32' as const, 'f64' as const),
    backward: fc.constantFrom('uniform' as const, 'learned' as const),
    temperatures: fc.constant([0.1, 2] as const),
    smallestBatch: fc.constant(1),
  },
  { requiredKeys: ['policy', 'hidden', 'poolSize', 'features', 'batchSize', 'dtype'] },
);

const trainedOf = (shape: ModelShape, seed: number): TrainedModel => {
  const model = modelOf(shape);
  const parameters = allocate(shape.dtype, model.size);
  parameters.set(uniforms(keyFromSeed(seed), model.size).map((u) => 2 * u - 1));
  return { model, parameters };
};

test('a model comes back as it was written, and runs on pools of other sizes', () =>
  fc.assert(
    fc.property(shapes, fc.nat(1000), fc.nat(7), (shape, seed, offset) => {
      const trained = trainedOf(shape, seed);
      const bytes = encodeModel(trained);
      // Bytes may lie anywhere in a buffer.
      const buffer = new Uint8Array(bytes.length + offset);
      buffer.set(bytes, offset);
      const found = right(decodeModel(buffer.subarray(offset)));
      assert.equal({ ...found.model.shape }, { ...shape });
      assert.equal(found.parameters, trained.parameters);
      const other = forPool(found, 123);
      assert.is(other.model.shape.poolSize, 123);
      assert.is(other.model.size, found.parameters.length);
    }),
    runs(40),
  ));

test('the layout is that of safetensors: header length, JSON, tensors by name one after the other', () => {
  const trained = trainedOf(
    { policy: 'gain', hidden: 2, poolSize: 5, features: 1, batchSize: 2, dtype: 'f32' },
    1,
  );
  const bytes = encodeModel(trained);
  const view = new DataView(bytes.buffer);
  const length = Number(view.getBigUint64(0, true));
  assert.is(length % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  let at = 0;
  for (const [name, { shape }] of Object.entries(trained.model.specs)) {
    const size = 4 * shape.reduce((a, b) => a * b, 1);
    assert.equal(header[name], { dtype: 'F32', shape: [...shape], data_offsets: [at, at + size] });
    assert.is(view.getFloat32(8 + length + at, true), trained.parameters[at / 4]);
    at += size;
  }
  assert.is(bytes.length, 8 + length + at);
});

test('files that are cut, empty, of other tensors or of other kinds are refused', () => {
  const trained = trainedOf(
    { policy: 'gain', hidden: 2, poolSize: 5, features: 1, batchSize: 2, dtype: 'f32' },
    1,
  );
  const bytes = encodeModel(trained);
  const refused = (given: Uint8Array): string => {
    const found = decodeModel(given);
    if (E.isRight(found)) throw new Error('should be refused');
    return showFailure(found.left);
  };
  assert.match(refused(new Uint8Array(3)), /3 bytes, too few/);
  assert.match(refused(bytes.subarray(0, 40)), /the file ends before/);
  assert.match(
    refused(bytes.subarray(0, bytes.length - 4)),
    /it should have \d+ numbers and the file ends before/,
  );
  const text = new TextEncoder().encode('x'.repeat(16));
  const noJson = new Uint8Array(8 + 16);
  new DataView(noJson.buffer).setBigUint64(0, 16n, true);
  noJson.set(text, 8);
  assert.match(refused(noJson), /no JSON/);
  const renamed = bytes.slice();
  const from = new TextDecoder().decode(renamed).indexOf('"key"');
  renamed.set(new TextEncoder().encode('"kex"'), from);
  assert.match(refused(renamed), /no tensor key/);
  const otherPolicy = bytes.slice();
  const at = new TextDecoder().decode(otherPolicy).indexOf('\\"gain\\"');
  otherPolicy.set(new TextEncoder().encode('\\"gaim\\"'), at);
  assert.match(refused(otherPolicy), /model shape is not as expected/);
  assert.throws(
    () => encodeModel({ ...trained, parameters: new Float32Array(3) }),
    /3 parameters for a model of/,
  );
});

/** The file with another shape of the model, of the same length. */
const withShape = (bytes: Uint8Array, from: string, to: string): Uint8Array => {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd();
  const text = new TextEncoder().encode(header.replace(from, to));
  const changed = new Uint8Array(8 + text.length + bytes.length - 8 - length);
  new DataView(changed.buffer).setBigUint64(0, BigInt(text.length), true);
  changed.set(text, 8);
  changed.set(bytes.subarray(8 + length), 8 + text.length);
  return changed;
};

test('a shape that cannot be, or that the file is too small for, is refused before anything is made of it', () => {
  const shape = { policy: 'gain', hidden: 2, poolSize: 5, features: 1, batchSize: 2, dtype: 'f32' } as const;
  const bytes = encodeModel(trainedOf(shape, 1));
  for (const [from, to] of [
    ['poolSize\\":5', 'poolSize\\":5e-324'],
    ['poolSize\\":5', 'poolSize\\":9007199254740992'],
    ['poolSize\\":5', 'poolSize\\":1'],
    ['features\\":1', 'features\\":2147483648'],
    ['features\\":1', 'features\\":16777216'],
    ['hidden\\":2', 'hidden\\":65536'],
    ['hidden\\":2', 'hidden\\":2.5'],
    ['batchSize\\":2', 'batchSize\\":1e308'],
    ['batchSize\\":2', 'batchSize\\":-1e999'],
    ['batchSize\\":2', 'batchSize\\":2,\\"smallestBatch\\":0'],
    ['batchSize\\":2', 'batchSize\\":2,\\"smallestBatch\\":3'],
    ['batchSize\\":2', 'batchSize\\":2,\\"temperatures\\":[1e308,1]'],
    ['batchSize\\":2', 'batchSize\\":2,\\"temperatures\\":[0.1,1e-320]'],
    ['batchSize\\":2', 'batchSize\\":2,\\"temperatures\\":[1e-320,1]'],
  ] as const) {
    const changed = withShape(bytes, from, to);
    assert.not.equal(changed, bytes, from);
    assert.ok(E.isLeft(decodeModel(changed)), to);
  }
  assert.ok(E.isRight(decodeModel(withShape(bytes, 'poolSize\\":5', 'poolSize\\":6'))));
});

test('weights that are not finite are refused', () => {
  const trained = trainedOf(
    { policy: 'gain', hidden: 2, poolSize: 5, features: 1, batchSize: 2, dtype: 'f32' },
    1,
  );
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    const parameters = Float32Array.from(trained.parameters);
    parameters[3] = value;
    const found = decodeModel(encodeModel({ ...trained, parameters }));
    assert.match(E.isLeft(found) ? showFailure(found.left) : '', /its weights are not all finite/);
  }
});

test('what a file with changed bytes decodes to encodes to what decodes to the same; nothing throws', () => {
  const bytes = encodeModel(
    trainedOf({ policy: 'pointer', hidden: 2, poolSize: 5, features: 1, batchSize: 2, dtype: 'f32' }, 1),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 3,
      }),
      (changes) => {
        const changed = bytes.slice();
        for (const [at, byte] of changes) changed[at] = byte;
        const found = decodeModel(changed);
        if (E.isLeft(found)) return;
        const again = decodeModel(encodeModel(found.right));
        assert.ok(E.isRight(again));
        assert.equal(again.right.model.shape, found.right.model.shape);
        assert.equal(again.right.parameters, found.right.parameters);
      },
    ),
    runs(400),
  );
});

test.run();
