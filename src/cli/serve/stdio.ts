/** How are requests served on stdin and stdout? A line each, answered as each is done, until there are no more. */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import type * as TE from '#fp-ts/TaskEither';
import type { Failure, InputFailure } from '../../failure.js';
import { type Context, type Printed, printed } from '../command.js';
import { fileTrouble } from '../file-trouble.js';
import type { Loss } from '../streams.js';
import { type Answering, answerLine } from './answer.js';
import { untilAborted } from '../../data/until-aborted.js';
import { linesOf, longestRequest } from './lines.js';

/** The most requests at work: more are not read, so that who writes them waits. */
const mostAtWork = 32;

/**
 * Serves until stdin ends, and what was asked is answered; fails with Interrupted once the signal is aborted. Where stdout is no longer
 * read it ends, and says so: what was asked since was done.
 */
export const serveLines =
  ({ input, print, signal }: Context, answer: Answering): TE.TaskEither<Failure, Printed> =>
  async () => {
    const atWork = new Set<Promise<void>>();
    let loss: Loss | undefined;
    const nextLine = untilAborted(linesOf(input, longestRequest), signal);
    const answered = async (text: E.Either<InputFailure, string>): Promise<void> => {
      const line = answerLine(await answer(text, { anywhere: true }));
      loss ??= O.toUndefined(await print(line));
    };
    try {
      for (;;) {
        const next = await nextLine();
        if (next === 'aborted') return E.left({ _tag: 'Interrupted', during: 'serve' });
        if (next.done === true || loss !== undefined) break;
        const own: Promise<void> = answered(next.value).finally(() => atWork.delete(own));
        atWork.add(own);
        if (atWork.size >= mostAtWork) await Promise.race(atWork);
      }
    } catch (cause) {
      await Promise.all(atWork);
      return E.left(fileTrouble('standard input', 'read')(cause));
    }
    await Promise.all(atWork);
    return E.right(
      // A reader that went away before the answers is no reader that has seen enough.
      loss === undefined ? printed('') : { text: '', shortfalls: [loss.sentence] },
    );
  };
