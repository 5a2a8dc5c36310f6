/**
 * Which name did the user mean? The one that the fewest insertions, deletions and replacements of a character turn
 * into what was written (Levenshtein's distance, letters compared without case), if a third of it is right.
 *
 * Nobody mistypes a name of hundreds of characters: a longer text is near to nothing, so that the work is at most
 * {@link LONGEST_NAME} steps a character of the names.
 */
import * as O from '#fp-ts/Option';
import { at } from '../at.js';

/** The longest text that is compared, in characters. */
export const LONGEST_NAME = 100;

const distance = (a: string, b: string): number => {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(
        Math.min(
          (above[j] ?? NaN) + 1,
          (row[j - 1] ?? NaN) + 1,
          (above[j - 1] ?? NaN) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    above = row;
  }
  return at(above, b.length);
};

/** The name nearest to what was written, or none if nothing is near. The first one of equals. */
export const nearestName = (written: string, names: readonly string[]): O.Option<string> => {
  if (written.length > LONGEST_NAME) return O.none;
  const scored = names
    .filter(({ length }) => length <= LONGEST_NAME)
    .map((name) => ({ name, score: distance(written.toLowerCase(), name.toLowerCase()) }));
  const best = scored.reduce<O.Option<(typeof scored)[number]>>(
    (found, next) => (O.isSome(found) && found.value.score <= next.score ? found : O.some(next)),
    O.none,
  );
  return O.isSome(best) && best.value.score <= (2 / 3) * Math.max(written.length, best.value.name.length)
    ? O.some(best.value.name)
    : O.none;
};
