/** Text that a file may hold and a terminal must not see: control sequences, marks that reorder, halves of characters. */
import * as fc from 'fast-check';

/** A character that must not reach a terminal: control (C0, DEL, C1), reordering or invisible, a line of its own, half a pair. */
export const hiddenCharacter =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}/u;

const pieces = [
  '\u001b[31m',
  '\u001b]0;title\u0007',
  '\u009b2J',
  '\u001b[2J\u001b[H',
  '\r',
  '\n',
  '\nDone: 0 faults',
  '\t',
  '\b',
  '\u007f',
  '\u0085',
  '\u0000',
  '\u202e',
  '\u2066',
  '\u200f',
  '\u2028',
  '\ufeff',
  '\ud800',
  '\udc00',
  '<b>',
  '&',
  '"',
  ',',
  'x',
  'Größe',
];

/** Any text, with what does harm in it more often than chance would have it. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 3 })), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

/** The same as the name of a file: without what the system forbids in it, and short. */
export const hostileName: fc.Arbitrary<string> = hostileText.map((text) =>
  // eslint-disable-next-line no-control-regex -- NUL ends a path
  text.replace(/[/\u0000\p{Cs}]/gu, '').slice(0, 40),
);
