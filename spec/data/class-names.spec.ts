/** Names of classes and their numbers, the first one too; a name that is none says which is near. */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classNamed } from '../../src/data/class-names.js';

test('every name has its number from 0, blanks around it aside', () => {
  const numberOf = classNamed(['ash', 'beech', 'cedar']);
  for (const [number, written] of ['ash', ' beech', 'cedar\t'].entries())
    assert.equal(numberOf(written), E.right(number));
  const none = numberOf('bech');
  assert.ok(E.isLeft(none));
  assert.match(none.left().problem, /"bech" is none of the classes/);
  assert.match(none.left().remedy, /"beech" perhaps/);
});

test.run();
