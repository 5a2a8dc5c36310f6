/** Of which form is a file that holds a table? By the ending of its name, `.gz` aside; else by its first bytes. */

/** The forms that tables are read from, as users name them. */
export const tableFormats = ['csv', 'tsv', 'jsonl', 'npy', 'npz', 'parquet'] as const;

/** A form of a table. */
export type TableFormat = (typeof tableFormats)[number];

/** The forms whose rows have no lines: they are counted from 0. */
export const isArrayFormat = (format: TableFormat): format is 'npy' | 'npz' | 'parquet' =>
  format === 'npy' || format === 'npz' || format === 'parquet';

const endings: ReadonlyMap<string, TableFormat | 'spreadsheet'> = new Map([
  ...(['csv', 'txt', 'dat', 'data'] as const).map((ending) => [ending, 'csv'] as const),
  ...(['tsv', 'tab'] as const).map((ending) => [ending, 'tsv'] as const),
  ...(['jsonl', 'ndjson', 'json'] as const).map((ending) => [ending, 'jsonl'] as const),
  ...(['npy', 'npz', 'parquet'] as const).map((ending) => [ending, ending] as const),
  ['pq', 'parquet'] as const,
  ...(['xlsx', 'xls', 'xlsm', 'ods'] as const).map((ending) => [ending, 'spreadsheet'] as const),
]);

const endingOf = (name: string): string => {
  const lower = name.toLowerCase();
  const whole = lower.endsWith('.gz') ? lower.slice(0, -3) : lower;
  return whole.slice(whole.lastIndexOf('.') + 1);
};

const beginsWith = (bytes: Uint8Array, ...first: readonly number[]): boolean =>
  first.every((byte, i) => bytes[i] === byte);

/** Whether bytes begin as a gzip file does (RFC 1952). */
export const isGzip = (bytes: Uint8Array): boolean => beginsWith(bytes, 0x1f, 0x8b, 8);

/** What archives of spreadsheets begin with, behind the 30 bytes of a ZIP entry: Excel's and OpenDocument's. */
const spreadsheetEntries = ['[Content_Types]', '_rels/', 'xl/', 'docProps/', 'mimetype'];

const isSpreadsheet = (bytes: Uint8Array): boolean =>
  spreadsheetEntries.some((name) =>
    beginsWith(bytes.subarray(30), ...Array.from(name, (letter) => letter.charCodeAt(0))),
  );

/** What the first bytes of a file say, where its name says nothing. */
const formatOfBytes = (bytes: Uint8Array): TableFormat | 'spreadsheet' => {
  if (beginsWith(bytes, 0x93, 0x4e, 0x55, 0x4d)) return 'npy';
  if (beginsWith(bytes, 0x50, 0x4b, 3, 4)) return isSpreadsheet(bytes) ? 'spreadsheet' : 'npz';
  if (beginsWith(bytes, 0x50, 0x41, 0x52, 0x31)) return 'parquet';
  if (beginsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0)) return 'spreadsheet';
  return beginsWith(bytes, 0x7b) ? 'jsonl' : 'csv';
};

/** The form of a file by its name and its first bytes. */
export const formatOf = (name: string, bytes: Uint8Array): TableFormat | 'spreadsheet' =>
  endings.get(endingOf(name)) ?? formatOfBytes(bytes);

/** What is said of a spreadsheet. */
export const spreadsheet = {
  problem: 'this is a spreadsheet',
  remedy: 'Save the table as "CSV UTF-8" and give that file',
} as const;
