/** How is a bench kept for later, and compared with an earlier one? In a file of lines (src/bench/history.ts), the last of its kind. */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import {
  changesOf,
  historyLineCodec,
  measureReference,
  timingsIn,
  type Change,
  type HistoryLine,
} from '../bench/history.js';
import type { BenchControl } from '../bench/measure.js';
import type { Failure } from '../failure.js';
import { decodeLine } from '../learning/decoding.js';
import type { BenchPlan } from './bench-plan.js';
import type { BenchReport } from './bench-report.js';
import { appendLines, resumeLines } from './line-file.js';
import { checkNewFile } from './new-file.js';
import { textTable } from './text-table.js';

/** How a bench stands beside the last one of its kind in a file. */
export interface HistoryReport {
  readonly file: string;
  /** When the earlier one was measured; null where there is none of the same settings on the same machine. */
  readonly comparedWith: string | null;
  readonly changes: readonly Change[];
}

/** Lines that differ in it measure different things. */
const circumstancesOf = (plan: BenchPlan, { machine, engine, threads }: BenchReport): string => {
  const own: readonly string[] = ['history', 'json', 'peers', 'out', 'markdown'];
  const settings = Object.entries(plan).filter(([name]) => !own.includes(name));
  return JSON.stringify([Object.fromEntries(settings), machine, engine, threads]);
};

/** The report of a bench, kept in the file of `--history` and compared with the last of its kind; as it is where none is given. */
export const withHistory =
  (plan: BenchPlan, control: BenchControl) =>
  (
    work: TE.TaskEither<Failure, BenchReport>,
  ): TE.TaskEither<Failure, BenchReport & { readonly history?: HistoryReport }> => {
    const file = plan.history;
    if (file === '') return work;
    const decode = decodeLine(historyLineCodec, 'line of a history of benches');
    return pipe(
      checkNewFile('--history', file),
      TE.chain(() =>
        resumeLines(
          file,
          decode,
          'Give a file that bench --history wrote, or remove the line',
          '{"version":',
        ),
      ),
      TE.mapLeft((failure): Failure => failure),
      TE.bindTo('earlier'),
      TE.bind('before', () => measureReference(control)),
      TE.bind('report', () => work),
      TE.bind('after', () => measureReference(control)),
      TE.chain(({ earlier, before, report, after }) => {
        const circumstances = circumstancesOf(plan, report);
        const line: HistoryLine = {
          version: 1,
          date: new Date().toISOString(),
          bench: report.bench,
          circumstances,
          reference: { before: before.reference, after: after.reference },
          timings: timingsIn(report),
        };
        const last = earlier.entries.findLast(
          (one) => one.bench === report.bench && one.circumstances === circumstances,
        );
        return pipe(
          appendLines(file, [JSON.stringify(line)]),
          TE.mapLeft((failure): Failure => failure),
          TE.map(() => ({
            ...report,
            history: {
              file,
              comparedWith: last?.date ?? null,
              changes: last === undefined ? [] : changesOf(last, line),
            },
          })),
        );
      }),
    );
  };

const words: Readonly<Record<Change['change'], string>> = { faster: 'FASTER', slower: 'SLOWER', none: '' };

/** The comparison for people. */
export const historyText = ({ file, comparedWith, changes }: HistoryReport): string =>
  comparedWith === null
    ? `\n${file} has no earlier bench of these settings on this machine; this one is kept there.\n`
    : [
        `\nBeside ${comparedWith}, by the fixed loop that both were timed with\n\n`,
        textTable(
          [
            ['', 'now over then', 'by chance up to', ''],
            ...changes.map(({ name, ratio, noise, change }) => [
              name,
              ratio.toFixed(3),
              noise.toFixed(2),
              words[change],
            ]),
          ],
          (column) => (column === 1 || column === 2 ? 'right' : 'left'),
        ),
      ].join('');
