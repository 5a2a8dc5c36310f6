// Words of the command line: what is accepted decodes to itself, what is not is told with a remedy.
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  decodeWord,
  nameList,
  oneOf,
  nonNegativeNumber,
  positiveInteger,
  positiveNumber,
  seed,
  text,
} from '../../src/cli/decoders.js';
import type { WordDecoder } from '../../src/cli/decoders.js';

const SEED = { seed: 20230615, numRuns: 500 };

const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1, -1, 2 ** 53, 2 ** 53 - 1, Number.NaN, Number.POSITIVE_INFINITY, 1e300),
);

const acceptsJust = (decoder: WordDecoder<number>, accepted: (value: number) => boolean): void => {
  fc.assert(
    fc.property(anyNumber, (value) => {
      const decoded = decodeWord(decoder)(String(value));
      assert.is(E.isRight(decoded), accepted(value));
      if (E.isRight(decoded)) assert.is(decoded.right, value === 0 ? 0 : value);
      assert.is(decoder.is(value), accepted(value));
    }),
    SEED,
  );
};

test('numbers: just those of the stated range are accepted', () => {
  acceptsJust(positiveInteger(10), (value) => Number.isSafeInteger(value) && value >= 1);
  acceptsJust(positiveInteger(10, 100), (value) => Number.isSafeInteger(value) && value >= 1 && value <= 100);
  acceptsJust(positiveNumber(0.5), (value) => value > 0 && value < Number.POSITIVE_INFINITY);
  acceptsJust(nonNegativeNumber(0.5), (value) => value >= 0 && value < Number.POSITIVE_INFINITY);
  acceptsJust(seed, (value) => Number.isSafeInteger(value) && value >= 0);
});

test('words that are not numbers are told as such, with what to give', () => {
  for (const word of ['', ' ', 'ten', '1e', '0x10', '1,5', '1_000', '--json'])
    assert.equal(decodeWord(positiveInteger(10))(word), {
      _tag: 'Left',
      left: {
        problem: `${JSON.stringify(word)} is not a whole number from 1 up`,
        remedy: 'Give a whole number from 1 up, 10 for instance',
      },
    });
});

test('one of several words: just those, and the nearest is suggested', () => {
  const decoder = oneOf(['auto', 'cpu', 'webgpu']);
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom('auto', 'cpu', 'webgpu', 'CPU'), fc.string()), (word) => {
      assert.is(E.isRight(decodeWord(decoder)(word)), ['auto', 'cpu', 'webgpu'].includes(word));
    }),
    SEED,
  );
  const remedy = (word: string): string => {
    const decoded = decodeWord(decoder)(word);
    return E.isLeft(decoded) ? decoded.left.remedy : 'accepted';
  };
  assert.is(remedy('webgup'), 'Give webgpu, or another of auto, cpu, webgpu');
  assert.is(remedy('????????????'), 'Give one of auto, cpu, webgpu');
});

test('lists of names come apart as they were put together; empty places are refused', () => {
  const name = fc.string({ minLength: 1 }).filter((s) => s.trim() === s);
  // As in a line of a table: a name with a comma is in quotes, and so is one that begins with one.
  const written = (s: string): string =>
    s.includes(',') || s.startsWith('"') ? `"${s.replaceAll('"', '""')}"` : s;
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), fc.constantFrom(',', ', ', ' , '), (names, comma) => {
      const words = names.map(written);
      assert.equal(decodeWord(nameList)(words.join(comma)), E.right(names));
      assert.ok(E.isLeft(decodeWord(nameList)([...words, ''].join(comma))));
    }),
    SEED,
  );
});

test('a text must have something in it', () => {
  const decoder = text('the name of a column', 'Name it');
  assert.equal(decodeWord(decoder)('a b'), E.right('a b'));
  assert.equal(
    decodeWord(decoder)(' '),
    E.left({ problem: '" " is not the name of a column', remedy: 'Name it' }),
  );
});

test.run();
