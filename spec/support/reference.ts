/** The reference values in spec/reference, written by an independent implementation, decoded or refused. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { PathReporter } from 'io-ts/lib/PathReporter.js';
import { type Matrix, matrixFromRows } from '../../src/linear-algebra/matrix.js';

/** A matrix, from an array of rows of one length. */
export const matrixOfRows = new t.Type<Matrix, number[][], unknown>(
  'MatrixOfRows',
  (u): u is Matrix => typeof u === 'object' && u !== null && 'rows' in u && 'columns' in u && 'data' in u,
  (u, context) =>
    pipe(
      t.array(t.array(t.number)).validate(u, context),
      E.chain((rows) =>
        rows.every((row) => row.length === rows[0]?.length)
          ? t.success(matrixFromRows(rows))
          : t.failure(u, context, 'rows differ in length'),
      ),
    ),
  (a) =>
    Array.from({ length: a.rows }, (_, i) => Array.from(a.data.subarray(i * a.columns, (i + 1) * a.columns))),
);

/** A Float64Array, from an array of numbers. */
export const vectorOfNumbers = new t.Type<Float64Array, number[], unknown>(
  'VectorOfNumbers',
  (u): u is Float64Array => u instanceof Float64Array,
  (u, context) =>
    pipe(
      t.array(t.number).validate(u, context),
      E.map((xs) => Float64Array.from(xs)),
    ),
  (a) => Array.from(a),
);

/** Reads spec/reference/NAME.json, from the root of the project. Throws where it does not decode. */
export const readReference = <A>(name: string, codec: t.Type<A, unknown>): A => {
  const file = path.join('spec', 'reference', `${name}.json`);
  const decoded = codec.decode(JSON.parse(readFileSync(file, 'utf8')));
  if (E.isLeft(decoded)) throw new Error(`${file}: ${PathReporter.report(decoded).join('; ')}`);
  return decoded.right;
};
