/** How does a table read on a terminal? Lines with columns as wide as their widest cell, two spaces between them. */

/** Where a cell stands in its column. */
export type Alignment = 'left' | 'right';

/** Rows of cells as lines, each indented by two spaces. */
export const textTable = (
  rows: readonly (readonly string[])[],
  alignment: (column: number) => Alignment,
): string => {
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
