/** What are the lines of a stream? Each is given once it is whole, and none takes more memory than is allowed. */
import * as E from '#fp-ts/Either';
import { inputFailure, type InputFailure } from '../../failure.js';

/** The most bytes of a line, and of a body of HTTP. */
export const longestRequest = 2 ** 20;

const lineBreak = 10;

/** A request that is longer than is allowed. */
export const tooLong = (most: number): InputFailure =>
  inputFailure({
    source: 'request',
    problem: `it is longer than ${most} bytes`,
    remedy: 'Give fewer labels at once, or a table as a file',
  });

/** The text of a request. Fails where it is not UTF-8. */
export const requestText = (bytes: Uint8Array): E.Either<InputFailure, string> =>
  E.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    () => inputFailure({ source: 'request', problem: 'it is not UTF-8 text', remedy: 'Write it as UTF-8' }),
  );

const isBlank = (text: string): boolean => text.trim() === '';

/**
 * The lines of a stream without their breaks, the last with or without one; those with nothing in them are passed over. One that is
 * longer than `most` bytes is told as a failure once, when it is so, and the rest of it dropped.
 */
export async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<E.Either<InputFailure, string>> {
  let kept: Uint8Array[] = [];
  let length = 0;
  let dropping = false;
  const line = (): E.Either<InputFailure, string> => requestText(Buffer.concat(kept, length));
  for await (const piece of pieces) {
    for (let from = 0; from < piece.length;) {
      const found = piece.indexOf(lineBreak, from);
      const to = found < 0 ? piece.length : found;
      if (!dropping) {
        // A view of a piece would keep all of it.
        if (to > from) kept.push(found < 0 ? piece.slice(from, to) : piece.subarray(from, to));
        length += to - from;
        if (length > most) {
          dropping = true;
          [kept, length] = [[], 0];
          yield E.left(tooLong(most));
        }
      }
      if (found >= 0) {
        const whole = dropping ? undefined : line();
        [kept, length, dropping] = [[], 0, false];
        if (whole !== undefined && !(E.isRight(whole) && isBlank(whole.right))) yield whole;
      }
      from = to + 1;
    }
  }
  if (dropping || length === 0) return;
  const last = line();
  if (!(E.isRight(last) && isBlank(last.right))) yield last;
}
