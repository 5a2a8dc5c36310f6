/**
 * What does a Python dictionary in a text say? That of a header of NumPy: keys and texts in quotes, whole numbers, True and
 * False, and tuples or lists of these. Read once from left to right, so in time linear in its length.
 *
 * Source: The Python Language Reference, 6.2 "Atoms", of which these are a part.
 */

/** A value: a text, a number, a truth value, or several of them. */
export type PythonValue = string | number | boolean | readonly PythonValue[];

/** A value, and where the text goes on behind it. */
type Read = readonly [value: PythonValue, next: number] | undefined;

const isSpace = (letter: string): boolean => letter === ' ' || letter === '\n' || letter === '\t';
const isDigit = (letter: string): boolean => letter >= '0' && letter <= '9' && letter.length === 1;

const behindSpace = (text: string, at: number): number => {
  let next = at;
  while (isSpace(text.charAt(next))) next++;
  return next;
};

const quotedAt = (text: string, at: number): Read => {
  const end = text.indexOf(text.charAt(at), at + 1);
  return end === -1 ? undefined : [text.slice(at + 1, end), end + 1];
};

const numberAt = (text: string, at: number): Read => {
  const digits = text.charAt(at) === '-' ? at + 1 : at;
  let next = digits;
  while (isDigit(text.charAt(next))) next++;
  // Python 2 wrote an L behind long numbers.
  return next === digits
    ? undefined
    : [Number(text.slice(at, next)), text.charAt(next) === 'L' ? next + 1 : next];
};

/** How deep tuples may lie in each other: those of a header lie two deep. */
const deepest = 8;

const severalAt = (text: string, at: number, depth: number): Read => {
  const closing = text.charAt(at) === '(' ? ')' : ']';
  const values: PythonValue[] = [];
  let next = behindSpace(text, at + 1);
  while (text.charAt(next) !== closing) {
    const read = depth < deepest ? valueAt(text, next, depth + 1) : undefined;
    if (read === undefined) return undefined;
    values.push(read[0]);
    next = behindSpace(text, read[1]);
    if (text.charAt(next) === ',') next = behindSpace(text, next + 1);
    else if (text.charAt(next) !== closing) return undefined;
  }
  return [values, next + 1];
};

const valueAt = (text: string, at: number, depth: number): Read => {
  const letter = text.charAt(at);
  if (letter === "'" || letter === '"') return quotedAt(text, at);
  if (letter === '(' || letter === '[') return severalAt(text, at, depth);
  if (text.startsWith('True', at)) return [true, at + 4];
  if (text.startsWith('False', at)) return [false, at + 5];
  return numberAt(text, at);
};

/** The dictionary that a text is, its keys texts; undefined where it is none, or holds other values. */
export const dictionaryFrom = (text: string): ReadonlyMap<string, PythonValue> | undefined => {
  const found = new Map<string, PythonValue>();
  let next = behindSpace(text, 0);
  if (text.charAt(next) !== '{') return undefined;
  next = behindSpace(text, next + 1);
  while (text.charAt(next) !== '}') {
    const key = valueAt(text, next, 0);
    const colon = key === undefined ? -1 : behindSpace(text, key[1]);
    const value = text.charAt(colon) === ':' ? valueAt(text, behindSpace(text, colon + 1), 0) : undefined;
    if (key === undefined || value === undefined || typeof key[0] !== 'string') return undefined;
    found.set(key[0], value[0]);
    next = behindSpace(text, value[1]);
    if (text.charAt(next) === ',') next = behindSpace(text, next + 1);
    else if (text.charAt(next) !== '}') return undefined;
  }
  return found;
};
