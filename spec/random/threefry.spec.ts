// Threefry-2x32 with 20 rounds: the published known answers, on the host and on every engine.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { input, threefry } from '../../src/tensor/operations.js';
import { threefry2x32Into } from '../../src/tensor/threefry-block.js';
import { closeEngines, openEngines, valueOf } from '../support/engines.js';
import { sameBits } from '../support/tolerances.js';

const engines = await openEngines();

/** Key, counter, block: the test vectors of the paper's own library (Random123, kat_vectors). */
const known: readonly (readonly [
  key: readonly number[],
  counter: readonly number[],
  block: readonly number[],
])[] = [
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x13198a2e, 0x03707344],
    [0x243f6a88, 0x85a308d3],
    [0xc4923a9c, 0x483df7a0],
  ],
];

test('known answers on the host', () => {
  for (const [[k0 = 0, k1 = 0], [c0 = 0, c1 = 0], block] of known) {
    const out = new Uint32Array(4);
    threefry2x32Into(k0, k1, c0, c1, out, 1);
    assert.equal(Array.from(out), [0, ...block, 0]);
  }
});

for (const [name, engine] of [
  ...engines.map((engine) => [engine.kind, engine] as const),
  ['cpu without WebAssembly', cpuEngine({ accelerated: false })] as const,
])
  test(`known answers on ${name}, in any row`, async () => {
    const rows = 67;
    const expression = threefry(input('key', 'u32', [2]), input('counters', 'u32', [rows, 2]));
    for (const [key, counter, block] of known)
      for (const row of [0, rows - 1]) {
        const counters = new Uint32Array(2 * rows);
        counters.set(counter, 2 * row);
        const blocks = await valueOf(engine, expression, { key: Uint32Array.from(key), counters });
        sameBits(blocks.slice(2 * row, 2 * row + 2), Uint32Array.from(block), `row ${row}`);
      }
  });

test('nothing is left on the engines', () => closeEngines(engines));

test.run();
