/**
 * How does a column with decimal commas grow? As any other, its numbers put into the notation with a decimal point first; and it
 * remembers whether a cell had a decimal point already, for then nobody can tell what 1.234 is.
 */
import type { ColumnStore } from './column-store.js';
import { type DecimalMark, hasPoint, mayBePointed, pointed } from './decimal-comma.js';

/** A column that grows, and a number of either notation where it has both. */
export interface CommaStore extends ColumnStore {
  readonly clash: () => readonly [comma: string, point: string] | undefined;
}

/** A column whose numbers have this decimal mark. */
export const commaStore = (store: ColumnStore, decimal: DecimalMark): CommaStore => {
  if (decimal === '.') return { ...store, clash: () => undefined };
  let comma: string | undefined;
  let point: string | undefined;
  return {
    ...store,
    add: (text, start, end) => {
      if (!mayBePointed(text, start, end)) {
        store.add(text, start, end);
        return;
      }
      const cell = text.slice(start, end);
      const number = pointed(cell);
      if (number !== undefined) comma ??= cell;
      else if (point === undefined && hasPoint(cell)) point = cell;
      const kept = number ?? cell;
      store.add(kept, 0, kept.length);
    },
    clash: () => (comma === undefined || point === undefined ? undefined : [comma, point]),
  };
};
