/** What do words of the command line tell of labels? `ROW=LABEL`: the row by its line or its name, the label as the table would write it. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { classNamed } from '../data/class-names.js';
import {
  type DecimalMark,
  isThousandOrFraction,
  pointed,
  thousandOrFraction,
} from '../data/decimal-comma.js';
import { numberRemedy, readNumber } from '../data/read-number.js';
import type { Fault } from '../failure.js';
import type { SessionStart } from '../learning/session/events.js';
import { noSuchRow } from '../learning/session/event-faults.js';
import type { Label } from './label-file.js';
import { rowAndRest, rowReader } from './row-words.js';

/** How numbers are written: as it is said, or else as in the table of the session. */
interface Marks {
  readonly said: DecimalMark | undefined;
  readonly usual: DecimalMark | undefined;
}

/** What to change in a text that is no number. */
const remedyOf = (text: string): string =>
  pointed(text) === undefined
    ? (numberRemedy(text) ?? 'Give a number behind the =: 17=0.25')
    : 'Write the number with a decimal point and without separators of thousands, or add --decimal ,';

const numberTyped =
  (word: string, { said, usual = '.' }: Marks) =>
  (label: string): E.Either<Fault, number> => {
    const text = label.trim();
    const decimal = said ?? usual;
    if (said === undefined && decimal === ',' && isThousandOrFraction(text))
      return E.left({ source: word, ...thousandOrFraction(text) });
    return pipe(
      readNumber(decimal === ',' ? (pointed(text) ?? text) : text),
      E.mapLeft(({ problem }) => ({ source: word, problem, remedy: remedyOf(text) })),
    );
  };

/** Reads a row and its label: a number or, in a session of classes, the name of one. `said`: by `--decimal`. */
export const labelReader = (
  start: SessionStart,
  said: DecimalMark | undefined,
): ((word: string) => E.Either<Fault, Label>) => {
  const { classNames, rowNames } = start;
  const example = rowNames?.texts[0] ?? '17';
  const form =
    classNames === undefined
      ? `a number with = between them: ${example}=0.25`
      : `a class with = between them: ${example}=${classNames[0] ?? ''}`;
  const read = rowReader(start);
  return (word) => {
    const text = word.trim();
    if (text.endsWith('=') && read(text.slice(0, -1)) !== undefined)
      return E.left({
        ...{ source: word, problem: 'there is no label behind the =' },
        remedy: 'Give one: a label can be corrected by another, and is not taken back',
      });
    const found = rowAndRest(text, read);
    if (found === undefined)
      return E.left({
        source: word,
        problem: 'it is not a row and its label',
        remedy: `Give the ${rowNames === undefined ? 'line, in digits alone,' : `${rowNames.column} or the line`} and ${form}`,
      });
    const [row, label] = found;
    // A number that is not whole any more would be shown as another.
    if (!Number.isSafeInteger(row))
      return E.left({ ...noSuchRow, source: `row ${word.slice(0, word.indexOf('='))}` });
    return pipe(
      label,
      classNames === undefined
        ? numberTyped(word, { said, usual: start.data?.decimal })
        : (text) =>
            pipe(
              text,
              classNamed(classNames),
              E.mapLeft((fault) => ({ source: word, ...fault() })),
            ),
      E.map((value): Label => [row, value]),
    );
  };
};
