/**
 * Among which candidates of other tables is a session asked? Those of files that `batchgfn candidates` wrote by what the
 * session knows now.
 */
import { restPositionals } from 'cmd-ts';
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../at.js';
import { lossBound } from '../acquisition/parts.js';
import type { Proposal } from '../acquisition/strategy.js';
import { badInput, type Failure, type InputFailure } from '../failure.js';
import { knownNames } from '../learning/session/event-faults.js';
import type { CandidateRows } from '../learning/session/joining.js';
import type { Session } from '../learning/session/session.js';
import { rowsAt } from '../linear-algebra/matrix.js';
import { information } from '../reward/information.js';
import type { Posterior } from '../surrogate/posterior.js';
import { knowledgeOf, type PartCandidatesFile, readCandidates, together } from './candidates-file.js';
import { wordDecoder } from './decoders.js';
import { gathered, typed } from './options.js';

/** Files of candidates, as they stand behind `--candidates` when a shell has written out their names. */
export interface CandidatesChoice {
  readonly candidates?: readonly string[] | undefined;
  readonly more?: readonly string[] | undefined;
}

const fileList = wordDecoder<readonly string[]>(
  'the name of a file',
  () => 'Give the path of a file that batchgfn candidates wrote',
  (value): value is readonly string[] => Array.isArray(value),
  (word) => (word.trim() === '' ? O.none : O.some([word])),
  { kind: 'file' },
);

/** The options that name them. */
export const candidateOptions = {
  candidates: typed(
    gathered(
      {
        long: 'candidates',
        placeholder: 'FILE.npz',
        description: 'choose among these too: of parts of a pool, as batchgfn candidates writes them',
      },
      fileList,
    ),
  ),
  more: restPositionals({ displayName: 'FILE.npz', description: 'with --candidates, further files' }),
};

/** What is told of candidates. */
export interface ReportedCandidates {
  /** How many files, rows that could be chosen in all their parts, and candidates of these. */
  readonly files: number;
  readonly points: number;
  readonly count: number;
  /** By how many nats greedy's guarantee is lower than on the whole pool, at most (acquisition/parts.ts). */
  readonly lossBound: number;
}

/** The files. An InputFailure for words that are none. */
export const candidateFiles = ({
  candidates,
  more = [],
}: CandidatesChoice): E.Either<InputFailure, readonly string[]> => {
  const [first] = more;
  if (candidates !== undefined) return E.right([...candidates, ...more]);
  return first === undefined
    ? E.right([])
    : E.left(
        badInput(
          first,
          'this word is one too many',
          'Remove it, or put --candidates before files of candidates',
        ),
      );
};

/** An InputFailure where candidates are by what a session knew at another time, or a row is among them twice. */
const checkFiles = (
  session: Session,
  files: readonly (readonly [file: string, content: PartCandidatesFile])[],
): E.Either<InputFailure, void> => {
  const known = knowledgeOf(session);
  const old = files.find(([, content]) => content.session !== known);
  if (old !== undefined)
    return E.left(
      badInput(
        old[0],
        'its candidates were chosen by what another session knew, or this one at another time',
        'Scan the parts again with batchgfn candidates',
      ),
    );
  const seen = new Map<string, string>();
  for (const [file, { names }] of files)
    for (const name of names) {
      const other = seen.get(name);
      if (other !== undefined)
        return E.left(
          badInput(
            file,
            `the row ${name} is among its candidates, and among those of ${other}`,
            'Give each part once, each under a name of its own, and each row a name of its own',
          ),
        );
      seen.set(name, file);
    }
  return E.right(undefined);
};

/** Candidates that a session is asked among, and what there is to say of them. */
export interface AskedCandidates extends Pick<ReportedCandidates, 'files' | 'points'> {
  readonly candidates: CandidateRows;
  readonly mostLeft: number;
}

const withoutKnown = (
  session: Session,
  { names, features, cells = [] }: PartCandidatesFile,
): CandidateRows => {
  const known = new Set(knownNames(session));
  const places = names.flatMap((name, i) => (known.has(name) ? [] : [i]));
  const some = (texts: readonly string[]): readonly string[] => places.map((i) => at(texts, i));
  return {
    names: some(names),
    features: rowsAt(features, places),
    cells: cells.map(({ column, texts }) => ({ column, texts: some(texts) })),
  };
};

/** The candidates in files for a session; undefined where there are none. An InputFailure for what is none, is old, or stands twice. */
export const askedCandidates = (
  choice: CandidatesChoice,
  session: Session,
): TE.TaskEither<Failure, AskedCandidates | undefined> =>
  pipe(
    TE.fromEither(candidateFiles(choice)),
    TE.chain(
      TE.traverseSeqArray((file) =>
        pipe(
          readCandidates(file),
          TE.map((content) => [file, content] as const),
        ),
      ),
    ),
    TE.chainFirstEitherK((files) =>
      session.pending.length > 0 ? E.right(undefined) : checkFiles(session, files),
    ),
    TE.map((files) => {
      const [first, ...rest] = files.map(([, content]) => content);
      if (first === undefined || session.pending.length > 0) return undefined;
      const all = together(first, rest);
      return {
        candidates: withoutKnown(session, all),
        files: files.length,
        points: all.parts.reduce((sum, { pool }) => sum + pool, 0),
        mostLeft: all.mostLeft,
      };
    }),
    TE.mapLeft((failure): Failure => failure),
  );

/** What the candidates can lose, by the gains that greedy takes among them. */
export const reportedCandidates = (
  { files, points, candidates: { names }, mostLeft }: AskedCandidates,
  posterior: Posterior,
  { greedy: { indices } }: Pick<Proposal, 'greedy'>,
): ReportedCandidates => {
  const { value } = information.utilityFor(posterior);
  const utilities = [0, ...indices.map((_, k) => value(indices.slice(0, k + 1)))];
  const gains = indices.map((_, k) => (utilities[k + 1] ?? NaN) - (utilities[k] ?? NaN));
  return { files, points, count: names.length, lossBound: lossBound(gains, mostLeft) };
};

/** The same in words. */
export const candidatesInWords = ({ files, points, count, lossBound: loss }: ReportedCandidates): string =>
  `chosen among ${count} candidates of ${points} rows in ${files} file${files === 1 ? '' : 's'}; ${
    loss === 0
      ? 'greedy of the whole pool promises no more'
      : `greedy of the whole pool promises at most ${loss.toFixed(4)} nats more`
  }`;
