/** What is known after some batches of an experiment were labelled? The surrogate fitted on all labels, and the rows left. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { clock } from '../../clock.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { rowsAt } from '../../linear-algebra/matrix.js';
import type { WorkControl } from '../../work.js';
import type { FittedSurrogate } from '../../surrogate/surrogate.js';
import { fitChosen } from '../fit-for-batch.js';
import type { Experiment, LabelledRows, SplitData } from './experiment.js';

/** Rows are 0-based, in the experiment's table. */
export interface State {
  /** In the order in which they were labelled. */
  readonly labelled: readonly number[];
  /** Those that may be asked for, in the order of the pool. */
  readonly left: readonly number[];
  readonly fitted: FittedSurrogate;
  readonly fitSeconds: number;
}

/** Some rows of the table with their labels. */
export const labelledRows = ({ table }: SplitData, rows: readonly number[]): LabelledRows => ({
  inputs: rowsAt(table.inputs, rows),
  targets: Float64Array.from(rows, (row) => table.targets[row] ?? NaN),
});

/**
 * The state after batches of the pool; networks are trained on the engine. `control` watches and stops the fit. Fails as the
 * surrogate does.
 */
export const stateAfter = (
  engine: Engine,
  { surrogate }: Experiment,
  data: SplitData,
  batches: readonly (readonly number[])[],
  control?: WorkControl,
): TE.TaskEither<Failure, State> => {
  const taken = new Set(batches.flat());
  const labelled = [...data.labelled, ...batches.flat()];
  const left = data.pool.filter((row) => !taken.has(row));
  const rows = { ...labelledRows(data, labelled), pool: rowsAt(data.table.inputs, left) };
  return pipe(
    TE.fromIO<number, Failure>(clock),
    TE.bindTo('started'),
    TE.bind('fitted', () => fitChosen(surrogate, rows, { engine, control })),
    TE.map(({ fitted, started }) => ({ labelled, left, fitted, fitSeconds: clock() - started })),
  );
};
