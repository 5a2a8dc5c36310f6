/**
 * Which arrays does an `.npz` file hold? It is a ZIP archive of `.npy` files, stored (numpy.savez) or deflated
 * (numpy.savez_compressed). The directory at its end says where each lies; sizes beyond 4 GB stand in the ZIP64 fields.
 *
 * Source: PKWARE, APPNOTE.TXT - .ZIP File Format Specification, version 6.3, sections 4.3.7, 4.3.12, 4.3.16 and 4.5.3.
 */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { inputFailure, type InputFailure } from '../failure.js';
import { nearestName } from './nearest-name.js';
import { npyLength, readNpy, type NumberArray } from './npy.js';

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly flags: number;
  readonly compressed: number;
  readonly size: number;
  readonly begins: number;
}

/** What records of a ZIP archive begin with. */
export const signatures = { local: 0x04034b50, directory: 0x02014b50, end: 0x06054b50 };

/** Whether bytes begin as a ZIP archive does. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes.length > 3 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === signatures.local;

/** A file and, where a name stands behind a colon, the array of that name in it: `model.npz:draws`. */
export const namedArray = (path: string): { readonly file: string; readonly array?: string } => {
  const ending = '.npz';
  const colon = path.toLowerCase().lastIndexOf(`${ending}:`) + ending.length;
  const array = path.slice(colon + 1);
  return colon <= ending.length || array === '' ? { file: path } : { file: path.slice(0, colon), array };
};

/** What is said in place of a size that has no room in 32 bits. */
const beyond = 0xffffffff;

const broken = (source: string, problem: string): InputFailure =>
  inputFailure({ source, problem, remedy: 'Write it again with numpy.savez' });

/** The end record stands in the last 65,557 bytes, behind it a comment at most. */
const endOf = (view: DataView): number => {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 65_557); at--)
    if (view.getUint32(at, true) === signatures.end) return at;
  return -1;
};

/** The sizes of an entry that are beyond 32 bits, from its ZIP64 field, in their order. */
const wideSizes = (view: DataView, from: number, to: number): readonly number[] => {
  for (let at = from; at + 4 <= to;) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (id === 1 && at + 4 + length <= to)
      return Array.from({ length: Math.floor(length / 8) }, (_, i) =>
        Number(view.getBigUint64(at + 4 + 8 * i, true)),
      );
    at += 4 + length;
  }
  return [];
};

const entryAt = (
  view: DataView,
  bytes: Uint8Array,
  at: number,
): { readonly entry: Entry; readonly next: number } | undefined => {
  if (at < 0 || at + 46 > view.byteLength || view.getUint32(at, true) !== signatures.directory)
    return undefined;
  const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
    number,
    number,
    number,
  ];
  const named = at + 46 + nameLength;
  if (named + extra + comment > view.byteLength) return undefined;
  const wide = [...wideSizes(view, named, named + extra)];
  const number = (offset: number): number => {
    const short = view.getUint32(at + offset, true);
    return short === beyond ? (wide.shift() ?? short) : short;
  };
  const size = number(24);
  const compressed = number(20);
  const begins = number(42);
  return {
    entry: {
      ...{ size, compressed, begins },
      name: new TextDecoder().decode(bytes.subarray(at + 46, named)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
    },
    next: named + extra + comment,
  };
};

const directoryOf = (source: string, bytes: Uint8Array): E.Either<InputFailure, readonly Entry[]> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length < 22 ? -1 : endOf(view);
  if (end === -1)
    return E.left(broken(source, 'it has no directory of a ZIP archive at its end: it is cut off'));
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < view.getUint16(end + 10, true); i++) {
    const found = entryAt(view, bytes, at);
    if (found === undefined) return E.left(broken(source, `entry ${i + 1} of its directory is damaged`));
    entries.push(found.entry);
    at = found.next;
  }
  return E.right(entries);
};

/** Bytes one behind the other. */
export const concatenated = (parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

/** CRC-32 as ZIP has it: the polynomial 0xEDB88320, reflected. */
export const checksum = (bytes: Uint8Array): number => {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let c = byte;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? NaN) ^ (crc >>> 8);
  return ~crc >>> 0;
};

/** How many bytes an entry is to have by the header in its first ones; undefined where these do not hold it all. Throws for no header. */
const claimedBy = (parts: readonly Uint8Array[]): number | undefined => {
  const claimed = npyLength(parts.length === 1 && parts[0] !== undefined ? parts[0] : concatenated(parts));
  if (E.isLeft(claimed)) throw new TypeError(claimed.left);
  return claimed.right;
};

/** The bytes of an entry, at most as many as its directory and the header in it say: what is packed may unpack to far more. */
const inflated = async (packed: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array> => {
  const stream: ReadableStream<Uint8Array> = new Blob([packed])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'));
  const parts: Uint8Array[] = [];
  let length = 0;
  let claimed: number | undefined;
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      length += read.value.length;
      if (length > size) throw new RangeError('it holds more than its directory says');
      parts.push(read.value);
      claimed ??= claimedBy(parts);
      if (length > (claimed ?? Infinity)) throw new RangeError('it holds more than its header says');
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return concatenated(parts);
};

const contentOf = (
  source: string,
  bytes: Uint8Array,
  entry: Entry,
): TE.TaskEither<InputFailure, Uint8Array> => {
  const { name, method, flags, compressed, size, begins } = entry;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fault = (problem: string) => broken(source, `${name}: ${problem}`);
  if ((flags & 1) !== 0) return TE.left(fault('it is encrypted'));
  if (begins + 30 > bytes.length || view.getUint32(begins, true) !== signatures.local)
    return TE.left(fault('it is not where the directory says'));
  const from = begins + 30 + view.getUint16(begins + 26, true) + view.getUint16(begins + 28, true);
  if (from + compressed > bytes.length) return TE.left(fault('it is cut off'));
  // A copy, wherever the bytes come from: Node's own buffers give views when they are sliced.
  const packed = new Uint8Array(bytes.subarray(from, from + compressed));
  if (method !== 0 && method !== 8)
    return TE.left(fault(`it is compressed by method ${method}, and 0 and 8 are known`));
  return pipe(
    method === 0
      ? TE.right(packed)
      : TE.tryCatch(
          () => inflated(packed, size),
          (error) =>
            fault(`it cannot be decompressed (${error instanceof Error ? error.message : String(error)})`),
        ),
    TE.filterOrElse(
      (content) => checksum(content) === entry.checksum,
      () => fault('its bytes are not those that its checksum was made of: it is damaged'),
    ),
  );
};

const ending = '.npy';

/** The names of the arrays, without their ending. */
const namesOf = (entries: readonly Entry[]): readonly string[] =>
  entries.filter(({ name }) => name.endsWith(ending)).map(({ name }) => name.slice(0, -ending.length));

const chosen = (
  source: string,
  entries: readonly Entry[],
  wanted: string | undefined,
): E.Either<InputFailure, Entry> => {
  const names = namesOf(entries);
  const [only] = names;
  const name = wanted ?? (names.length === 1 ? only : undefined);
  const found = entries.find((entry) => entry.name === `${name ?? ''}${ending}`);
  if (found !== undefined && name !== undefined) return E.right(found);
  if (names.length === 0) return E.left(broken(source, 'it holds no array'));
  const near = O.toUndefined(nearestName(wanted ?? '', names));
  return E.left(
    inputFailure({
      source,
      problem:
        wanted === undefined
          ? `it holds ${names.length} arrays: ${names.slice(0, 10).join(', ')}`
          : `it holds no array ${wanted}, but ${names.slice(0, 10).join(', ')}`,
      remedy: `Name one behind a colon, ${source}:${near ?? only ?? ''} for instance`,
    }),
  );
};

/** An array of an `.npz` file, the only one or that of a name. An InputFailure that says what is wrong with it. */
export const readNpz = (
  source: string,
  bytes: Uint8Array,
  name?: string,
): TE.TaskEither<InputFailure, NumberArray> =>
  pipe(
    TE.fromEither(
      pipe(
        directoryOf(source, bytes),
        E.chain((entries) => chosen(source, entries, name)),
      ),
    ),
    TE.chain((entry) =>
      pipe(
        contentOf(source, bytes, entry),
        TE.chainEitherK((content) => readNpy(`${source}:${entry.name.slice(0, -ending.length)}`, content)),
      ),
    ),
  );

/** All arrays of an `.npz` file by name, in the order of its directory. */
export const readAllNpz = (
  source: string,
  bytes: Uint8Array,
): TE.TaskEither<InputFailure, readonly (readonly [name: string, array: NumberArray])[]> =>
  pipe(
    TE.fromEither(directoryOf(source, bytes)),
    TE.map((entries) => entries.filter(({ name }) => name.endsWith(ending))),
    TE.filterOrElse(
      ({ length }) => length > 0,
      () => broken(source, 'it holds no array'),
    ),
    TE.chain(
      TE.traverseSeqArray((entry) => {
        const name = entry.name.slice(0, -ending.length);
        return pipe(
          contentOf(source, bytes, entry),
          TE.chainEitherK((content) => readNpy(`${source}:${name}`, content)),
          TE.map((array) => [name, array] as const),
        );
      }),
    ),
  );
