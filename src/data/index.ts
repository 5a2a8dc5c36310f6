/**
 * `batchgfn/tables`: from the text of a table to labelled points and a pool, as the command line reads them, and chosen rows back as they
 * are written. Nothing here touches a file: give the text, or bytes.
 */
export { withEmptyTarget, type EmptyTarget } from './empty-target.js';
export { labelledPool, type LabelledPool, type Points, type TableReading } from './labelled-pool.js';
export { parseTable, tableOfBytes } from './parse-table.js';
export { tableTextOf, type TableText, type TextForm } from './table-text.js';
export { chosenRows } from './table-writing.js';
export type { MissingPolicy } from './missing.js';
export { emptyCells, textAt, type Table, type TableColumn } from './table.js';
export type { TargetKind } from './target-cells.js';
