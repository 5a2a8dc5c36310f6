/** Which labels has a table, and which have some of its rows? Of one target, or of several, each with a list of its own. */
import { relativeDeviation } from '../../linear-algebra/deviation.js';
import { rowsAt } from '../../linear-algebra/matrix.js';
import type { LabelledRows, NamedTargets } from './experiment.js';

/** Some rows of a table, 0-based, with their labels. */
export const labelledRows = (table: LabelledRows, rows: readonly number[]): LabelledRows => {
  const some = (targets: Float64Array): Float64Array => Float64Array.from(rows, (row) => targets[row] ?? NaN);
  return {
    inputs: rowsAt(table.inputs, rows),
    targets: some(table.targets),
    ...(table.outputs === undefined
      ? {}
      : { outputs: table.outputs.map(({ target, targets }) => ({ target, targets: some(targets) })) }),
  };
};

/** The labels of each target, of one or of several. */
export const targetsOf = ({ targets, outputs }: LabelledRows): readonly Float64Array[] =>
  outputs?.map((output) => output.targets) ?? [targets];

/** The first of several targets whose labels are all the same: it has no deviation that an error could stand beside. */
export const stillTarget = ({ outputs = [] }: LabelledRows): NamedTargets | undefined =>
  outputs.find(({ targets }) => relativeDeviation(targets).deviation === 0);
