/**
 * The batch of a table, as `batchgfn select FILE -t COLUMN` chooses it: the same reading, the same surrogate, the same proposal. The
 * table stays in the page.
 */
import { proposeBatch, showFailure, type Engine, type Failure } from 'batchgfn';
import { fitForBatch } from 'batchgfn/learning';
import { emptyCells, labelledPool, parseTable, textAt, textReader, type Table } from 'batchgfn/tables';
import type { EngineName, TableBatch, TableHead, TableRequest } from '../protocol.js';
import { valueOf } from './problem.js';

/** Of select: Fourier features, and batches drawn. */
const fourierFeatures = 128;
const draws = 256;

const failed = (source: string, problem: string, remedy: string): Error =>
  new Error(showFailure({ _tag: 'InputFailure', faults: [{ source, problem, remedy }] } satisfies Failure));

const tableOf = (name: string, bytes: Uint8Array): Table => {
  const reader = textReader();
  const texts = [reader.decode(bytes), reader.finish()].map((text) => {
    if (text._tag === 'Left') throw failed(name, text.left.problem, text.left.remedy);
    return text.right;
  });
  return valueOf(parseTable(name, texts.join('')));
};

/** What a table is like. Throws with the words of what is wrong with it. */
export const headOf = ({ name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): TableHead => {
  const { headers, lines, columns } = tableOf(name, bytes);
  return {
    columns: headers,
    rows: lines.length,
    candidates: headers.filter((_, i) => {
      const column = columns[i];
      return column !== undefined && emptyCells(column).includes(1);
    }),
  };
};

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const csvOf = ({ headers, columns }: Table, places: readonly number[]): string =>
  [headers, ...places.map((row) => columns.map((column) => textAt(column, row)))]
    .map((cells) => `${cells.map(quoted).join(',')}\n`)
    .join('');

/** The batch of a table. Throws with the words that the command line has for what is wrong. */
export const batchOfTable = async (
  { name, bytes, target, batchSize, seed, engine: engineName }: TableRequest,
  engineOf: (name: EngineName) => Promise<Engine>,
): Promise<TableBatch> => {
  const table = tableOf(name, bytes);
  if (target === undefined) throw failed('target', 'no column is named', 'Choose the column of labels');
  const read = valueOf(labelledPool(table, { target }));
  const { labelled, pool } = read;
  if (batchSize > pool.places.length)
    throw failed(
      'batch size',
      `a batch of ${batchSize} is larger than the pool of ${pool.places.length} unlabelled points`,
      `Give at most ${pool.places.length}, or a larger pool`,
    );
  const surrogate = {
    kind: 'bayesian-linear',
    featureMap: { kind: 'fourier', count: fourierFeatures, seed },
  } as const;
  const rows = { inputs: labelled.features, targets: labelled.targets, pool: pool.features };
  const fitted = valueOf(await fitForBatch(surrogate, rows)());
  const posterior = valueOf(await fitted.posterior(pool.features)());
  const engine = await engineOf(engineName);
  const { best, greedy } = valueOf(await proposeBatch(engine, posterior, { batchSize, seed, draws })());
  const chosen = best.indices.toSorted((a, b) => a - b);
  return {
    ...{ targetName: read.targetName, featureNames: read.featureNames, remarks: read.remarks },
    ...{ labelled: labelled.places.length, pool: pool.places.length, engine: engine.description },
    ...{ information: best.jointMutualInformation, greedy: greedy.jointMutualInformation },
    rows: chosen.map((n) => pool.lines[n] ?? NaN),
    csv: csvOf(
      table,
      chosen.map((n) => pool.places[n] ?? -1),
    ),
  };
};
