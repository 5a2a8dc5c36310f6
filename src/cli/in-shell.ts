/** How is a text written so that a shell takes it as one word? */

/** Between single quotes. */
export const inQuotes = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** As it is where that is one word, else between quotes. */
export const inShell = (text: string): string => (/^[\w./:@%+=-]+$/.test(text) ? text : inQuotes(text));
