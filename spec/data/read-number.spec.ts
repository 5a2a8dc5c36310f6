// A decimal number is read as the language reads it, whatever its digits; nothing else is one.
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decimalIn, looksNumeric, numberRemedy, quoted, readNumber } from '../../src/data/read-number.js';
import { runs } from '../support/property.js';

/** The grammar as a pattern; of short texts alone, for it goes back over what it has seen. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const digits = (maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { maxLength }).map((list) => list.join(''));

/** Numbers in decimal notation, many of them halfway between two doubles or with more digits than these have. */
const decimal = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-30, max: 1e30 }).map((x) => x.toPrecision(17)),
  fc
    .tuple(fc.integer({ min: 0, max: 2 ** 53 }), fc.integer({ min: -30, max: 30 }))
    .map(([m, e]) => `${m}e${e}`),
  fc
    .tuple(fc.constantFrom('', '+', '-'), digits(25), fc.constantFrom('', '.'), digits(25), digits(3))
    .filter(([, whole, , part]) => whole + part !== '')
    .map(
      ([sign, whole, point, part, power]) =>
        `${sign}${whole}${point}${part}${power === '' ? '' : `E-${power}`}`,
    ),
);

test('a decimal number, alone or inside of a text, is the double that the language reads', () => {
  fc.assert(
    fc.property(decimal, fc.constantFrom('', '7', 'x', ',', '.'), (text, around) => {
      const read = decimalIn(around + text + around, around.length, around.length + text.length);
      assert.ok(Object.is(read, Number(text)), `${text}: ${read}`);
    }),
    runs(5_000),
  );
});

test('what is a decimal number is what the pattern says', () => {
  const character = fc.constantFrom(
    '0',
    '5',
    '9',
    '.',
    'e',
    'E',
    '+',
    '-',
    ' ',
    ',',
    '_',
    'x',
    '٣',
    '１',
    '\0',
  );
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 8 }), (text) => {
      assert.is(!Number.isNaN(decimalIn(text, 0, text.length)), DECIMAL.test(text), text);
    }),
    runs(20_000),
  );
});

test('spellings of numbers that are not finite look like numbers and are refused as such', () => {
  for (const word of ['NaN', 'nan', '+inf', '-Infinity', ' INF ', '1e999', '-1e999']) {
    assert.ok(looksNumeric(word), word);
    const read = readNumber(word);
    assert.ok(E.isLeft(read) && / is not a finite number$/.test(read.left.problem));
  }
  for (const word of ['nanx', 'infinite', '', '--1', '0x10']) assert.not.ok(looksNumeric(word), word);
});

test('what to change is told of numbers in another notation, and not of those that are too large', () => {
  assert.match(numberRemedy('1.234,5') ?? '', /decimal point/);
  for (const text of ['1e400', '-1e999', '1.5']) assert.is(numberRemedy(text), undefined, text);
});

test('a text of any length is quoted by its beginning, and has no other notation', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.ok(quoted(text.repeat(50)).length <= 6 * 42 + 2);
      assert.is(numberRemedy(`${text}${'1,5'.repeat(20)}`), undefined);
    }),
    runs(200),
  );
});

test.run();
