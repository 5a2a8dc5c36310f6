/** Scene 7: a table of the reader's own. It stays in the page; the same seed gives the rows that the command line gives. */
import type { LaterActions } from '../actions.js';
import { button, choice, figures, scene, trouble, typed } from '../controls.js';
import { told } from '../plot.js';
import type { TableBatch } from '../protocol.js';
import type { State, TableSeen } from '../state.js';
import { h, type Drawn, type Shown } from '../view.js';

const quoted = (word: string): string =>
  /^[\w./][\w./-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

const command = ({ name, target = '', batchSize, seed }: TableSeen, engine: string): string =>
  `batchgfn select ${quoted(name.startsWith('-') ? `./${name}` : name)} -t ${quoted(target)} -b ${batchSize}${seed === 0 ? '' : ` --seed ${seed}`}${engine === 'auto' ? '' : ` --engine ${engine}`}`;

const chosen = (table: TableSeen, batch: TableBatch, engine: string): readonly Shown[] => {
  const [header = '', ...rows] = batch.csv.trimEnd().split('\n');
  return [
    figures([
      ['table-information', 'together', `${told(batch.information)} nats`],
      ['table-greedy', 'greedy', `${told(batch.greedy)} nats`],
      ['table-counts', 'rows', `${batch.labelled} labelled, ${batch.pool} in the pool`],
      ['table-engine', 'engine', batch.engine],
    ]),
    h(
      'p',
      { class: 'note' },
      'Label these rows next (lines of the file): ',
      h('strong', { id: 'table-rows' }, batch.rows.join(', ')),
    ),
    h('pre', { class: 'rows', tabindex: 0, 'aria-label': 'The chosen rows' }, [header, ...rows].join('\n')),
    h(
      'p',
      { class: 'note' },
      h(
        'a',
        { id: 'download', href: table.download, download: `batch-of-${table.name}` },
        'Download them as CSV',
      ),
    ),
    h('p', { class: 'note' }, 'The same on the command line: ', h('code', {}, command(table, engine))),
    ...batch.remarks.map((remark) => h('p', { class: 'note' }, remark)),
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
          const file = fileOf((event.currentTarget as HTMLInputElement).files);
          if (file !== undefined) open(file);
        },
      }),
    ),
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
      table === undefined || head === undefined
        ? undefined
        : h(
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
              (target) => actions.setTable({ target: target === '' ? undefined : target }),
            ),
            typed('table-batch-size', 'Batch size', [1, 1000], table.batchSize, (batchSize) =>
              actions.setTable({ batchSize }),
            ),
            typed('table-seed', 'Seed', [0, 2 ** 32 - 1], table.seed, (seed) => actions.setTable({ seed })),
            button(
              'choose-rows',
              table.busy ? 'Choosing …' : 'Choose the batch',
              actions.chooseRows,
              table.busy,
            ),
          ),
      trouble(state.failures.table),
      ...(table?.batch === undefined ? [] : chosen(table, table.batch, settings.engine)),
    ],
    [
      'Rows whose label is empty are the pool, the others are what is known; the file is read here and goes nowhere.',
      'The batch is chosen as the command line chooses it, by the same surrogate, policy and training: the same seed and engine give the same rows.',
      'What is wrong with a file is said in the words of the command line.',
    ],
  );
};
