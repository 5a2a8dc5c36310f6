/**
 * Did what was printed get anywhere? A reader that has seen enough (`| head`) is no failure; a full disk, or a stream that was
 * closed before the program began (`>&-`), is one, and is said.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import * as O from '#fp-ts/Option';
import { printableLine } from '../printable.js';
import { codeOf, troubleOf } from './file-trouble.js';

/** What is needed of a stream. */
export interface Sink {
  readonly write: (text: string, done: (error?: Error | null) => void) => unknown;
}

/** Why a text did not get to a stream. */
export interface Loss {
  /** Whether it is what the reader wanted: it has closed its end. */
  readonly quiet: boolean;
  /** A line that says it. */
  readonly sentence: string;
}

/** The loss that an error of standard output is. */
export const lossOf = (error: unknown): Loss => {
  const { problem, remedy } = troubleOf(error);
  return {
    quiet: codeOf(error) === 'EPIPE',
    sentence: printableLine(`standard output: it cannot be written: ${problem}. ${remedy}.`),
  };
};

/** Writes a text, and waits until it is gone; the loss where it did not get there. Never rejects. */
export const delivered = (stream: Sink, text: string): Promise<O.Option<Loss>> =>
  new Promise((resolve) => {
    if (text === '') resolve(O.none);
    else
      stream.write(text, (error) => {
        resolve(error === undefined || error === null ? O.none : O.some(lossOf(error)));
      });
  });

const sgr = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** Whether a descriptor is the null device, open to be read and written. Known on Linux alone; false elsewhere. */
export const isOpenNull = (descriptor: number): boolean => {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return (
      readlinkSync(`/proc/self/fd/${descriptor}`) === '/dev/null' &&
      (Number.parseInt(flags ?? '0', 8) & 3) === 2
    );
  } catch {
    return false;
  }
};

/**
 * Whether standard output may have been closed before the program began. Node puts the null device in the place of a closed stream,
 * open to be read and written, where `> /dev/null` opens it to be written alone. Programs that discard it (`DEVNULL` of Python,
 * `stdio: 'ignore'` of Node) open it likewise, so the work is done; who discards both output streams means it.
 */
export const outputMayBeClosed = (isNull: (descriptor: number) => boolean = isOpenNull): boolean =>
  isNull(1) && !isNull(2);

/** What is said where it may. */
export const closedOutput =
  'standard output: it is closed or discarded, so what was done is told nowhere. Give it a place to go: a terminal, or `> FILE`.';

/** Whether colours may go to a stream: a terminal, unless its user wants none (https://no-color.org). */
export const takesColours = (
  { isTTY }: { readonly isTTY?: boolean },
  { NO_COLOR: none }: Readonly<Record<string, string | undefined>>,
): boolean => isTTY === true && (none === undefined || none === '');

/** A text without the sequences that colour it (SGR of ECMA-48). */
export const colourless = (text: string): string => text.replace(sgr, '');
