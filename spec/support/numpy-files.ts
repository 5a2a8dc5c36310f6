/** Files of NumPy, made here: `.npy` of float64, and `.npz` archives that store them as they are (numpy/lib/format.py; APPNOTE.TXT). */
import { crc32 } from './crc32.js';

/** An array, row-major. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** The bytes of an `.npy` file, version 1.0. */
export const npyOf = ({ shape, data }: Array64): Uint8Array => {
  const dictionary = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.map((size) => `${size},`).join(' ')}), }`;
  const header = `${dictionary.padEnd(128 - 11)}\n`;
  const head = Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from('NUMPY'),
    Buffer.from([1, 0, header.length & 0xff, header.length >> 8]),
    Buffer.from(header, 'latin1'),
  ]);
  return Buffer.concat([head, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
};

const words = (...numbers: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer => {
  const out = Buffer.alloc(numbers.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of numbers) {
    out.writeUIntLE(value, at, bytes);
    at += bytes;
  }
  return out;
};

/** The bytes of an `.npz` file of arrays by name. */
export const zipOf = (files: readonly (readonly [name: string, npy: Uint8Array])[]): Uint8Array => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const file = Buffer.from(`${name}.npy`);
    const sizes = [
      [4, crc32(bytes)],
      [4, bytes.length],
      [4, bytes.length],
      [2, file.length],
      [2, 0],
    ] as const;
    const local = Buffer.concat([
      words([4, 0x04034b50], [2, 20], [2, 0], [2, 0], [4, 0], ...sizes),
      file,
      bytes,
    ]);
    directory.push(
      words(
        [4, 0x02014b50],
        [2, 20],
        [2, 20],
        [2, 0],
        [2, 0],
        [4, 0],
        ...sizes,
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, at],
      ),
      file,
    );
    parts.push(local);
    at += local.length;
  }
  const all = Buffer.concat(directory);
  const end = words(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, files.length],
    [2, files.length],
    [4, all.length],
    [4, at],
    [2, 0],
  );
  return Buffer.concat([...parts, all, end]);
};
