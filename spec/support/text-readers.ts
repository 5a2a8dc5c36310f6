/** Everything that reads text which somebody brings, as functions of the text alone; and texts to read. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { samplersMarkdown } from '../../src/bench/samplers/markdown.js';
import { samplerRecordOfLine } from '../../src/bench/samplers/record.js';
import { decodeWord, nameList } from '../../src/cli/decoders.js';
import { labelsOfTable, labelsOfTargets } from '../../src/cli/label-file.js';
import { dateReaderOf } from '../../src/data/calendar.js';
import { classNamed } from '../../src/data/class-names.js';
import { findColumns } from '../../src/data/columns.js';
import { hasPoint, pointed } from '../../src/data/decimal-comma.js';
import { jsonLinesReader } from '../../src/data/json-lines.js';
import { labelledPool, labelledRows, type TableReading } from '../../src/data/labelled-pool.js';
import type { ReadOptions } from '../../src/data/table-reader.js';
import type { TargetKind } from '../../src/data/target-cells.js';
import { meansMissing } from '../../src/data/missing.js';
import { nearestName } from '../../src/data/nearest-name.js';
import { notationOf } from '../../src/data/notation.js';
import { numberRowsReader } from '../../src/data/number-rows.js';
import { parseTable } from '../../src/data/parse-table.js';
import { looksNumeric, numberRemedy, quoted, readNumber } from '../../src/data/read-number.js';
import { type InputFailure, showFailure } from '../../src/failure.js';
import { decodeLines } from '../../src/learning/decoding.js';
import { mergeRecords } from '../../src/learning/experiment/merge.js';
import { summaryOfRun } from '../../src/learning/experiment/summary.js';
import { readRunRecords } from '../../src/learning/run-records.js';
import { comparableGrids } from '../../src/report/run-report.js';
import { summaryOfRuns } from '../../src/report/run-summary.js';

/** A session of two rows, as a file of labels is read for. */
const known = { targetName: 'y', rows: [2, 3], features: [[1], [2]], featureNames: ['b'] };

const pool =
  (kind: TargetKind, reading: Omit<TableReading, 'target'> = {}, options: ReadOptions = {}) =>
  (text: string) =>
    pipe(
      parseTable('t.csv', text, options),
      E.chain((table) => labelledPool(table, { target: 'y', ...reading }, kind)),
      E.mapLeft(showFailure),
    );

const fed = <A>(
  reader: {
    readonly feed: (text: string) => E.Either<InputFailure, void>;
    readonly finish: () => E.Either<InputFailure, A>;
  },
  text: string,
) => pipe(reader.feed(text), E.chain(reader.finish));

/** Readers by name. None may throw, and none may take more than a step or a few for each character. */
export const textReaders: Readonly<Record<string, (text: string) => unknown>> = {
  number: (text) => [readNumber(text), looksNumeric(text), numberRemedy(text), quoted(text)],
  'nearest name': (text) => [
    nearestName(text, ['sound_level', text]),
    nearestName('sound_levl', text.split(',')),
    nearestName(text, [`${text}x`]),
  ],
  'class name': (text) =>
    pipe(
      text,
      classNamed(['oak', 'elm', `${text}.`]),
      E.mapLeft((fault) => fault()),
    ),
  table: pool('numbers'),
  'table with gaps': pool('numbers', { missing: 'median' }),
  'table without rows that have gaps': pool('numbers', { missing: 'drop', id: 'a' }),
  'table with decimal commas': pool('numbers', { missing: 'median' }, { decimal: ',' }),
  'table of kinds and flags': pool('numbers', { categorical: ['a'], exclude: 'b', missing: 'drop' }),
  'table of dates': pool('classes', { dates: ['a'], only: 'b', missing: 'median' }),
  'lines of JSON': (text) =>
    pipe(
      fed(jsonLinesReader('t.jsonl'), text),
      E.chain((table) => labelledPool(table, { target: 'y', missing: 'median' }, 'numbers')),
      E.mapLeft(showFailure),
    ),
  'lines of numbers': (text) => pipe(fed(numberRowsReader('t.csv'), text), E.mapLeft(showFailure)),
  'texts of cells': (text) => [
    pointed(text),
    hasPoint(text),
    dateReaderOf([text]),
    dateReaderOf(text.split(',')),
    notationOf(text.split(';'), false),
    meansMissing(text, 'numbers'),
    decodeWord(nameList)(text),
  ],
  'labels by names': (text) =>
    pipe(
      parseTable('t.csv', text),
      E.chain((table) => labelsOfTable(table, { ...known, rowNames: { column: 'a', texts: ['1', 'x'] } })),
      E.mapLeft(showFailure),
    ),
  'table of classes': pool('classes'),
  'table of given classes': pool({ classes: ['oak', 'elm'] }),
  'labelled rows': (text) =>
    pipe(
      parseTable('t.csv', text),
      E.chain((table) => labelledRows(table, { target: table.headers[0] ?? '' }, 'classes')),
    ),
  columns: (text) =>
    pipe(
      parseTable('t.csv', text),
      E.chain((table) => findColumns(table, { target: text, features: text.split(',') })),
      E.mapLeft(showFailure),
    ),
  'other delimiter': (text) => parseTable('t.csv', text, { delimiter: '|' }),
  labels: (text) =>
    pipe(
      parseTable('t.csv', text),
      E.chain((table) => labelsOfTable(table, known)),
      E.mapLeft(showFailure),
    ),
  'labels of several targets': (text) =>
    pipe(
      parseTable('t.csv', text),
      E.chain((table) =>
        labelsOfTargets(table, { ...known, furtherTargets: [{ targetName: 'z', labels: [] }] }, undefined),
      ),
      E.mapLeft(showFailure),
    ),
  'labels of classes': (text) =>
    pipe(
      parseTable('t.csv', text),
      E.chain((table) => labelsOfTable(table, { ...known, classNames: ['oak', 'elm'] })),
      E.mapLeft(showFailure),
    ),
  records: (text) =>
    pipe(
      readRunRecords('r.jsonl', text),
      E.map((records) => [
        mergeRecords(records),
        summaryOfRun(records),
        comparableGrids('r.jsonl', records),
        summaryOfRuns(records),
      ]),
      E.mapLeft(showFailure),
    ),
  'sampler records': (text) =>
    pipe(
      decodeLines('s.jsonl', text.split('\n'), samplerRecordOfLine, 'Remove the line'),
      E.map((entries) => samplersMarkdown(entries.map(({ value }) => value))),
      E.mapLeft(showFailure),
    ),
};
