/**
 * What must not reach a terminal as it is? Text from files (names of columns, classes, records, paths) may hold control
 * characters, which move the cursor, recolour or retitle the terminal (ECMA-48), and characters that reorder or hide what
 * stands beside them (Unicode Standard Annex 9; Boucher and Anderson 2021, arXiv 2111.00169). They are shown as JSON escapes
 * them, so that an object of JSON stays one, and says the same.
 */

/**
 * Control (Cc), format (Cf: bidirectional marks, characters of no width, tags), line and paragraph separators (Zl, Zp), and
 * halves of surrogate pairs (Cs). The two joiners stay, without which Persian and Indic words are not written.
 */
const hidden = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (character: string): string =>
  short[character] ??
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');

/** Text of several lines for a terminal or a page: nothing in it but printable characters and line breaks. */
export const printable = (text: string): string =>
  text.replace(hidden, (character) => (character === '\n' ? character : escaped(character)));

/** Text of one line: {@link printable}, and line breaks in it are shown as `\n`. */
export const printableLine = (text: string): string => text.replace(hidden, escaped);
