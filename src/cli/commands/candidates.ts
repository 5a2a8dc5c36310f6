/** `batchgfn candidates PART …`: of a part of a pool that is too large for one machine, the rows that can matter to a session. */
import { positional, restPositionals } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type Failure, inputFailure } from '../../failure.js';
import { scanPart } from '../../learning/session/part.js';
import type { Session } from '../../learning/session/session.js';
import { rowsAt } from '../../linear-algebra/matrix.js';
import {
  type AboutCandidates,
  candidatesBytes,
  knowledgeOf,
  type PartCandidatesFile,
  together,
} from '../candidates-file.js';
import { command, type Context, printed, type Work } from '../command.js';
import { batchSize, json } from '../common-options.js';
import { filePath, positiveInteger } from '../decoders.js';
import { checkNewFile } from '../new-file.js';
import { required, withDefault } from '../options.js';
import { partRows } from '../part-table.js';
import { renderJson } from '../render.js';
import { lookAtSession } from '../session-folder.js';
import { tableOfFile } from '../table-file.js';
import { type FileChoice, fileOptions } from '../table-options.js';
import { textTable } from '../text-table.js';
import { written } from '../whole-file.js';

/** Decoded options of candidates. */
export interface CandidatesOptions extends FileChoice {
  readonly part: string;
  readonly others: readonly string[];
  readonly session: string;
  readonly out: string;
  readonly keep: number;
  readonly batchSize: number;
}

/** What was kept. */
export interface CandidatesReport extends Omit<
  AboutCandidates,
  'version' | 'session' | 'names' | 'cells' | 'featureNames'
> {
  readonly out: string;
  readonly candidates: number;
  readonly seconds: number;
}

/** The candidates of one part. */
const scanned = (
  part: string,
  session: Session,
  { keep: count, batchSize: size, ...form }: CandidatesOptions,
  context: Context,
): TE.TaskEither<Failure, PartCandidatesFile> =>
  pipe(
    tableOfFile(part, form, context),
    TE.chainEitherKW((table) => partRows(table, session)),
    TE.chain((rows) =>
      pipe(
        session,
        scanPart(rows.features, {
          ...{ count, batchSize: size, control: { signal: context.signal } },
          onBlock: (done) =>
            context.progress({
              ...{ stage: 'scanning', done, total: rows.features.rows },
              note: `rows of ${part}`,
            }),
        }),
        TE.map(({ indices, mostLeft }) => ({
          ...{ version: 1, session: knowledgeOf(session), mostLeft, batchSize: size },
          featureNames: session.start.featureNames,
          names: indices.map(rows.nameAt),
          cells: rows.cellsOf(indices),
          rows: indices.map((i) => rows.rows[i] ?? NaN),
          features: rowsAt(rows.features, indices),
          parts: [{ part: rows.part, rows: rows.count, pool: rows.rows.length }],
        })),
      ),
    ),
  );

const checkKeep = ({ keep, batchSize: size }: CandidatesOptions): E.Either<Failure, void> =>
  keep >= size
    ? E.right(undefined)
    : E.left(
        inputFailure({
          source: '--keep',
          problem: `a batch of ${size} needs more than ${keep} candidate${keep === 1 ? '' : 's'}`,
          remedy: `Give at least ${size}, better a few hundred`,
        }),
      );

/** Scans the parts one after another, and writes what was kept. The session is looked at and not changed. */
export const candidatesReport = (
  options: CandidatesOptions,
  context: Context,
): TE.TaskEither<Failure, CandidatesReport> => {
  const started = performance.now();
  const { part, others, out } = options;
  return pipe(
    TE.fromEither(checkKeep(options)),
    TE.chainW(() => checkNewFile('--out', out, [options.session, part, ...others])),
    TE.chainW(() => lookAtSession(options.session)),
    TE.mapLeft((failure): Failure => failure),
    TE.chain((session) =>
      pipe(
        scanned(part, session, options, context),
        TE.bindTo('first'),
        TE.bind('rest', () =>
          pipe(
            others,
            TE.traverseSeqArray((one) => scanned(one, session, options, context)),
          ),
        ),
      ),
    ),
    TE.map(({ first, rest }) => together(first, rest)),
    TE.chainFirstW((kept) => written(out, candidatesBytes(kept))),
    TE.mapLeft((failure): Failure => failure),
    TE.map(({ parts, mostLeft, batchSize: size, names }) => ({
      ...{ out, parts, mostLeft, batchSize: size, candidates: names.length },
      seconds: (performance.now() - started) / 1000,
    })),
  );
};

const rendered = ({ out, parts, candidates, mostLeft, seconds }: CandidatesReport): string => {
  const sum = (of: 'rows' | 'pool'): number => parts.reduce((total, part) => total + part[of], 0);
  return textTable(
    [
      ['candidates', out],
      [
        'kept',
        `${candidates} of ${sum('pool')} rows that may be chosen, of ${sum('rows')} in ${parts.length} part${parts.length === 1 ? '' : 's'}`,
      ],
      ['largest gain left', `${mostLeft.toFixed(4)} nats`],
      ['seconds', `${seconds.toFixed(2)} s`],
    ],
    () => 'left',
  );
};

/** The work of candidates. */
export const candidatesWork =
  (options: CandidatesOptions & { readonly json: boolean }): Work =>
  (context) =>
    pipe(
      candidatesReport(options, context),
      TE.map((report) => printed(options.json ? renderJson(report) : rendered(report))),
    );

/** The command, with its options and help. */
export const candidates = command({
  name: 'candidates',
  description:
    'Of a part of a pool that is too large for one machine, keep the rows that can matter to a session.',
  examples: [
    {
      description: 'scan a part, anywhere; then ask among the candidates of all parts',
      command: 'batchgfn candidates part-07.csv --session houses -o part-07.npz',
    },
  ],
  args: {
    part: positional({
      displayName: 'PART',
      description: 'a table with the columns of the session’s features',
    }),
    others: restPositionals({ displayName: 'PART', description: 'further ones, into the same file' }),
    session: required(
      {
        long: 'session',
        placeholder: 'FOLDER',
        description: 'the session that is to be asked; a copy of its folder will do',
      },
      filePath('a folder', 'Give the path of the folder of a session'),
    ),
    out: required(
      {
        long: 'out',
        placeholder: 'FILE.npz',
        description: 'where the candidates go, for batchgfn ask FOLDER --candidates',
      },
      filePath('the name of a file', 'Give the name of a file to write, part-07.npz for instance'),
    ),
    keep: withDefault(
      {
        long: 'keep',
        placeholder: 'M',
        description: 'rows to keep of each part, half of largest gain, half at random',
      },
      positiveInteger(1000),
      1000,
    ),
    batchSize,
    ...fileOptions,
    json,
  },
  handler: candidatesWork,
});
