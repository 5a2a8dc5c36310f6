// The fingerprint of settings is FNV-1a (RFC 9923) from two offsets, always of 16 digits: here in integers of any size.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprintOf } from '../../src/learning/experiment/fingerprint.js';
import { runs } from '../support/property.js';

/** FNV-1a with 32 bits over the code units of a text. */
const fnv = (text: string, offset: bigint): string =>
  Array.from({ length: text.length }, (_, i) => BigInt(text.charCodeAt(i)))
    .reduce((state, unit) => ((state ^ unit) * 0x01000193n) & 0xffffffffn, offset)
    .toString(16)
    .padStart(8, '0');

test('the reference gives the published values', () => {
  assert.equal(
    ['', 'a', 'foobar'].map((text) => fnv(text, 0x811c9dc5n)),
    ['811c9dc5', 'e40c292c', 'bf9cf968'],
  );
});

test('fingerprints are those of the reference, 16 hexadecimal digits', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'small' }), (settings) => {
      const text = JSON.stringify(settings);
      const seen = fingerprintOf(settings);
      assert.is(seen, fnv(text, 0x811c9dc5n) + fnv(text, 0x6c62272en));
      assert.match(seen, /^[0-9a-f]{16}$/);
    }),
    runs(300),
  );
});

test.run();
