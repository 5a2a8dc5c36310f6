/**
 * The batch of a table, as `batchgfn select FILE -t COLUMN -a gflownet` chooses it: the same reading, the same surrogate, the same
 * proposal, and rows that are written in the same way. The table stays in the page.
 */
import { proposeBatch, showFailure, type Engine, type Failure } from 'batchgfn';
import { fitForBatch, standInRemarks, strategyGiven, type BatchSurrogate } from 'batchgfn/learning';
import { chosenRows, emptyCells, labelledPool, tableOfBytes, tableTextOf } from 'batchgfn/tables';
import type { EngineName, TableBatch, TableHead, TableRequest } from '../protocol.js';
import { valueOf } from './problem.js';

/** Batches drawn, of select. */
const draws = 256;

/** The surrogates of select. */
const surrogates: Readonly<Record<TableRequest['task'], (seed: number) => BatchSurrogate>> = {
  regression: (seed) => ({ kind: 'bayesian-linear', featureMap: { kind: 'fourier', count: 128, seed } }),
  classes: (seed) => ({
    kind: 'gaussian-process-classes',
    kernel: { kind: 'matern52', lengthScales: 'shared' },
    ...{ seed, draws: 64 },
  }),
};

const failed = (source: string, problem: string, remedy: string): Error =>
  new Error(showFailure({ _tag: 'InputFailure', faults: [{ source, problem, remedy }] } satisfies Failure));

/** What a table is like. Throws with the words of what is wrong with it. */
export const headOf = ({ name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): TableHead => {
  const { headers, lines, columns } = valueOf(tableOfBytes(name, bytes));
  return {
    columns: headers,
    rows: lines.length,
    candidates: headers.filter((_, i) => {
      const column = columns[i];
      return column !== undefined && emptyCells(column).includes(1);
    }),
  };
};

/** The rows of a table as they are taken for labels, features and the pool. */
const readRows = ({ name, bytes, target, task, drop, missing, batchSize }: TableRequest) => {
  if (target === undefined) throw failed('target', 'no column is named', 'Choose the column of labels');
  const read = valueOf(
    labelledPool(
      valueOf(tableOfBytes(name, bytes)),
      { target, missing, ...(drop.length === 0 ? {} : { drop }) },
      task === 'classes' ? 'classes' : 'numbers',
    ),
  );
  const { length } = read.pool.places;
  if (batchSize > length)
    throw failed(
      'batch size',
      `a batch of ${batchSize} is larger than the pool of ${length} unlabelled points`,
      `Give at most ${length}, or a larger pool`,
    );
  return read;
};

/** The batch of a table. Throws with the words that the command line has for what is wrong. */
export const batchOfTable = async (
  request: TableRequest,
  engineOf: (name: EngineName) => Promise<Engine>,
): Promise<TableBatch> => {
  const { batchSize, seed, task } = request;
  const { labelled, pool, targetName, remarks } = readRows(request);
  const rows = { inputs: labelled.features, targets: labelled.targets, pool: pool.features };
  const fitted = valueOf(await fitForBatch(surrogates[task](seed), rows)());
  const posterior = valueOf(await fitted.posterior(pool.features)());
  const engine = await engineOf(request.engine);
  const beginning = { coldStart: fitted.coldStart, ofClasses: task === 'classes' };
  const options = { ...strategyGiven('gflownet', {}, beginning), batchSize, seed, draws };
  const { best, greedy, informationBound } = valueOf(await proposeBatch(engine, posterior, options)());
  const lines = best.indices.map((n) => pool.lines[n] ?? NaN).sort((a, b) => a - b);
  const text = valueOf(chosenRows(valueOf(tableTextOf(request.name, request.bytes)), lines, targetName));
  return {
    ...{ rows: lines, text, remarks: [...remarks, ...standInRemarks('gflownet', beginning)] },
    ...{ labelled: labelled.places.length, pool: pool.places.length, engine: engine.description },
    ...{ information: best.jointMutualInformation, greedy: greedy.jointMutualInformation },
    share: informationBound?.share,
  };
};
