/** Lines on a terminal: none is wider than it, no word is lost or moved, and what fits stays as it is. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitted } from '../../src/cli/fitted.js';
import { colourless } from '../../src/cli/streams.js';
import { runs } from '../support/property.js';

const word = fc.stringMatching(/^[a-z0-9,.]{1,12}$/);
const line = fc.tuple(fc.constantFrom('', '  ', '    '), fc.array(word, { minLength: 1, maxLength: 40 }));

test('lines are as wide as the terminal at most, with the words that they had, in their order', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), fc.integer({ min: 40, max: 100 }), (lines, width) => {
      const text = lines.map(([lead, words]) => lead + words.join(' ')).join('\n');
      const shown = fitted(text, width);
      assert.equal(shown.split(/\s+/), text.split(/\s+/));
      for (const one of shown.split('\n')) assert.ok(one.length <= width, one);
      const wide = Math.max(...text.split('\n').map(({ length }) => length));
      assert.is(fitted(text, wide), text);
    }),
    runs(300),
  );
});

test('a line of a table goes on under its last column, a sentence two spaces further in', () => {
  const table = '  draws       follow the target within 0.015\n  log Z       235.92';
  assert.is(
    fitted(table, 36),
    '  draws       follow the target\n              within 0.015\n  log Z       235.92',
  );
  assert.is(fitted('Expected: error 0.458 to 0.416', 20), 'Expected: error\n  0.458 to 0.416');
  assert.is(fitted('{"a": "a text that is wider"}', 20), '{"a": "a text that is wider"}');
  // A terminal that does not know its width.
  assert.is(fitted('a line of some words', 0), 'a line of some words');
});

test('colours have no width', () => {
  const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;
  const text = `${bold('--name')} ${bold('<a>')} some words`;
  assert.is(fitted(`${text}, and more`, 31), `${text}, and more`);
  assert.is(colourless(fitted(`${text}, and more`, 25)), '--name <a> some words,\n  and more');
});

test.run();
