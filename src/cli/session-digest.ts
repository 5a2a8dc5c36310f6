/**
 * How is damage to a session's files told? By digests (SHA-256, FIPS 180-4) that are kept with what they are of:
 *
 *   session.json     {"layout":4,"sha256":D₀,"start":START}          D₀ of 4 and the text START
 *   journal.jsonl    {"sha256":Dᵢ,"event":EVENT,"policy":P}          Dᵢ of D₀, Dᵢ₋₁ and the text after it; P of the policy's file
 *
 * So every bit of both files and of the policy counts, a line that is lost or moved is seen too, and each line belongs to one start.
 * Older folders are read, and go on, as they are: in layout 3 Dᵢ is of Dᵢ₋₁ and the text, in layout 2 besides D₀ is of START alone and
 * a journal may have no head (session-head.ts), and those of layout 1 hold START and EVENT alone.
 */
import { createHash } from 'node:crypto';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';

/** SHA-256 as 64 hexadecimal digits. */
export const digestOf = (...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** What the digest of the next line of a journal, and that of its head, are made of beside what they say. */
export interface Seal {
  /** The digest of the start; nothing before layout 4. */
  readonly start: string;
  /** The digest of the line before, or of the start. */
  readonly last: string;
}

/** How folders of a layout are kept. */
interface Layout {
  /** What the digest of a start is made of. */
  readonly parts: (start: string) => readonly string[];
  /** Whether there is a head of the journal from the first moment on. */
  readonly headed: boolean;
  /** Whether the digests of lines and head are made of that of the start too. */
  readonly bound: boolean;
}

/** The layout of the folders that are made now. */
const LAYOUT = '4';

/** Those with digests, by their numbers. */
const layouts: Readonly<Record<string, Layout>> = {
  2: { parts: (start) => [start], headed: false, bound: false },
  3: { parts: (start) => ['3', start], headed: true, bound: false },
  [LAYOUT]: { parts: (start) => [LAYOUT, start], headed: true, bound: true },
};

/** A start as it is kept, and what its journal begins from. */
export const sealedStart = (start: string): { readonly text: string; readonly seal: Seal } => {
  const digest = digestOf(LAYOUT, start);
  return {
    text: `{"layout":${LAYOUT},"sha256":"${digest}","start":${start}}`,
    seal: { start: digest, last: digest },
  };
};

/** A start as it was kept. */
export interface OpenedStart {
  readonly start: string;
  /** What its journal begins from; undefined in layout 1. */
  readonly seal: Seal | undefined;
  /** Whether its folder has a head of the journal from the first moment on: since layout 3. */
  readonly headed: boolean;
}

/** The start of a session as it was kept. Else what is wrong. */
export const openedStart = (text: string): E.Either<string, OpenedStart> => {
  const [, number, digest = '', start = ''] =
    /^\{"layout":(\d+),"sha256":"([0-9a-f]{64})","start":(.*)\}\n?$/s.exec(text) ?? [];
  if (number === undefined) return E.right({ start: text, seal: undefined, headed: false });
  const layout = layouts[number];
  if (layout === undefined) return E.left(`it is of layout ${number}, and this program knows 1 to ${LAYOUT}`);
  const { parts, headed, bound } = layout;
  return digestOf(...parts(start)) === digest
    ? E.right({ start, seal: { start: bound ? digest : '', last: digest }, headed })
    : E.left('it is damaged: what it says is not what its digest was made of');
};

/** Whether a text is that of this start, in whichever layout. */
export const isStart = (text: string, encoded: string): boolean =>
  pipe(
    openedStart(text),
    E.exists(({ start }) => start.trim() === encoded),
  );

/** A line of the journal behind what the seal tells of, and its own digest. */
export const sealedLine = (
  { start, last }: Seal,
  event: string,
  policy: string | undefined,
): { readonly line: string; readonly digest: string } => {
  const rest = `"event":${event}${policy === undefined ? '' : `,"policy":"${policy}"`}`;
  const digest = digestOf(start, last, rest);
  return { line: `{"sha256":"${digest}",${rest}}`, digest };
};

/** What a line of the journal holds. */
export interface OpenedLine {
  /** As text. */
  readonly event: string;
  /** Of the line. */
  readonly digest: string;
  /** Of the file of the policy that came with the event, if one did. */
  readonly policy: string | undefined;
  /** Whether the digest is that of what it says after the line before. */
  readonly whole: boolean;
}

/** The parts of a line behind what the seal tells of; undefined where it is no such line. */
export const openedLine = ({ start, last }: Seal, line: string): OpenedLine | undefined => {
  const [, digest, rest = ''] = /^\{"sha256":"([0-9a-f]{64})",(.*)\}$/.exec(line) ?? [];
  const [, event, policy] = /^"event":(\{.*?\})(?:,"policy":"([0-9a-f]{64})")?$/.exec(rest) ?? [];
  return digest === undefined || event === undefined
    ? undefined
    : { event, digest, policy, whole: digestOf(start, last, rest) === digest };
};
