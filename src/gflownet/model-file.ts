/**
 * A trained model as one file of bytes, in the layout of safetensors (Hugging Face, format 1): eight bytes with the length of
 * the header (little-endian), the header as JSON, and the tensors' bytes. The tensors are the model's parameters by name;
 * the metadata entry `batchgfn` holds the model's shape.
 */
import { wrongArgument } from '../misuse.js';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { positive, whole, wholeIn } from '../data/ranges.js';
import { notWhole, parseJson } from '../data/json.js';
import { inputFailure, type InputFailure } from '../failure.js';
import { bytesOf, sizeOf, type TypedArray } from '../tensor/expression.js';
import { modelOf, type Model, type ModelShape } from './model.js';
import { policies, type PolicyName } from './policies/index.js';
import { smallestTemperature } from './problem.js';

/** A model with its parameters. */
export interface TrainedModel {
  readonly model: Model;
  readonly parameters: TypedArray;
}

const version = '1';

/* Made by functions that are called at once and marked pure: a bundle that decodes nothing drops them, and io-ts with them. */
const shapeCodec = /* @__PURE__ */ (() =>
  t.intersection([
    t.type({
      policy: t.keyof(
        Object.fromEntries(Object.keys(policies).map((name) => [name, null])) as Record<PolicyName, null>,
      ),
      hidden: wholeIn(1, 2 ** 16),
      poolSize: wholeIn(1, 2 ** 31),
      features: wholeIn(1, 2 ** 24),
      batchSize: wholeIn(1, 2 ** 20),
      dtype: t.union([t.literal('f32'), t.literal('f64')]),
    }),
    t.partial({
      backward: t.union([t.literal('uniform'), t.literal('learned')]),
      temperatures: t.tuple([positive, positive]),
      smallestBatch: wholeIn(1, 2 ** 20),
    }),
  ]))();

const tensorCodec = /* @__PURE__ */ (() =>
  t.type({
    dtype: t.union([t.literal('F32'), t.literal('F64')]),
    shape: t.array(whole),
    data_offsets: t.tuple([whole, whole]),
  }))();

const metadataCodec = /* @__PURE__ */ (() => t.type({ version: t.string, shape: t.string }))();

/** The file of a trained model. Throws a RangeError where the parameters are not as many as the model has. */
export const encodeModel = ({ model, parameters }: TrainedModel): Uint8Array => {
  if (parameters.length !== model.size)
    throw new RangeError(`encodeModel: ${parameters.length} parameters for a model of ${model.size}`);
  const { dtype } = model.shape;
  const width = bytesOf(dtype);
  let end = 0;
  const tensors = Object.entries(model.specs).map(([name, { shape }]) => {
    const start = end;
    end += sizeOf(shape) * width;
    return [name, { dtype: dtype === 'f64' ? 'F64' : 'F32', shape, data_offsets: [start, end] }] as const;
  });
  const header = JSON.stringify({
    __metadata__: { version, shape: JSON.stringify(model.shape) },
    ...Object.fromEntries(tensors),
  });
  // Tensors begin at a multiple of eight bytes.
  const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
  const bytes = new Uint8Array(8 + text.length + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  parameters.forEach((value, i) => {
    const at = 8 + text.length + i * width;
    if (dtype === 'f64') view.setFloat64(at, value, true);
    else view.setFloat32(at, value, true);
  });
  return bytes;
};

const broken = (problem: string): InputFailure =>
  inputFailure({
    source: 'model file',
    problem,
    remedy: 'Give a file that encodeModel wrote, whole and unchanged',
  });

/** A version as a file claims it, as a number where it is one. */
const shownVersion = (claimed: string): string => (/^\d{1,9}$/.test(claimed) ? claimed : 'another kind');

const parsed = (text: string): E.Either<InputFailure, unknown> =>
  pipe(
    parseJson(text),
    E.mapLeft(() => broken('its header is no JSON')),
    E.chain(({ value, whole }) => (whole ? E.right(value) : E.left(broken(`in its header, ${notWhole}`)))),
  );

const decodedBy =
  <A>(codec: t.Decoder<unknown, A>, what: string) =>
  (value: unknown): E.Either<InputFailure, A> =>
    pipe(
      codec.decode(value),
      E.mapLeft(() => broken(`its ${what} is not as expected`)),
    );

const headerOf = (
  bytes: Uint8Array,
): E.Either<InputFailure, { readonly text: string; readonly body: number }> => {
  if (bytes.length < 8) return E.left(broken(`it has ${bytes.length} bytes, too few for a header`));
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (!(8 + length <= bytes.length))
    return E.left(broken(`its header should have ${length} bytes and the file ends before`));
  return E.right({ text: new TextDecoder().decode(bytes.subarray(8, 8 + length)), body: 8 + length });
};

/** What numbers of a shape must be to each other. */
const faultOfShape = ({
  poolSize,
  batchSize,
  smallestBatch = batchSize,
  temperatures,
}: ModelShape): string | undefined =>
  smallestBatch > batchSize
    ? `its smallest batch, of ${smallestBatch}, is larger than its batch of ${batchSize}`
    : batchSize > poolSize
      ? `its batches of ${batchSize} do not fit its pool of ${poolSize}`
      : temperatures !== undefined &&
          !(temperatures[0] >= smallestTemperature && temperatures[0] <= temperatures[1])
        ? `its temperatures ${temperatures.join(' and ')} are not two from ${smallestTemperature} up, the lower first`
        : undefined;

/** The parameters of a model, tensor by tensor from where the header says that they lie. */
const parametersOf = (
  model: Model,
  header: Readonly<Record<string, unknown>>,
  bytes: Uint8Array,
  body: number,
): E.Either<InputFailure, TypedArray> => {
  const { dtype } = model.shape;
  const width = bytesOf(dtype);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  // Before anything is made of the size that the file claims.
  if (model.size * width > bytes.length - body)
    return E.left(broken(`it should have ${model.size} numbers and the file ends before`));
  const parameters = dtype === 'f64' ? new Float64Array(model.size) : new Float32Array(model.size);
  let filled = 0;
  for (const [name, { shape }] of Object.entries(model.specs)) {
    const tensor = tensorCodec.decode(header[name]);
    if (E.isLeft(tensor)) return E.left(broken(`it has no tensor ${name}`));
    const [start, end] = tensor.right.data_offsets;
    const size = sizeOf(shape);
    const fits =
      tensor.right.shape.join() === shape.join() &&
      tensor.right.dtype === (dtype === 'f64' ? 'F64' : 'F32') &&
      end - start === size * width &&
      start >= 0 &&
      body + end <= bytes.length;
    if (!fits)
      return E.left(broken(`its tensor ${name} is not ${dtype}[${shape.join(', ')}] inside the file`));
    for (let i = 0; i < size; i++) {
      const at = body + start + i * width;
      parameters[filled++] = dtype === 'f64' ? view.getFloat64(at, true) : view.getFloat32(at, true);
    }
  }
  return parameters.every(Number.isFinite)
    ? E.right(parameters)
    : E.left(broken('its weights are not all finite'));
};

/**
 * The trained model of a file, for a pool of the same number of features and any size. Fails with an InputFailure where the
 * bytes are not such a file.
 */
export const decodeModel = (bytes: Uint8Array): E.Either<InputFailure, TrainedModel> => {
  const given: unknown = bytes;
  if (!(given instanceof Uint8Array)) throw wrongArgument('decodeModel', 'bytes', given, 'a Uint8Array');
  return pipe(
    headerOf(bytes),
    E.bindTo('file'),
    E.bind('header', ({ file }) =>
      pipe(parsed(file.text), E.chain(decodedBy(t.record(t.string, t.unknown), 'header'))),
    ),
    E.bind('metadata', ({ header }) => decodedBy(metadataCodec, 'metadata')(header['__metadata__'])),
    E.chainFirst(({ metadata }) =>
      metadata.version === version
        ? E.right(undefined)
        : E.left(
            broken(`it is of version ${shownVersion(metadata.version)}, and this program knows ${version}`),
          ),
    ),
    E.bind('shape', ({ metadata }) =>
      pipe(parsed(metadata.shape), E.chain(decodedBy(shapeCodec, 'model shape'))),
    ),
    E.chain(({ file, header, shape }) => {
      const fault = faultOfShape(shape);
      if (fault !== undefined) return E.left(broken(fault));
      const model = modelOf(shape);
      return pipe(
        parametersOf(model, header, bytes, file.body),
        E.map((parameters) => ({ model, parameters })),
      );
    }),
  );
};

/** The same model for a pool of another size. */
export const forPool = ({ model, parameters }: TrainedModel, poolSize: number): TrainedModel => ({
  model: modelOf({ ...model.shape, poolSize }),
  parameters,
});
