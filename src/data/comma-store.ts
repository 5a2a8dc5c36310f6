/**
 * How does a column with decimal commas grow? As any other, its numbers put into the notation with a decimal point first; and it
 * remembers whether a cell had a decimal point already, for then nobody can tell what 1.234 is. Nor can anybody where semicolons
 * stand between cells, and each number with a point has three digits behind it.
 */
import type { ColumnStore } from './column-store.js';
import { type DecimalMark, hasPoint, mayBePointed, pointed } from './decimal-comma.js';
import { withoutThousands } from './notation.js';

/** A column that grows, and a number of either notation where it has both. */
export interface CommaStore extends ColumnStore {
  readonly clash: () => readonly [comma: string, point: string] | undefined;
  /** A cell of a column whose points may all stand between thousands. */
  readonly doubtful: () => string | undefined;
}

/** A column whose decimal mark is a point; `unsure` where the table may have commas. */
const pointStore = (store: ColumnStore, unsure: boolean): CommaStore => {
  let first: string | undefined;
  let looked = unsure;
  return {
    ...store,
    add: (text, start, end) => {
      store.add(text, start, end);
      if (!looked || !mayBePointed(text, start, end)) return;
      const cell = text.slice(start, end).trim();
      if (!cell.includes('.')) return;
      looked = withoutThousands(cell, '.', ',') !== undefined;
      first = looked ? (first ?? cell) : undefined;
    },
    clash: () => undefined,
    doubtful: () => first,
  };
};

/** A column whose numbers have this decimal mark. */
export const commaStore = (store: ColumnStore, decimal: DecimalMark, unsure = false): CommaStore => {
  if (decimal === '.') return pointStore(store, unsure);
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
    doubtful: () => undefined,
  };
};

/** What is noted of a table where points may stand between thousands. */
export const doubts = (
  names: readonly string[],
  columns: readonly CommaStore[],
): { readonly notes?: readonly string[] } => {
  const found = columns.flatMap(({ doubtful }, c) => {
    const cell = doubtful();
    return cell === undefined ? [] : [`${names[c] || c + 1} (${cell})`];
  });
  if (found.length === 0) return {};
  const shown = `${found.slice(0, 3).join(', ')}${found.length > 3 ? `, and ${found.length - 3} more` : ''}`;
  return {
    notes: [`the point was read as a decimal one in ${shown} (--decimal , says that it separates thousands)`],
  };
};
