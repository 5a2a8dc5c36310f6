/**
 * Does a text of JSON give a name twice in one object? Of two values the last would be taken in silence (RFC 8259, section 4: what a
 * reader does then is not foreseeable), so what people write by hand or by a program of their own is refused.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { parseJson, type ParsedJson } from './json.js';
import { quoted } from './read-number.js';

/** How many names the objects of a value have together. */
const countNames = (value: unknown): number => {
  let count = 0;
  // By a list of its own: what was parsed may be nested as deep as the stack goes.
  const left: unknown[] = [value];
  while (left.length > 0) {
    const item = left.pop();
    if (typeof item !== 'object' || item === null) continue;
    const items: unknown[] = Object.values(item);
    if (!Array.isArray(item)) count += items.length;
    for (const inner of items) left.push(inner);
  }
  return count;
};

/** How many colons a text has: one for each name, and those inside texts. */
const countColons = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) count++;
  return count;
};

/** Behind the closing quote of a text that opens at `from`. */
export const endOfText = (text: string, from: number): number => {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
};

/** The first name that an object of a text has twice; undefined where none has. The text is JSON. */
const repeatedName = (text: string): string | undefined => {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length;) {
    const sign = text[at];
    if (sign === '{' || sign === '[') open.push(new Set());
    if (sign === '}' || sign === ']') open.pop();
    if (sign !== '"') {
      at++;
      continue;
    }
    const end = endOfText(text, at);
    let next = end;
    while (next < text.length && ' \n\r\t'.includes(text.charAt(next))) next++;
    if (text[next] === ':') {
      const name = String(JSON.parse(text.slice(at, end)));
      const names = open.at(-1);
      if (names?.has(name) === true) return name;
      names?.add(name);
    }
    at = end;
  }
  return undefined;
};

/** {@link parseJson} that fails too where an object has a name twice. */
export const parseUniqueJson = (text: string): E.Either<string, ParsedJson> =>
  pipe(
    parseJson(text),
    E.chain((parsed) => {
      // A name that is given twice is lost in the value, so its colon is left over; only then the text is gone through.
      const name = countColons(text) === countNames(parsed.value) ? undefined : repeatedName(text);
      return name === undefined ? E.right(parsed) : E.left(`it has the name ${quoted(name)} twice`);
    }),
  );

/** What is wrong with a text of JSON that is a line, in words. */
export const ofLine = (problem: string): string =>
  problem.startsWith('it ') ? `the line ${problem.slice(3)}` : problem;
