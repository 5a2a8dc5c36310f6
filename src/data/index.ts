/**
 * `batchgfn/tables`: from the text of a table to labelled points and a pool, as the command line reads them. Nothing here touches a
 * file: give the text, or bytes through {@link textReader}.
 */
export { textReader, type NoText, type TextReader } from './encoding.js';
export { withEmptyTarget, type EmptyTarget } from './empty-target.js';
export { labelledPool, type LabelledPool, type Points, type TableReading } from './labelled-pool.js';
export { parseTable } from './parse-table.js';
export { emptyCells, textAt, type Table, type TableColumn } from './table.js';
export type { TargetKind } from './target-cells.js';
