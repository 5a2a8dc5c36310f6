/** Tables in a text of Markdown. */
import * as assert from 'uvu/assert';

/** That every table has as many cells in each of its rows. */
export const evenTables = (text: string): void => {
  for (const table of text.split('\n\n').filter((part) => part.startsWith('|'))) {
    const rows = table.trim().split('\n');
    assert.is(new Set(rows.map((line) => line.split(' | ').length)).size, 1);
  }
};
