/** What is the target of a table that has none yet? A column behind its own in which every cell is empty: labels will stand there. */
import type { Table } from './table.js';

/** A table with such a column, and the column's name: `label`, or one like it that no other column has. */
export interface EmptyTarget {
  readonly table: Table;
  readonly target: string;
}

/** The table with a target in which no row has a label. */
export const withEmptyTarget = (table: Table): EmptyTarget => {
  const target = table.headers.includes('label') ? 'batchgfn_label' : 'label';
  return {
    target,
    table: {
      ...table,
      headers: [...table.headers, target],
      columns: [...table.columns, { _tag: 'Coded', texts: [''], codes: new Uint16Array(table.lines.length) }],
    },
  };
};
