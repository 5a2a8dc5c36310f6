/** How does a table read on a terminal? Lines with columns as wide as their widest cell, two spaces between them. */

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
          alignment(j) === 'left' ? cell.padEnd(widths[j] ?? 0) : cell.padStart(widths[j] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}\n`)
    .join('');
};
