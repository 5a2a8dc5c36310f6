// What is shown of text from files: nothing that moves a cursor, reorders or hides, nothing lost, and JSON stays JSON.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printable, printableLine } from '../src/printable.js';
import { hiddenCharacter, hostileText } from './support/hostile.js';

const options = { seed: 20261129, numRuns: 500 };

test('nothing hidden is left but line breaks, and what is not hidden stays as it is', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const shown = printable(text);
      assert.not.match(shown.replaceAll('\n', ''), hiddenCharacter);
      assert.is(printableLine(text), shown.replaceAll('\n', '\\n'));
      assert.is(printable(shown), shown);
      assert.is(shown.split('\n').length, text.split('\n').length);
    }),
    options,
  );
  for (const text of ['', 'x²', 'Größe', 'a\u200cb', '👩\u200d🔬', 'שלום', 'a\\u001b'])
    assert.is(printable(text), text);
});

test('the characters are named as JSON names them', () => {
  assert.is(printableLine('\u001b[31m\u009b\r\n\t'), '\\u001b[31m\\u009b\\r\\n\\t');
  assert.is(printable('a\u202eb\u2066\u2028\ufeff\ud800'), 'a\\u202eb\\u2066\\u2028\\ufeff\\ud800');
  assert.is(printable('\u{e0001}'), '\\udb40\\udc01');
});

test('an object of JSON says the same', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hostileText, hostileText)), (pairs) => {
      const value = pairs.map(([name, text]) => ({ name, text }));
      assert.equal(JSON.parse(printable(JSON.stringify(value, undefined, 2))), value);
    }),
    options,
  );
});

test.run();
