/**
 * Does a journal end where it ended when something was last kept? Lines that are lost at its end leave no trace in those before
 * them, so a small file beside it holds how many there are and the digest of the last:
 *
 *   journal.head   {"lines":n,"last":"Dₙ","sha256":H}     H of the start's digest and the text before it (session-digest.ts)
 *
 * It is there before the start is, with no lines, and written whole after lines are on the disk. A journal that goes on behind what
 * it says is a stop between the two writes, and fine: the chain of digests speaks for those lines. One that is shorter, or has
 * another n-th line, is damaged, and a head that is gone, or of another session, is damage too. Folders of layout 2 may have none: of
 * those nothing is said of the end.
 */
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { inputFailure, type InputFailure } from '../failure.js';
import { codeOf, fileTrouble } from './file-trouble.js';
import { digestOf, type Seal } from './session-digest.js';
import type { Kept } from './session-start.js';
import { keptBytes, writtenIn } from './whole-file.js';

/** The name of the head. */
export const headFile = 'journal.head';

/** How a journal ends: how many lines it has, and the digest of the last. */
export interface Head {
  readonly lines: number;
  readonly last: string;
}

/** The text of the head of a journal of this start. */
export const sealedHead = ({ start }: Pick<Seal, 'start'>, { lines, last }: Head): string => {
  const said = `"lines":${lines},"last":"${last}"`;
  return `{${said},"sha256":"${digestOf(start, said)}"}\n`;
};

/** What a text says; undefined where it is not one that {@link sealedHead} made of this start. */
export const openedHead = (seal: Pick<Seal, 'start'>, text: string): Head | undefined => {
  const [, lines = '', last = ''] =
    /^\{"lines":(\d{1,15}),"last":"([0-9a-f]{64})","sha256":"[0-9a-f]{64}"\}\n$/.exec(text) ?? [];
  const head = { lines: Number(lines), last };
  return sealedHead(seal, head) === text ? head : undefined;
};

/** A journal's head: what it says, 'none' where there need be none, 'gone', and 'damaged' where it cannot be what was written. */
export type FoundHead = Head | 'none' | 'gone' | 'damaged';

/** Reads the head of the journal of a folder with this start. Before the journal: another process may lengthen both. */
export const readHead = (
  folder: string,
  { seal, headed }: Pick<Kept, 'seal' | 'headed'>,
): TE.TaskEither<InputFailure, FoundHead> => {
  if (seal === undefined) return TE.right('none');
  const file = path.join(folder, headFile);
  return TE.tryCatch(
    async (): Promise<FoundHead> => {
      try {
        return openedHead(seal, (await keptBytes(file)).toString('utf8')) ?? 'damaged';
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return headed ? 'gone' : 'none';
        throw error;
      }
    },
    fileTrouble(file, 'read'),
  );
};

/** Writes the head of a folder's journal that ends as the seal says, whole or not at all. */
export const writeHead = (folder: string, seal: Seal, lines: number): TE.TaskEither<InputFailure, void> =>
  writtenIn(folder, headFile, sealedHead(seal, { lines, last: seal.last }));

/** The head of a journal without lines, where there is none: of a journal that lost its start the head stays. */
export const firstHead = (folder: string, seal: Seal): TE.TaskEither<InputFailure, void> =>
  pipe(
    readHead(folder, { seal, headed: true }),
    TE.chain((head) => (head === 'gone' ? writeHead(folder, seal, 0) : TE.right(undefined))),
  );

/** How many lines are missing at the end of a journal whose lines have these digests; NaN where that is not known. */
export const missingLines = (head: FoundHead, digests: readonly (string | undefined)[]): number => {
  if (head === 'none') return 0;
  if (typeof head === 'string') return NaN;
  if (head.lines > digests.length) return head.lines - digests.length;
  return head.lines === 0 || digests[head.lines - 1] === head.last ? 0 : NaN;
};

const counted = (count: number): string => `${count} line${count === 1 ? '' : 's'}`;

/**
 * Checks the digests of a journal's lines, all of them whole, against its head. An InputFailure that says what is lost, and what is
 * still good.
 */
export const endingAs = (
  journal: string,
  head: FoundHead,
  digests: readonly (string | undefined)[],
  remedy: string,
): E.Either<InputFailure, void> => {
  const missing = missingLines(head, digests);
  if (missing === 0) return E.right(undefined);
  const own = path.join(path.dirname(journal), headFile);
  const there =
    digests.length === 0
      ? 'no line is there'
      : `the ${counted(digests.length)} that ${digests.length === 1 ? 'is there is' : 'are there are'} whole`;
  if (missing > 0)
    return E.left(
      inputFailure({
        ...{ source: journal, line: digests.length + 1, remedy },
        problem: `${counted(missing)} lost at the end, from this on (${headFile} tells of ${missing + digests.length}); ${there}`,
      }),
    );
  const problem =
    head === 'damaged'
      ? 'it is damaged'
      : head === 'gone'
        ? 'the file is missing'
        : 'the journal has another line than it tells of';
  return E.left(
    inputFailure({
      ...{ source: own, remedy },
      problem: `${problem}, so lines may be lost at the end of ${path.basename(journal)}; ${there}`,
    }),
  );
};
