/**
 * How are arrays written as NumPy reads them? `.npy` of version 1.0 in C order, and `.npz`: a ZIP archive that stores such files as they
 * are. The same arrays give the same bytes: no time is written.
 *
 * Source: numpy/lib/format.py of NumPy, "Format Specification"; PKWARE, APPNOTE.TXT - .ZIP File Format Specification, version 6.3.
 */
import { checksum, concatenated, signatures } from './npz.js';

/** An array, row-major: float64, or bytes. */
export interface WrittenArray {
  readonly shape: readonly number[];
  readonly data: Float64Array | Uint8Array;
}

/** The numbers of a header before its dictionary; headers end at a multiple of 64 bytes. */
const lead = 10;
const alignment = 64;

/** The bytes of an `.npy` file. */
export const npyBytes = ({ shape, data }: WrittenArray): Uint8Array => {
  const descr = data instanceof Float64Array ? '<f8' : '|u1';
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.map((size) => `${size},`).join(' ')}), }`;
  const whole = Math.ceil((lead + dictionary.length + 1) / alignment) * alignment;
  const header = `${dictionary.padEnd(whole - lead - 1)}\n`;
  const body = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new Uint8Array(whole + body.length);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), lead);
  bytes.set(body, whole);
  return bytes;
};

type Field = readonly [bytes: 2 | 4, value: number];

const fieldsOf = (...fields: readonly Field[]): Uint8Array => {
  const out = new Uint8Array(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return out;
};

const nothing: readonly Field[] = [
  [2, 0],
  [2, 0],
  [2, 0],
  [4, 0],
];

/** 1980-01-01, the first day of ZIP. */
const firstDay = 0x21;

/** The bytes of an `.npz` file of arrays by name, less than 4 GB in all. */
export const npzBytes = (arrays: Readonly<Record<string, WrittenArray>>): Uint8Array => {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, array] of Object.entries(arrays)) {
    const [file, bytes] = [new TextEncoder().encode(`${name}.npy`), npyBytes(array)];
    const about: readonly Field[] = [
      [2, 20],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, firstDay],
      [4, checksum(bytes)],
      [4, bytes.length],
      [4, bytes.length],
      [2, file.length],
      [2, 0],
    ];
    const own = [fieldsOf([4, signatures.local], ...about), file, bytes];
    directory.push(fieldsOf([4, signatures.directory], [2, 20], ...about, ...nothing, [4, at]), file);
    parts.push(...own);
    at += own.reduce((sum, { length }) => sum + length, 0);
  }
  const all = concatenated(directory);
  const count = Object.keys(arrays).length;
  const end = fieldsOf(
    [4, signatures.end],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, all.length],
    [4, at],
    [2, 0],
  );
  return concatenated([...parts, all, end]);
};
