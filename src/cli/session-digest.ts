/**
 * How is damage to a session's files told? By digests (SHA-256, FIPS 180-4) that are kept with what they are of:
 *
 *   session.json     {"layout":2,"sha256":D₀,"start":START}          D₀ of the text START
 *   journal.jsonl    {"sha256":Dᵢ,"event":EVENT,"policy":P}          Dᵢ of Dᵢ₋₁ and the text after it; P of the file of the policy
 *
 * So every bit of both files and of the policy counts, a line that is lost or moved is seen too, and a journal belongs to one
 * start. Folders of layout 1 hold START and EVENT alone: they are read, and go on, as they are.
 */
import { createHash } from 'node:crypto';
import * as E from '#fp-ts/Either';

/** SHA-256 as 64 hexadecimal digits. */
export const digestOf = (...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** A start as it is kept, and its digest. */
export const sealedStart = (start: string): { readonly text: string; readonly digest: string } => {
  const digest = digestOf(start);
  return { text: `{"layout":2,"sha256":"${digest}","start":${start}}`, digest };
};

/** The start of a session as it was kept; its digest is undefined where it was kept without one. Else what is wrong. */
export const openedStart = (
  text: string,
): E.Either<string, { readonly start: string; readonly digest: string | undefined }> => {
  const [, layout, digest = '', start = ''] =
    /^\{"layout":(\d+),"sha256":"([0-9a-f]{64})","start":(.*)\}\n?$/s.exec(text) ?? [];
  if (layout === undefined) return E.right({ start: text, digest: undefined });
  if (layout !== '2') return E.left(`it is of layout ${layout}, and this program knows 1 and 2`);
  return digestOf(start) === digest
    ? E.right({ start, digest })
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
