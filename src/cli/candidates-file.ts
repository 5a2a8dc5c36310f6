/**
 * How do the candidates of a part of a pool travel? As an archive of NumPy, so that other programs can look at them:
 *
 *   features   float64 [M, d]   in the units of the tables
 *   rows       float64 [M]      the line of each in its part
 *   about      uint8            JSON: names of rows and features, other cells, of how many points of which parts, what is left out, and
 *                               the digest of what the session knew
 *
 * A session that has been told labels since chooses by another posterior, and does not take them.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import { parseJson } from '../data/json.js';
import type { NumberArray } from '../data/npy.js';
import { isZip, readAllNpz } from '../data/npz.js';
import { npzBytes } from '../data/npz-writing.js';
import { nonNegative, whole } from '../data/ranges.js';
import { inputFailure, type InputFailure } from '../failure.js';
import { type RowTexts, rowTextsCodec } from '../learning/session/events.js';
import type { Session } from '../learning/session/session.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { fileBytes } from '../data/file-bytes.js';
import { fileTrouble } from './file-trouble.js';
import { digestOf } from './session-digest.js';

const aboutCodec = t.readonly(
  t.intersection([
    t.type({
      version: t.literal(1),
      /** Of what the session knew. */
      session: t.string,
      featureNames: t.readonlyArray(t.string),
      names: t.readonlyArray(t.string),
      /** What was scanned: each part, how many rows it has, and how many of them could be chosen. */
      parts: t.readonlyArray(t.readonly(t.type({ part: t.string, rows: whole, pool: whole }))),
      batchSize: whole,
      /** The largest gain by itself, nats, of a point that was left out. */
      mostLeft: nonNegative,
    }),
    t.partial({
      /** Of each, the cells of columns that are neither features nor names, as they are written. */
      cells: t.readonlyArray(rowTextsCodec),
    }),
  ]),
);

/** What is said of candidates. */
export type AboutCandidates = t.TypeOf<typeof aboutCodec>;

/** The candidates of some parts. */
export interface PartCandidatesFile extends AboutCandidates {
  /** In its part, of each. */
  readonly rows: readonly number[];
  /** M×d. */
  readonly features: Matrix;
}

/** What a session knows, as a digest: what it began with, the rows that joined, and its labels. Candidates are by that. */
export const knowledgeOf = ({ origin, events, labels }: Session): string =>
  digestOf(
    JSON.stringify(origin),
    JSON.stringify(events.filter(({ event }) => event === 'added')),
    JSON.stringify([...labels].toSorted(([a], [b]) => a - b)),
  );

/** The bytes of a file of candidates. */
export const candidatesBytes = ({ rows, features, ...about }: PartCandidatesFile): Uint8Array => {
  const text = new TextEncoder().encode(JSON.stringify(about));
  return npzBytes({
    features: { shape: [features.rows, features.columns], data: features.data },
    rows: { shape: [rows.length], data: Float64Array.from(rows) },
    about: { shape: [text.length], data: text },
  });
};

/** The cells of several parts: of a column that a part lacks, its rows have empty ones. */
const cellsTogether = (all: readonly PartCandidatesFile[]): readonly RowTexts[] =>
  [...new Set(all.flatMap(({ cells = [] }) => cells.map(({ column }) => column)))].map((column) => ({
    column,
    texts: all.flatMap(
      ({ cells, names }) => cells?.find((own) => own.column === column)?.texts ?? names.map(() => ''),
    ),
  }));

/** The candidates of several parts as those of one. */
export const together = (
  first: PartCandidatesFile,
  rest: readonly PartCandidatesFile[],
): PartCandidatesFile => {
  const all = [first, ...rest];
  const data = new Float64Array(all.reduce((sum, { features }) => sum + features.data.length, 0));
  let to = 0;
  for (const { features } of all) {
    data.set(features.data, to);
    to += features.data.length;
  }
  const { columns } = first.features;
  return {
    ...first,
    names: all.flatMap(({ names }) => names),
    cells: cellsTogether(all),
    rows: all.flatMap(({ rows }) => rows),
    parts: all.flatMap(({ parts }) => parts),
    features: { rows: all.reduce((sum, { names }) => sum + names.length, 0), columns, data },
    mostLeft: Math.max(...all.map(({ mostLeft }) => mostLeft)),
    batchSize: Math.min(...all.map(({ batchSize: size }) => size)),
  };
};

const again = 'Write it again with batchgfn candidates';

const broken = (source: string, problem: string): InputFailure =>
  inputFailure({ source, problem, remedy: again });

const aboutOf = (source: string, { data }: NumberArray): E.Either<InputFailure, AboutCandidates> =>
  pipe(
    parseJson(new TextDecoder().decode(Uint8Array.from(data))),
    E.chain(({ value }) =>
      pipe(
        aboutCodec.decode(value),
        E.mapLeft(() => 'it is no file of candidates that this program knows'),
      ),
    ),
    E.mapLeft((problem) => broken(source, problem)),
  );

const candidatesOf = (
  source: string,
  arrays: ReadonlyMap<string, NumberArray>,
): E.Either<InputFailure, PartCandidatesFile> => {
  const [about, features, rows] = ['about', 'features', 'rows'].map((name) => arrays.get(name));
  if (about === undefined || features === undefined || rows === undefined)
    return E.left(broken(source, 'it is no file of candidates'));
  return pipe(
    aboutOf(source, about),
    E.chain((said) => {
      const [count = NaN, width = NaN] = features.shape;
      return features.shape.length === 2 &&
        width === said.featureNames.length &&
        said.names.length === count &&
        (said.cells ?? []).every(({ texts }) => texts.length === count) &&
        rows.data.length === count &&
        features.data.every(Number.isFinite)
        ? E.right({
            ...said,
            rows: Array.from(rows.data),
            features: { rows: count, columns: width, data: Float64Array.from(features.data) },
          })
        : E.left(broken(source, 'its arrays do not go together'));
    }),
  );
};

/** Reads a file of candidates. An InputFailure for what is none. */
export const readCandidates = (file: string): TE.TaskEither<InputFailure, PartCandidatesFile> =>
  pipe(
    TE.tryCatch(() => fileBytes(file), fileTrouble(file, 'read')),
    TE.filterOrElse(isZip, () => broken(file, 'it is no file of candidates')),
    TE.chain((bytes) => readAllNpz(file, bytes)),
    TE.chainEitherK((arrays) => candidatesOf(file, new Map(arrays))),
  );
