/**
 * What does a file of NumPy hold? `.npy`, versions 1.0 to 3.0: a header that is a Python dictionary of the type, the order and
 * the shape, and the numbers behind it. Types: float16, 32 and 64, integers of 1 to 8 bytes with and without a sign, booleans;
 * either byte order; C and Fortran order. Numbers are given row-major. A 64-bit integer beyond 2⁵³ is a fault, not another number.
 *
 * Source: numpy/lib/format.py of NumPy, "Format Specification"; float16: IEEE 754-2008, binary16.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { type Fault, inputFailure, type InputFailure } from '../failure.js';
import { dictionaryFrom, type PythonValue } from './python-literal.js';

/** Numbers of a shape, row-major: float32 as they are, all others as float64. */
export interface NumberArray {
  readonly shape: readonly number[];
  /** It may lie in the bytes that it was read from. */
  readonly data: Float64Array | Float32Array;
}

/** The numbers of a shape: the product of its sizes. */
const countOf = (shape: readonly number[]): number => shape.reduce((count, size) => count * size, 1);

const magic = [0x93, ...Array.from('NUMPY', (letter) => letter.charCodeAt(0))];

/** The six bytes that an `.npy` file begins with. */
const isNpy = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

interface Header {
  readonly littleEndian: boolean;
  /** f, i, u or b, and bytes a number. */
  readonly kind: string;
  readonly size: number;
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
  /** Of the first number. */
  readonly begins: number;
}

type Refusal = Omit<Fault, 'source'>;

const refusal = (problem: string, remedy: string): E.Either<Refusal, never> => E.left({ problem, remedy });

const again = 'Write it again with numpy.save';

const notNpy = 'it does not begin as an .npy file does';
const cutShort = 'it ends within its header';

const binary16 = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

type Reader = (view: DataView, at: number, littleEndian: boolean) => number;

const readers: Readonly<Record<string, Reader>> = {
  f2: (view, at, little) => binary16(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  b1: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

/** The longest dictionary that is looked at: NumPy's own reader takes no longer one either. */
const longestHeader = 10_000;

const dictionaryOf = (
  bytes: Uint8Array,
): E.Either<Refusal, { readonly text: string; readonly begins: number }> => {
  const [major] = bytes.subarray(6);
  if (major === undefined) return refusal(cutShort, again);
  if (major < 1 || major > 3)
    return refusal(`its version is ${major}.${bytes[7] ?? 0}, and 1.0 to 3.0 are known`, again);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = major === 1 ? 10 : 12;
  if (bytes.length < from) return refusal(cutShort, again);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader) return refusal(`its header is ${length} bytes long`, again);
  if (from + length > bytes.length) return refusal(cutShort, again);
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(from, from + length));
  return E.right({ text, begins: from + length });
};

/** A type as NumPy names it, `<f8` for one: its byte order, and the reader of its kind and size. */
const typeOf = (name: string): Pick<Header, 'littleEndian' | 'kind' | 'size'> | undefined => {
  const ordered = '<>|='.includes(name.charAt(0));
  const type = ordered ? name.slice(1) : name;
  return Object.hasOwn(readers, type)
    ? { littleEndian: name.charAt(0) !== '>', kind: type.charAt(0), size: Number(type.slice(1)) }
    : undefined;
};

const isShape = (value: PythonValue | undefined): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size));

/** A shape as NumPy writes it. */
const written = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;

const headerOf = (bytes: Uint8Array): E.Either<Refusal, Header> =>
  pipe(
    dictionaryOf(bytes),
    E.chain(({ text, begins }): E.Either<Refusal, Header> => {
      const dictionary = dictionaryFrom(text);
      const [name, order, shape] = ['descr', 'fortran_order', 'shape'].map((key) => dictionary?.get(key));
      if (typeof name !== 'string')
        return refusal(
          'its numbers have fields, or its header names no type',
          'Save an array of numbers alone, one field of a structured array for instance',
        );
      if (typeof order !== 'boolean' || !isShape(shape))
        return refusal('its header names no order or no shape', again);
      if (shape.some((size) => size < 0))
        return refusal(`its header names the shape ${written(shape)}, and sizes are 0 at least`, again);
      const type = typeOf(name);
      return type === undefined
        ? refusal(
            `it holds ${name}, and numbers are float16 to float64, integers of up to 8 bytes, or booleans`,
            "Save it as numbers: array.astype('float64')",
          )
        : E.right({ ...type, shape, begins, columnMajor: order });
    }),
  );

/** Where number k of column-major order lies in row-major order, for k = 0, 1, … */
function* rowMajorPlaces(shape: readonly number[]): Generator<number> {
  const strides = shape.map((_, axis) => countOf(shape.slice(axis + 1)));
  const index = shape.map(() => 0);
  for (let k = countOf(shape), at = 0; k > 0; k--) {
    yield at;
    for (let axis = 0; axis < shape.length; axis++) {
      at += strides[axis] ?? NaN;
      index[axis] = (index[axis] ?? NaN) + 1;
      if ((index[axis] ?? NaN) < (shape[axis] ?? NaN)) break;
      at -= (strides[axis] ?? NaN) * (shape[axis] ?? NaN);
      index[axis] = 0;
    }
  }
}

const hostIsLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The numbers in the order of the file. */
const numbersOf = (
  bytes: Uint8Array,
  { littleEndian, kind, size, shape, begins }: Header,
): E.Either<Refusal, Float64Array | Float32Array> => {
  const count = countOf(shape);
  const held = Math.floor((bytes.length - begins) / size);
  // Before anything is made of a size that the header claims.
  if (count > held) return refusal(`it holds ${held} of the ${count} numbers that its header names`, again);
  const surplus = bytes.length - begins - count * size;
  if (surplus > 0)
    return refusal(
      `${surplus} byte${surplus === 1 ? ' stands' : 's stand'} behind the ${count} number${count === 1 ? '' : 's'} that its header names`,
      'Save one array in a file, with numpy.save',
    );
  const from = bytes.byteOffset + begins;
  // Numbers as this machine holds them are taken where they lie; NumPy pads its headers, so that they lie well.
  const own = littleEndian === hostIsLittle && kind === 'f' && from % size === 0;
  if (own && size === 4) return E.right(new Float32Array(bytes.buffer, from, count));
  if (own && size === 8) return E.right(new Float64Array(bytes.buffer, from, count));
  const read = readers[`${kind}${size}`] ?? (() => NaN);
  const view = new DataView(bytes.buffer, from, count * size);
  const data = kind === 'f' && size === 4 ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = read(view, i * size, littleEndian);
  const inexact = size === 8 && kind !== 'f' ? data.findIndex((x) => !Number.isSafeInteger(x)) : -1;
  return inexact === -1
    ? E.right(data)
    : refusal(
        `its number ${inexact + 1} is a whole number beyond 2^53`,
        "Save it as array.astype('float64')",
      );
};

/**
 * How long an `.npy` file is by its header, of its first bytes; undefined where they do not hold all of that. Else what is
 * wrong with it, as {@link readNpy} says.
 */
export const npyLength = (first: Uint8Array): E.Either<string, number | undefined> => {
  if (first.length < magic.length) return E.right(undefined);
  if (!isNpy(first)) return E.left(notNpy);
  return pipe(
    headerOf(first),
    E.match(
      ({ problem }): E.Either<string, number | undefined> =>
        problem === cutShort && first.length <= longestHeader ? E.right(undefined) : E.left(problem),
      ({ begins, shape, size }) => E.right(begins + countOf(shape) * size),
    ),
  );
};

/** The array in the bytes of an `.npy` file of that name. An InputFailure that says what is wrong with it. */
export const readNpy = (source: string, bytes: Uint8Array): E.Either<InputFailure, NumberArray> =>
  pipe(
    isNpy(bytes) ? headerOf(bytes) : refusal(notNpy, 'Give a file that numpy.save wrote'),
    E.chain((header) =>
      pipe(
        numbersOf(bytes, header),
        E.map((data): NumberArray => {
          const { shape } = header;
          if (!header.columnMajor || shape.length < 2) return { shape, data };
          const turned = data.slice();
          let k = 0;
          for (const place of rowMajorPlaces(shape)) turned[place] = data[k++] ?? NaN;
          return { shape, data: turned };
        }),
      ),
    ),
    E.mapLeft((fault) => inputFailure({ source, ...fault })),
  );
