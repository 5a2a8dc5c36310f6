/**
 * Do the rows of a file of labels say what those rows of the session say? A file that was sorted, or whose numbers of rows are those of
 * another table, has labels that belong to other rows. A name is the session's or wrong; a number may be rounded by a spreadsheet.
 */
import { at } from '../at.js';
import { cellsOf } from '../data/column-cells.js';
import { columnNamed } from '../data/columns.js';
import { quoted } from '../data/read-number.js';
import { labelNotation } from '../data/target-cells.js';
import { numbersBy } from '../data/notation.js';
import { textAt, type Table } from '../data/table.js';
import type { Fault } from '../failure.js';
import type { SessionStart } from '../learning/session/events.js';
import { meantBy } from './formula-cells.js';
import { placesOf } from './row-words.js';

/** What of a session its rows are known by. */
export type KnownRows = Pick<SessionStart, 'rows' | 'features' | 'featureNames' | 'rowNames'>;

/** A row of a file: its index in the table, and the row of the session that it says it is. */
export type NamedRow = readonly [index: number, row: number];

/** A number differs where it is further away than this share of what the feature's numbers span. */
const ROUNDING = 0.01;

/** Faults of rows that have the number of one row and the name of another. */
export const faultsOfNames = (
  table: Table,
  known: Pick<KnownRows, 'rows' | 'rowNames'>,
  named: readonly NamedRow[],
): readonly Fault[] => {
  const { rowNames } = known;
  const column = rowNames === undefined ? undefined : columnNamed(table.headers, rowNames.column);
  if (rowNames === undefined || column === undefined) return [];
  const cells = cellsOf(table, column);
  const places = placesOf(known);
  return named.flatMap(([index, row]) => {
    const [said, name] = [textAt(cells, index).trim(), rowNames.texts[places.get(row) ?? -1]];
    return name === undefined || said === '' || meantBy(said, (text) => text === name) === name
      ? []
      : [
          {
            ...{ source: table.source, line: at(table.lines, index), column: column.name },
            problem: `row ${row} is named ${quoted(name)} in the session, and ${quoted(said)} here`,
            remedy: 'Give the number of the row that is meant, or take the column of numbers out',
          },
        ];
  });
};

/** Faults of rows that have another number for a feature than those of the session: one a row. */
export const faultsOfFeatures = (
  table: Table,
  known: KnownRows,
  named: readonly NamedRow[],
): readonly Fault[] => {
  const { features, featureNames } = known;
  const places = placesOf(known);
  const found = new Map<number, Fault>();
  for (const [j, name] of featureNames.entries()) {
    const column = columnNamed(table.headers, name);
    if (column === undefined) continue;
    const cells = cellsOf(table, column);
    const numbers = numbersBy(cells, labelNotation(cells)?.read);
    const own = features.map((row) => at(row, j));
    const [least, most] = own.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
    for (const [index, row] of named) {
      const place = places.get(row);
      const [said, kept] = [at(numbers, index), place === undefined ? NaN : at(own, place)];
      if (Math.abs(said - kept) > ROUNDING * (most - least) && !found.has(index))
        found.set(index, {
          ...{ source: table.source, line: at(table.lines, index), column: name },
          problem: `it is ${said} here, and ${kept} in the session's row ${row}`,
          remedy:
            'Give the number of the row that the label is of; where that is right, leave out the column of the feature',
        });
    }
  }
  return Array.from(found.values());
};
