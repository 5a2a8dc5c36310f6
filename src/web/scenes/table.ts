/** Scene 7: a table of the reader's own. It stays in the page; the same seed gives the rows that `select -a gflownet` gives. */
import type { LaterActions } from '../actions.js';
import { button, choice, figures, scene, tick, trouble, typed } from '../controls.js';
import { told } from '../plot.js';
import type { TableBatch, TableHead } from '../protocol.js';
import type { State, TableSeen } from '../state.js';
import { h, type Drawn, type Shown } from '../view.js';

const quoted = (word: string): string =>
  /^[\w./][\w./-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** A list of names as the command line takes it. */
const listed = (names: readonly string[]): string =>
  names.map((name) => (/[,"]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(',');

const command = (
  { name, target = '', task, drop, missing, batchSize, seed }: TableSeen,
  engine: string,
): string => {
  const option = (words: string, value: string, usual: string): string =>
    value === usual ? '' : ` --${words} ${quoted(value)}`;
  return [
    `batchgfn select ${quoted(name.startsWith('-') ? `./${name}` : name)} -t ${quoted(target)} -b ${batchSize} -a gflownet`,
    option('task', task, 'regression'),
    option('drop', listed(drop), ''),
    option('missing', missing, 'error'),
    option('seed', String(seed), '0'),
    option('engine', engine, 'auto'),
  ].join('');
};

const chosen = (table: TableSeen, batch: TableBatch, engine: string): readonly Shown[] => {
  const { information, share } = batch;
  return [
    figures([
      ['table-information', 'together', `${told(information)} nats`],
      ['table-greedy', 'greedy', `${told(batch.greedy)} nats`],
      ['table-counts', 'rows', `${batch.labelled} labelled, ${batch.pool} in the pool`],
      ['table-engine', 'engine', batch.engine],
      ...(share === undefined
        ? []
        : [['table-share', 'of what posterior draws can tell', `${told(100 * share)}%`] as const]),
    ]),
    h(
      'p',
      { class: 'note' },
      'Label these rows next (lines of the file): ',
      h('strong', { id: 'table-rows' }, batch.rows.join(', ')),
    ),
    h('pre', { class: 'rows', tabindex: 0, 'aria-label': 'The chosen rows' }, batch.text.trimEnd()),
    h(
      'p',
      { class: 'note' },
      h('a', { id: 'download', href: table.download, download: `batch-of-${table.name}` }, 'Download them'),
      ' as the file is written, to be filled in.',
    ),
    h(
      'p',
      { class: 'note' },
      'The same on the command line: ',
      h('code', { id: 'table-command' }, command(table, engine)),
    ),
    ...batch.remarks.map((remark) => h('p', { class: 'note remark' }, remark)),
  ];
};

const fileOf = (list: FileList | null | undefined): File | undefined => list?.[0] ?? undefined;

const place = ({ open }: LaterActions, table: TableSeen | undefined): Drawn =>
  h(
    'div',
    {
      class: 'drop',
      id: 'drop',
      ondragover: (event: DragEvent) => event.preventDefault(),
      ondrop: (event: DragEvent) => {
        event.preventDefault();
        const file = fileOf(event.dataTransfer?.files);
        if (file !== undefined) open(file);
      },
    },
    h(
      'label',
      { class: 'control' },
      h(
        'span',
        {},
        table === undefined
          ? 'Drop a CSV here, or choose one'
          : `${table.name}${table.head === undefined ? '' : `: ${table.head.rows} rows`}`,
      ),
      h('input', {
        ...{ id: 'file', type: 'file', accept: '.csv,.tsv,.txt,text/csv' },
        onchange: (event: Event) => {
          const input = event.currentTarget as HTMLInputElement;
          const file = fileOf(input.files);
          if (file !== undefined) open(file);
          // The same file, mended, may be chosen again.
          input.value = '';
        },
      }),
    ),
  );

/** The columns that are passed over. */
const dropped = ({ drop, target }: TableSeen, { columns }: TableHead, { setTable }: LaterActions): Drawn =>
  h(
    'details',
    { id: 'table-drop', key: 'drop' },
    h('summary', {}, `Columns passed over: ${drop.join(', ') || 'none'}`),
    columns.map((name, i) =>
      name === '' || name === target
        ? undefined
        : tick(`table-drop-${i}`, name, drop.includes(name), (checked) =>
            setTable({ drop: [...drop.filter((other) => other !== name), ...(checked ? [name] : [])] }),
          ),
    ),
  );

const controlsOf = (table: TableSeen, head: TableHead, actions: LaterActions): Drawn =>
  h(
    'div',
    { class: 'controls' },
    choice(
      'table-target',
      'Column of labels',
      [
        ['', '—'] as const,
        ...head.columns.map(
          (name) => [name, head.candidates.includes(name) ? `${name} (has gaps)` : name] as const,
        ),
      ],
      table.target ?? '',
      (target) =>
        actions.setTable({
          target: target === '' ? undefined : target,
          drop: table.drop.filter((name) => name !== target),
        }),
    ),
    choice(
      'table-task',
      'Labels are',
      [
        ['regression', 'numbers'],
        ['classes', 'classes'],
      ],
      table.task,
      (task) => actions.setTable({ task }),
    ),
    choice(
      'table-missing',
      'Where a feature is missing',
      [
        ['error', 'say so'],
        ['drop', 'leave the row out'],
        ['median', 'put the median'],
      ],
      table.missing,
      (missing) => actions.setTable({ missing }),
    ),
    typed('table-batch-size', 'Batch size', [1, 1000], table.batchSize, (batchSize) =>
      actions.setTable({ batchSize }),
    ),
    typed('table-seed', 'Seed', [0, 2 ** 32 - 1], table.seed, (seed) => actions.setTable({ seed })),
    dropped(table, head, actions),
    button('choose-rows', table.busy ? 'Choosing …' : 'Choose the batch', actions.chooseRows, table.busy),
  );

/** The scene. */
export const tableScene = (state: State, actions: LaterActions): Drawn => {
  const { table, settings } = state;
  const head = table?.head;
  return scene(
    'table',
    '7 · Your data',
    [
      place(actions, table),
      table === undefined || head === undefined ? undefined : controlsOf(table, head, actions),
      trouble(state.failures.table),
      ...(table?.batch === undefined ? [] : chosen(table, table.batch, settings.engine)),
    ],
    [
      'Rows whose label is empty are the pool, the others are what is known; the file is read here and goes nowhere.',
      'The batch is that of select -a gflownet with the same seed and engine, but where rows tell exactly as much: the sine of a browser may differ in its last digit.',
      'What is wrong with a file is said in the words of the command line.',
    ],
  );
};
