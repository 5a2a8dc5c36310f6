/** How do results read on a terminal? Tables of text with aligned columns; as JSON, the objects. Verifications: verification-text.ts. */
import type { PredictedOf } from '../learning/session/events.js';
import { printableLine } from '../printable.js';
import type { BatchReport, RowWords } from './batch-report.js';
import { comparedInWords, nats } from './compared-words.js';
import { boundWords, expectedWords } from './expected-words.js';
import type { Predictions } from './row-predictions.js';
import { certificateText, logPartitionText } from './sampler-words.js';
import { surrogateWords } from './surrogate-words.js';
import { textTable } from './text-table.js';

/** The object as JSON, with a line break at the end. */
export const renderJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

const FEATURES_SHOWN = 8;
/** Characters: the narrowest terminal in use. The same everywhere, so that the same work prints the same. */
const LINE_WIDTH = 80;

const short = (value: number, digits = 6): string => String(Number(value.toPrecision(digits)));

/** The longest number that is shown as it is. */
const LONGEST_NUMBER = 10;

/** A cell with a number: a whole one is in full, for it may name something; any other is rounded where it is long. */
const cellOf = (value: number): string => {
  const whole = String(value);
  return Number.isInteger(value) || whole.length <= LONGEST_NUMBER ? whole : short(value);
};

const seconds = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} s`;

/** What is shown of rows. */
interface ShownRows
  extends Predictions, RowWords, Pick<BatchReport, 'rows' | 'rowKind' | 'values' | 'outputs'> {
  readonly features: readonly string[];
  readonly target: string;
  /** The targets whose label each row lacks, where that is told. */
  readonly lacking?: readonly (readonly string[])[];
}

/** The columns that are shown: features, or the column of texts that some of them were made from, and then other texts. */
const columnsOf = ({ features, texts }: ShownRows): readonly string[] => {
  const words = Object.keys(texts?.[0] ?? {});
  if (words.length === 0) return features;
  const known = new Set(words);
  const source = (feature: string): string => {
    if (known.has(feature)) return feature;
    for (let at = feature.indexOf('='); at >= 0; at = feature.indexOf('=', at + 1))
      if (known.has(feature.slice(0, at))) return feature.slice(0, at);
    return feature;
  };
  return Array.from(new Set([...features.map(source), ...words]));
};

/** Headers, and cells of row i. */
interface Expected {
  readonly header: readonly string[];
  readonly cells: (i: number) => readonly string[];
}

/** Of several targets, those of whose labels something is known. */
const expectationOfAll = (
  all: readonly { readonly name: string; readonly mean: readonly number[] }[],
): Expected => ({
  header: all.map(({ name }) => `${name} expected`),
  cells: (i) => all.map(({ mean }) => short(mean[i] ?? Number.NaN, 4)),
});

/** What is expected of a row, where that is known: a number for each target, or the most probable class and its probability. */
const expectation = ({
  predictedMean,
  predictedClass,
  classProbabilities,
  target,
  outputs,
}: ShownRows): Expected =>
  outputs !== undefined
    ? expectationOfAll(
        outputs.flatMap(({ target: name, predictedMean: mean }) => (mean ? [{ name, mean }] : [])),
      )
    : predictedClass !== undefined
      ? {
          header: [`${target} expected`, 'probability'],
          cells: (i) => {
            const name = predictedClass[i] ?? '';
            return [name, (classProbabilities?.[i]?.[name] ?? Number.NaN).toFixed(3)];
          },
        }
      : predictedMean !== undefined
        ? { header: [`${target} expected`], cells: (i) => [short(predictedMean[i] ?? Number.NaN, 4)] }
        : { header: [], cells: () => [] };

const LONGEST_TEXT = 24;

const shortText = (text: string | undefined): string | undefined =>
  text === undefined || text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;

/** A table of rows with `count` of their features and texts. */
const rowsWith = (all: ShownRows, count: number): string => {
  const { rows, rowKind, values, names, texts, idColumn = 'name', lacking } = all;
  const columns = columnsOf(all);
  const shown = columns.slice(0, count);
  const hidden = columns.length - shown.length;
  const expected = expectation(all);
  const body = rows.map((row, i) => [
    String(row),
    ...(names === undefined ? [] : [printableLine(names[i] ?? '')]),
    ...shown.map((name) => shortText(texts?.[i]?.[name]) ?? cellOf(values[i]?.[name] ?? Number.NaN)),
    ...(hidden > 0 ? ['…'] : []),
    ...expected.cells(i),
    ...(lacking === undefined ? [] : [(lacking[i] ?? []).join(', ')]),
  ]);
  const header = [
    rowKind,
    ...(names === undefined ? [] : [idColumn]),
    ...shown,
    ...(hidden > 0 ? [`${hidden} more`] : []),
    ...expected.header,
    ...(lacking === undefined ? [] : ['lacks']),
  ];
  return textTable([header, ...body], () => 'right');
};

const widest = (table: string): number => Math.max(...table.split('\n').map(({ length }) => length));

/** Rows by their numbers, with as many of their first features as go into a line of {@link LINE_WIDTH}, at least one. */
export const renderRows = (all: ShownRows): string => {
  for (let count = Math.min(FEATURES_SHOWN, columnsOf(all).length); count > 1; count--) {
    const table = rowsWith(all, count);
    if (widest(table) <= LINE_WIDTH) return table;
  }
  return rowsWith(all, 1);
};

const information = (report: BatchReport): string =>
  textTable(
    [
      ...comparedInWords(report),
      ['batches drawn, mean', nats(report.drawn.mean)],
      ['batches at random, mean', nats(report.random.mean)],
    ],
    (column) => (column === 0 ? 'left' : 'right'),
  );

const candidatesText = ({ candidates }: BatchReport): readonly (readonly [string, string])[] =>
  candidates === undefined
    ? []
    : [
        [
          'candidates',
          `${candidates.count} points, which cost a second greedy batch ${nats(candidates.cost)} nats`,
        ],
      ];

/** What a batch costs, and how many rows of one group it may have. */
export const limitsText = ({
  limits,
}: Pick<BatchReport, 'limits'>): readonly (readonly [string, string])[] =>
  limits === undefined
    ? []
    : [
        ...(limits.cost === undefined
          ? []
          : [
              [
                'cost',
                `${short(limits.cost)} of ${short(limits.budget ?? NaN)}, by ${limits.by ?? ''}`,
              ] as const,
            ]),
        ...(limits.atMost === undefined ? [] : [['of one group', `${limits.atMost} at most`] as const]),
      ];

/** A line, unless the strategy has no such number. */
const known = <A>(
  name: string,
  value: A | null,
  show: (value: A) => string,
): readonly (readonly string[])[] => (value === null ? [] : [[name, show(value)]]);

/** Whether class probabilities are those of one model, which does not say what labels would teach. */
export const isOfOneModel = ({
  of,
  shape,
}: {
  readonly of: PredictedOf;
  readonly shape: readonly number[];
}): boolean => of === 'probabilities' && (shape.length === 2 || shape[0] === 1);

/** What stands behind the batch, and what it is expected to do: of several targets by each. */
const modelText = (report: BatchReport): readonly (readonly string[])[] => {
  const { outputs, problem, surrogate } = report;
  const pool = `${problem.pool} in the pool`;
  if (outputs === undefined)
    return [
      ['surrogate', surrogateWords(surrogate)],
      ['points', `${problem.labelled} labelled, ${pool}`],
      ...known('expected', report.expected ?? null, (one) =>
        expectedWords(one, problem.classes !== undefined),
      ),
    ];
  return [
    ...outputs.map((one) => [`surrogate of ${one.target}`, surrogateWords(one.surrogate)]),
    ['points', `${outputs.map((one) => `${one.labelled} labelled ${one.target}`).join(', ')}, ${pool}`],
    ...outputs.flatMap(({ target, expected }) =>
      known(`expected of ${target}`, expected ?? null, (one) => expectedWords(one, false)),
    ),
  ];
};

const facts = (report: BatchReport): string => {
  const { engine, logPartition, iterations } = report;
  const training =
    iterations === 0 ? '' : `${seconds(report.seconds.train)} to train (${iterations} iterations), `;
  const software = engine.software ? ' (software)' : '';
  return textTable(
    [
      ['acquisition', report.acquisition],
      ...known('temperature', report.temperature, (temperature) => short(temperature, 4)),
      ...known('draws', report.certificate, certificateText),
      ...known('log Z', logPartition, logPartitionText),
      ...known(
        'effective sample size',
        report.effectiveSampleSize,
        (part) =>
          `${(100 * part).toFixed(1)}% of ${report.drawn.count}${report.certificate === null ? '' : ', of the policy before that'}`,
      ),
      ...modelText(report),
      ...candidatesText(report),
      ...limitsText(report),
      ...known('information', report.informationBound ?? null, boundWords),
      [
        'engine',
        engine.kind === engine.description ? engine.kind : `${engine.kind}: ${engine.description}${software}`,
      ],
      [
        'seconds',
        `${seconds(report.seconds.fit)} to fit, ${training}${seconds(report.seconds.draw)} to draw`,
      ],
    ],
    () => 'left',
  );
};

/** A report for people: the rows to label, their information beside that of other batches, and how it came about. */
export const renderBatch = (report: BatchReport): string =>
  [
    `Label ${report.rows.length === 1 ? `this ${report.rowKind}` : `these ${report.rows.length} ${report.rowKind}s`} of ${printableLine(report.problem.source)} next:\n\n`,
    // A copy would compute the gains.
    renderRows(Object.assign(Object.create(report) as BatchReport, report.problem)),
    ...(report.surrogate.kind === 'predictions' && isOfOneModel(report.surrogate)
      ? []
      : [
          report.reward === undefined
            ? '\nJoint mutual information in nats\n\n'
            : `\nThe reward ${report.reward.name} in ${report.reward.unit}\n\n`,
          information(report),
        ]),
    '\n',
    facts(report),
  ].join('');
