/** Which cells has a column, what is it called in messages, and which different texts does it hold? */
import { ordered } from './levels.js';
import { shortened } from './read-number.js';
import type { Column } from './columns.js';
import type { Table, TableColumn } from './table.js';

const noCells: TableColumn = { _tag: 'Coded', texts: [''], codes: new Uint16Array(0) };

/** The cells of a column. */
export const cellsOf = (table: Table, { index }: Column): TableColumn => table.columns[index] ?? noCells;

/** The column as messages name it: its header, or its 1-based position where it has none. */
export const columnLabel = ({ name, index }: Column): string | number =>
  name === '' ? index + 1 : shortened(name);

/** Where the names of columns stand. */
export const atHeader = ({
  source,
  headerLine,
}: Table): { readonly source: string; readonly line?: number } =>
  headerLine < 0 ? { source } : { source, line: headerLine };

/**
 * The different texts of a column of few texts, without white space around them and those that say nothing, in order; undefined of
 * a column of many.
 */
export const textLevels = (
  cells: TableColumn,
  isMissing: (text: string) => boolean,
): readonly string[] | undefined =>
  cells._tag === 'Coded'
    ? ordered(
        Array.from(
          new Set(cells.texts.map((text) => text.trim()).filter((text) => text !== '' && !isMissing(text))),
        ),
      )
    : undefined;
