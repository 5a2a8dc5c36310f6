/**
 * What do the lines of a session's journal say, and which of them can be kept where some are damaged? Each is sealed by a digest that
 * the next one is made from (session-digest.ts); in layout 1 each is an event alone.
 */
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { decodeEvent } from '../learning/session/encode.js';
import { decodeLines } from '../learning/decoding.js';
import type { SessionEvent } from '../learning/session/events.js';
import { after, type Session } from '../learning/session/session.js';
import type { LinesDecoder } from './line-file.js';
import { inShell } from './in-shell.js';
import { openedLine, type Seal, sealedLine } from './session-digest.js';
import { present } from '../present.js';

/** What is said of damage in a folder, wherever it is. */
export const journalRemedy = (folder: string): string =>
  `Bring back the file as it was written, or keep what is whole: batchgfn status ${inShell(folder)} --repair`;

/** An event of a journal, with what stands beside it since layout 2. */
export interface Entry {
  readonly event: SessionEvent;
  /** Of its line. */
  readonly digest?: string;
  /** Of the file of the policy that came with it. */
  readonly policy?: string;
}

const eventOfText = (text: string): E.Either<string, Entry> =>
  pipe(
    decodeEvent(text),
    E.bimap(
      ({ faults: [{ problem }] }) => `the line is no event of a session: ${problem}`,
      (event) => ({ event }),
    ),
  );

/** Reads the lines of a journal one after the other. `seal`: of its start; undefined in layout 1. */
const lineReader = (seal: Seal | undefined): ((line: string) => E.Either<string, Entry>) => {
  let previous = seal;
  return (line) => {
    if (previous === undefined) return eventOfText(line);
    const opened = openedLine(previous, line);
    if (opened === undefined) return E.left('the line is damaged, or no line of this journal');
    const { event, digest, policy, whole } = opened;
    previous = { ...previous, last: digest };
    return whole
      ? pipe(
          eventOfText(event),
          E.map((entry) => ({ ...entry, digest, ...present({ policy }) })),
        )
      : E.left('the line is damaged, or the one before it is another than was written');
  };
};

/** Decodes the lines of a journal of a start with this seal; undefined in layout 1. All damaged lines are named. */
export const journalDecoder =
  (seal: Seal | undefined): LinesDecoder<Entry> =>
  (source, lines) =>
    pipe(
      decodeLines(source, lines, lineReader(seal), journalRemedy(path.dirname(source))),
      E.map((entries) => entries.map(({ value }) => value)),
    );

/** Events as lines behind those that `seal` tells of, and the seal behind them. `policy`: of the file that the last comes with. */
export const journalLines = (
  seal: Seal | undefined,
  events: readonly string[],
  policy: string | undefined,
): { readonly lines: readonly string[]; readonly seal: Seal | undefined } => {
  if (seal === undefined) return { lines: events, seal };
  let behind = seal;
  const lines = events.map((event, i) => {
    const { line, digest } = sealedLine(behind, event, i === events.length - 1 ? policy : undefined);
    behind = { ...behind, last: digest };
    return line;
  });
  return { lines, seal: behind };
};

/** What is whole of a damaged journal. */
export interface Salvage {
  /** The session after the events that are kept. */
  readonly session: Session;
  readonly entries: readonly Entry[];
  /** 1-based numbers of the lines that are not. */
  readonly lost: readonly number[];
}

/** The lines that are whole and can have happened after those kept before them. */
export const salvaged = (seal: Seal | undefined, start: Session, lines: Iterable<string>): Salvage => {
  const read = lineReader(seal);
  let session = start;
  let line = 0;
  const entries: Entry[] = [];
  const lost: number[] = [];
  for (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    const entry = read(text);
    const next = pipe(
      entry,
      E.chainW(({ event }) => after(event)(session)),
    );
    if (E.isRight(entry) && E.isRight(next)) {
      session = next.right;
      entries.push(entry.right);
    } else lost.push(line);
  }
  return { session, entries, lost };
};
