// Names that a text of JSON gives twice: found wherever the object is, and nothing else is taken for one.
import * as E from 'fp-ts/lib/Either.js';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJson } from '../../src/data/json.js';
import { parseUniqueJson } from '../../src/data/unique-json.js';
import { runs } from '../support/property.js';

/** Texts with what might be taken for names: colons, quotes, backslashes, brackets. */
const hostile = fc.oneof(fc.string(), fc.stringMatching(/^[\\":{}[\],a ]*$/));

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    hostile,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(hostile, tie('value'), { maxKeys: 3 }),
  ),
})).value;

test('what JSON.stringify writes is read as it is, whatever its texts hold', () => {
  fc.assert(
    fc.property(values, fc.constantFrom(undefined, 1), (value, space) => {
      const text = JSON.stringify(value, undefined, space);
      assert.equal(parseUniqueJson(text), parseJson(text));
    }),
    runs(500),
  );
});

test('an object that has a name twice is refused with the name, however deep it is and however the name is written', () => {
  fc.assert(
    fc.property(hostile, values, values, fc.boolean(), (name, one, other, escaped) => {
      const key = JSON.stringify(name);
      const written = (escape: boolean): string =>
        escape && /^"[a-z]/.test(key)
          ? key.replace(/^"(.)/, (_, c: string) => `"\\u00${c.charCodeAt(0).toString(16)}`)
          : key;
      const twice = `{${key}:${JSON.stringify(one)}, ${written(escaped)} : ${JSON.stringify(other)}}`;
      for (const text of [twice, `[1,${twice}]`, `{"x":${twice},"y":"a:b"}`]) {
        const read = parseUniqueJson(text);
        assert.ok(E.isLeft(read), text);
        assert.match(read.left, /^it has the name .* twice$/s);
      }
    }),
    runs(300),
  );
});

test('the same name in different objects is no repeat, and what is no JSON stays that', () => {
  for (const text of ['{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}', '{"a":":","b":"\\"a\\":"}', '[":",":"]'])
    assert.ok(E.isRight(parseUniqueJson(text)), text);
  assert.equal(parseUniqueJson('{"a":1,}'), E.left('it is not JSON'));
});

test.run();
