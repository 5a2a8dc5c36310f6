/**
 * How does a column with decimal commas grow? As any other, its numbers put into the notation with a decimal point first; and it
 * remembers whether a cell had a decimal point already, for then nobody can tell what 1.234 is. Nor can anybody where semicolons
 * stand between cells, and each number with a point has three digits behind it.
 */
import type { ColumnStore } from './column-store.js';
import { type DecimalMark, hasPoint, isThousandOrFraction, mayBePointed, pointed } from './decimal-comma.js';
import { withoutThousands } from './notation.js';
import type { Table } from './table.js';

/** A column that grows, and a number of either notation where it has both. */
export interface CommaStore extends ColumnStore {
  readonly clash: () => readonly [comma: string, point: string] | undefined;
  /** A cell of a column whose points may all stand between thousands, or all be decimal ones. */
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
  let thousand: string | undefined;
  let isSettled = false;
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
      if (unsure && !isSettled && number !== undefined) {
        if (isThousandOrFraction(cell.trim())) thousand ??= cell.trim();
        else isSettled = cell.includes(',') || cell.includes('.');
      }
      const kept = number ?? cell;
      store.add(kept, 0, kept.length);
    },
    clash: () => (comma === undefined || point === undefined ? undefined : [comma, point]),
    doubtful: () => (isSettled ? undefined : thousand),
  };
};

/** What there is to say of a table whose points may be decimal ones or stand between thousands, read as the mark says. */
export const doubts = (
  decimal: DecimalMark,
  names: readonly string[],
  columns: readonly CommaStore[],
): Pick<Table, 'notes' | 'unsettled'> => {
  const unsettled = columns.flatMap(({ doubtful }, c) => {
    const cell = doubtful();
    return cell === undefined
      ? []
      : [
          {
            column: names[c] || String(c + 1),
            cell,
            readAs: decimal === '.' ? ('decimal' as const) : ('thousands' as const),
          },
        ];
  });
  if (unsettled.length === 0) return {};
  const some = unsettled.slice(0, 3).map(({ column, cell }) => `${column} (${cell})`);
  const shown = `${some.join(', ')}${unsettled.length > 3 ? `, and ${unsettled.length - 3} more` : ''}`;
  const note =
    decimal === '.'
      ? `the point was read as a decimal one in ${shown} (--decimal , says that it separates thousands)`
      : `the point was read as separating thousands in ${shown} (--decimal . says that it is a decimal one)`;
  return { unsettled, notes: [note] };
};
