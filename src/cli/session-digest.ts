/**
 * How is damage to a session's files told? By digests (SHA-256, FIPS 180-4) that are kept with what they are of:
 *
 *   session.json     {"layout":3,"sha256":D₀,"start":START}          D₀ of 3 and the text START
 *   journal.jsonl    {"sha256":Dᵢ,"event":EVENT,"policy":P}          Dᵢ of Dᵢ₋₁ and the text after it; P of the file of the policy
 *
 * So every bit of both files and of the policy counts, a line that is lost or moved is seen too, and a journal belongs to one
 * start. In layout 2 D₀ is of START alone, and a journal may have no head (session-head.ts); folders of layout 1 hold START and EVENT
 * alone. Both are read, and go on, as they are.
 */
import { createHash } from 'node:crypto';
import * as E from '#fp-ts/Either';

/** SHA-256 as 64 hexadecimal digits. */
export const digestOf = (...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** The layout of the folders that are made now. */
const LAYOUT = '3';

/** What the digest of a start is made of. */
const startParts: Readonly<Record<string, (start: string) => readonly string[]>> = {
  2: (start) => [start],
  [LAYOUT]: (start) => [LAYOUT, start],
};

/** A start as it is kept, and its digest. */
export const sealedStart = (start: string): { readonly text: string; readonly digest: string } => {
  const digest = digestOf(LAYOUT, start);
  return { text: `{"layout":${LAYOUT},"sha256":"${digest}","start":${start}}`, digest };
};

/** A start as it was kept. */
export interface OpenedStart {
  readonly start: string;
  /** Undefined in layout 1. */
  readonly digest: string | undefined;
  /** Whether its folder has a head of the journal from the first moment on: since layout 3. */
  readonly headed: boolean;
}

/** The start of a session as it was kept. Else what is wrong. */
export const openedStart = (text: string): E.Either<string, OpenedStart> => {
  const [, layout, digest = '', start = ''] =
    /^\{"layout":(\d+),"sha256":"([0-9a-f]{64})","start":(.*)\}\n?$/s.exec(text) ?? [];
  if (layout === undefined) return E.right({ start: text, digest: undefined, headed: false });
  const parts = startParts[layout];
  if (parts === undefined) return E.left(`it is of layout ${layout}, and this program knows 1 to ${LAYOUT}`);
  return digestOf(...parts(start)) === digest
    ? E.right({ start, digest, headed: layout === LAYOUT })
    : E.left('it is damaged: what it says is not what its digest was made of');
};

/** A line of the journal after the one with the digest `previous`, and its own digest. */
export const sealedLine = (
  previous: string,
  event: string,
  policy: string | undefined,
): { readonly line: string; readonly digest: string } => {
  const rest = `"event":${event}${policy === undefined ? '' : `,"policy":"${policy}"`}`;
  const digest = digestOf(previous, rest);
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

/** The parts of a line after the one with the digest `previous`; undefined where it is no such line. */
export const openedLine = (previous: string, line: string): OpenedLine | undefined => {
  const [, digest, rest = ''] = /^\{"sha256":"([0-9a-f]{64})",(.*)\}$/.exec(line) ?? [];
  const [, event, policy] = /^"event":(\{.*?\})(?:,"policy":"([0-9a-f]{64})")?$/.exec(rest) ?? [];
  return digest === undefined || event === undefined
    ? undefined
    : { event, digest, policy, whole: digestOf(previous, rest) === digest };
};
