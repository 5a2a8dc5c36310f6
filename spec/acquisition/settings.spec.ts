/** Settings that are given, and those that are left out or undefined. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { givenSettings, unusedSettings } from '../../src/acquisition/settings.js';
import { strategies } from '../../src/acquisition/index.js';

test('what is given is kept, what is undefined is left out', () => {
  assert.equal(givenSettings({ temperature: 0.5, policy: undefined, coldness: 2 }), {
    temperature: 0.5,
    coldness: 2,
  });
  assert.equal(givenSettings({}), {});
});

test('a strategy has no use for the settings that it does not take', () => {
  assert.equal(unusedSettings(strategies.powerBald, { coldness: 2 }), []);
  assert.equal(unusedSettings(strategies.powerBald, { temperature: 2, coldness: 2 }), ['temperature']);
});

test.run();
