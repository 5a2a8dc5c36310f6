/** `batchgfn report FILE`: one HTML page, and a table, of the results of simulated active learning. */
import { positional } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { inputFailure, type Failure, type InputFailure } from '../../failure.js';
import { printableLine } from '../../printable.js';
import { differentSettings } from '../../learning/run-records.js';
import { comparableGrids, runReport } from '../../report/run-report.js';
import { summaryOfRuns, type ExperimentSummary } from '../../report/run-summary.js';
import { summaryScope, summaryTable, tableLegend } from '../../report/run-table.js';
import { command, type Printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import { filePath } from '../decoders.js';
import { withDefault } from '../options.js';
import { checkNewFile } from '../new-file.js';
import { readResults } from '../record-file.js';
import { renderJson } from '../render.js';
import { writeWhole } from '../whole-file.js';
import { textTable } from '../text-table.js';

/** Decoded options of report. */
export interface ReportOptions {
  readonly file: string;
  readonly out: string;
  readonly json: boolean;
}

/** A page has the name of one. */
const checkPlace = ({ out }: ReportOptions): E.Either<InputFailure, void> =>
  !/\.html?$/i.test(out)
    ? E.left(
        inputFailure({
          source: '--out',
          problem: `${out} is not the name of an HTML file of its own`,
          remedy: 'Give a name that ends in .html',
        }),
      )
    : E.right(undefined);

const renderSummary = (summary: ExperimentSummary): string =>
  [
    `${printableLine(`${summary.experiment}: ${summaryScope(summary)}`)}\n\n`,
    textTable(summaryTable(summary), (column) => (column === 0 ? 'left' : 'right')),
    `\n${printableLine(tableLegend(summary))}\n\n`,
  ].join('');

const render = (summaries: readonly ExperimentSummary[]): string =>
  `${summaries.map(renderSummary).join('').trimEnd()}\n`;

/**
 * The work of report. What is wrong with the file, or with the place of the page, is told before anything is drawn or written. A
 * page that cannot be written in the end is a shortfall: the table is printed all the same.
 */
export const reportWork =
  (options: ReportOptions): Work =>
  ({ services, remark }) =>
    pipe(
      TE.fromEither(checkPlace(options)),
      TE.chain(() => checkNewFile('--out', options.out, [options.file])),
      TE.chain(() => readResults(options.file)),
      TE.map(({ records, remarks }) => {
        [...remarks, ...differentSettings(options.file, records)].forEach(remark);
        return records;
      }),
      TE.chainFirstEitherK((records) => comparableGrids(options.file, records)),
      TE.mapLeft((failure): Failure => failure),
      TE.chainFirst(() => services.drawing.ready),
      TE.bindTo('records'),
      TE.bind('page', ({ records }) => runReport(options.file, records)),
      TE.bind('fault', ({ page }) => TE.fromTask(writeWhole(options.out, page))),
      TE.map(({ records, fault }): Printed => {
        if (O.isNone(fault)) remark(`The page is in ${options.out}.`);
        const summaries = summaryOfRuns(records);
        return {
          text: options.json ? renderJson(summaries) : render(summaries),
          shortfalls: O.isNone(fault) ? [] : [`--out: ${fault.value}`],
        };
      }),
    );

/** The command, with its options and help. */
export const report = command({
  name: 'report',
  description:
    'Make an HTML page with learning curves, and a table, of the results of simulated active learning.',
  examples: [
    { description: 'a page of learning curves', command: 'batchgfn report runs.jsonl -o report.html' },
  ],
  args: {
    file: positional({ displayName: 'FILE', description: 'results as JSON lines, one record a round' }),
    out: withDefault(
      { long: 'out', placeholder: 'FILE', description: 'where the page is written, replacing what is there' },
      filePath('the name of a file', 'Give the name of the page, report.html for instance'),
      'report.html',
    ),
    json,
  },
  handler: reportWork,
});
