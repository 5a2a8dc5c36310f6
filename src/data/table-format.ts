/**
 * Of which form is a file that holds a table? By the ending of its name, `.gz` aside; else by its first bytes. A new form is a row here,
 * and a reader in read-table.ts, which does not compile without one.
 */

/** What a form is known by. */
interface Form {
  /** Of names of files. */
  readonly endings: readonly string[];
  /** The first bytes, where they tell of it. */
  readonly begins?: readonly number[];
  /** Of lines of cells: the character between two cells, found in the text where it is left out. */
  readonly cells?: { readonly delimiter?: string };
}

const forms = {
  csv: { endings: ['csv', 'txt', 'dat', 'data'], cells: {} },
  tsv: { endings: ['tsv', 'tab'], cells: { delimiter: '\t' } },
  jsonl: { endings: ['jsonl', 'ndjson', 'json'], begins: [0x7b] },
  npy: { endings: ['npy'], begins: [0x93, 0x4e, 0x55, 0x4d] },
  npz: { endings: ['npz'], begins: [0x50, 0x4b, 3, 4] },
  parquet: { endings: ['parquet', 'pq'], begins: [0x50, 0x41, 0x52, 0x31] },
} satisfies Readonly<Record<string, Form>>;

/** A form that tables are read from, as users name it. */
export type TableFormat = keyof typeof forms;

/** The forms that tables are read from. */
export const tableFormats: Readonly<Record<TableFormat, Form>> = forms;

const spreadsheetForm: Form = {
  endings: ['xlsx', 'xls', 'xlsm', 'ods'],
  begins: [0xd0, 0xcf, 0x11, 0xe0],
};

type FoundFormat = TableFormat | 'spreadsheet';

const everyForm = Object.entries({ ...forms, spreadsheet: spreadsheetForm }) as readonly (readonly [
  FoundFormat,
  Form,
])[];

const endingOf = (name: string): string => {
  const lower = name.toLowerCase();
  const whole = lower.endsWith('.gz') ? lower.slice(0, -3) : lower;
  return whole.slice(whole.lastIndexOf('.') + 1);
};

const beginsWith = (bytes: Uint8Array, first: readonly number[]): boolean =>
  first.every((byte, i) => bytes[i] === byte);

/** Whether bytes begin as a gzip file does (RFC 1952). */
export const isGzip = (bytes: Uint8Array): boolean => beginsWith(bytes, [0x1f, 0x8b, 8]);

/** What archives of spreadsheets begin with, behind the 30 bytes of a ZIP entry: Excel's and OpenDocument's. */
const spreadsheetEntries = ['[Content_Types]', '_rels/', 'xl/', 'docProps/', 'mimetype'];

const isSpreadsheet = (bytes: Uint8Array): boolean =>
  spreadsheetEntries.some((name) =>
    beginsWith(
      bytes.subarray(30),
      Array.from(name, (letter) => letter.charCodeAt(0)),
    ),
  );

/** What the first bytes of a file say, where its name says nothing. */
const formatOfBytes = (bytes: Uint8Array): FoundFormat => {
  const [found = 'csv'] =
    everyForm.find(([, { begins }]) => begins !== undefined && beginsWith(bytes, begins)) ?? [];
  return found === 'npz' && isSpreadsheet(bytes) ? 'spreadsheet' : found;
};

/** The form of a file by its name and its first bytes. */
export const formatOf = (name: string, bytes: Uint8Array): FoundFormat => {
  const ending = endingOf(name);
  return everyForm.find(([, { endings }]) => endings.includes(ending))?.[0] ?? formatOfBytes(bytes);
};

/** Lines of cells: what is between two of them, where the form says it; undefined of a form that has no such lines. */
export const cellsOfForm = (format: FoundFormat): Form['cells'] =>
  format === 'spreadsheet' ? undefined : tableFormats[format].cells;

/** What is said of a spreadsheet. */
export const spreadsheet = {
  problem: 'this is a spreadsheet',
  remedy: 'Save the table as "CSV UTF-8" and give that file',
} as const;
