/**
 * How do lines fit a terminal? One that is wider goes on between words: under its last column where it is a line of a table that has a
 * name in front, else two spaces further in. JSON stays as it is, and so does what is no terminal's: the same work pipes the same.
 */
import { colourless } from './streams.js';

const widthOf = (text: string): number => colourless(text).length;

/** Where the text behind a name and two spaces begins; where the line does, if it has none. */
const places = (line: string): { readonly lead: number; readonly column: number } => {
  const plain = colourless(line);
  const startFrom = (from: number): number => plain.length - plain.slice(from).trimStart().length;
  const lead = startFrom(0);
  const gap = plain.indexOf('  ', lead);
  return { lead, column: gap < 0 ? lead : startFrom(gap) };
};

const fittedLine = (line: string, width: number): string => {
  if (widthOf(line) <= width) return line;
  const { lead, column } = places(line);
  const hang = ' '.repeat(column > lead && column <= width / 2 ? column : lead + 2);
  const lines: string[] = [];
  const [first = '', ...words] = line.split(' ');
  let current = first;
  for (const word of words) {
    const longer = `${current} ${word}`;
    if (word !== '' && widthOf(longer) > width && widthOf(current) > Math.max(lead, hang.length)) {
      lines.push(current.trimEnd());
      current = hang + word;
    } else current = longer;
  }
  return [...lines, current].join('\n');
};

/** A terminal that says to be narrower does not know. */
const narrowest = 20;

/** A text for a terminal of so many characters a line. A word that is longer than a line stays whole. */
export const fitted = (text: string, width: number): string =>
  width < narrowest || text.startsWith('{') || text.startsWith('[')
    ? text
    : text
        .split('\n')
        .map((line) => fittedLine(line, width))
        .join('\n');
