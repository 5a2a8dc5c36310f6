/** How is a text written so that a shell takes it as one word? */
import { printableLine } from '../printable.js';

/** Between single quotes. */
export const inQuotes = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A character between the quotes of `$'…'`, which bash, zsh and ksh know: by its bytes in UTF-8 where it must not reach a terminal. */
const escaped = (character: string): string =>
  character === "'" || character === '\\'
    ? `\\${character}`
    : printableLine(character) === character
      ? character
      : Array.from(Buffer.from(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

/** As it is where that is one word, else between quotes; nothing in it but printable characters. */
export const inShell = (text: string): string =>
  /^[\w./:@%+=-]+$/.test(text)
    ? text
    : printableLine(text) === text
      ? inQuotes(text)
      : `$'${Array.from(text, escaped).join('')}'`;
