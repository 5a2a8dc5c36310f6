/** How does a table read on a terminal? Lines with columns as wide as their widest cell, two spaces between them. */

import { at } from '../at.js';
import { printableLine } from '../printable.js';

/** Where a cell stands in its column. */
export type Alignment = 'left' | 'right';

/** Rows of cells as lines, each indented by two spaces. What a terminal must not see is escaped. */
export const textTable = (
  raw: readonly (readonly string[])[],
  alignment: (column: number) => Alignment,
): string => {
  const rows = raw.map((cells) => cells.map(printableLine));
  const widths = (rows[0] ?? []).map((_, j) => Math.max(...rows.map((cells) => cells[j]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, j) =>
          alignment(j) === 'left' ? cell.padEnd(at(widths, j)) : cell.padStart(at(widths, j)),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}\n`)
    .join('');
};
