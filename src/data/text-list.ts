/** Which texts does a list name that is typed in one word? Those between commas; one in quotes may hold commas itself. */
import * as O from '#fp-ts/Option';

/** The texts of a list with commas between them, without white space around them; none where a quote does not close before one. */
export const partsOf = (word: string): O.Option<readonly string[]> => {
  const parts: string[] = [];
  for (let at = 0; at <= word.length; at++) {
    while (word.charAt(at) === ' ') at++;
    if (word.charAt(at) !== '"') {
      const comma = word.indexOf(',', at);
      const end = comma < 0 ? word.length : comma;
      parts.push(word.slice(at, end).trim());
      at = end;
      continue;
    }
    let close = word.indexOf('"', at + 1);
    while (close >= 0 && word.charAt(close + 1) === '"') close = word.indexOf('"', close + 2);
    if (close < 0) return O.none;
    parts.push(
      word
        .slice(at + 1, close)
        .replaceAll('""', '"')
        .trim(),
    );
    at = close + 1;
    while (word.charAt(at) === ' ') at++;
    if (at < word.length && word.charAt(at) !== ',') return O.none;
  }
  return O.some(parts);
};
