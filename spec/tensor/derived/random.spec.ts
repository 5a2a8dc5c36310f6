// Random numbers inside programs: the host's bits on every engine, uniform and categorical frequencies.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../../src/engine/engine.js';
import { bits, keyFromSeed, keyWords, split, type Key } from '../../../src/random/key.js';
import {
  randomBits,
  randomCategorical,
  randomGumbel,
  randomUniform,
  splitKey,
} from '../../../src/tensor/derived/random.js';
import { sizeOf, type Shape, type Tensor } from '../../../src/tensor/expression.js';
import { broadcast, constant, input } from '../../../src/tensor/operations.js';
import { closeEngines, openEngines, runs, valueOf } from '../../support/engines.js';
import { shapes } from '../../support/fills.js';
import { close, sameBits } from '../../support/tolerances.js';

const engines = await openEngines();

const keyInput = input('key', 'u32', [2]);
const drawn = (engine: Engine, expression: Tensor, key: Key) =>
  valueOf(engine, expression, { key: keyWords(key) });

/** The law of randomUniform on the host, in f64: exact. */
const uniformOf = (word: number): number => ((word >>> 9) + 0.5) / 2 ** 23;

test('a program draws the bits of the host, and splits keys as the host does', () =>
  fc.assert(
    fc.asyncProperty(fc.maxSafeNat(), shapes(0, 4), fc.nat(2 ** 32 - 1), async (seed, shape, index) => {
      const key = keyFromSeed(seed);
      for (const engine of engines) {
        sameBits(await drawn(engine, randomBits(keyInput, shape), key), bits(key, sizeOf(shape)), 'bits');
        const child = splitKey(splitKey(keyInput, index), 3);
        sameBits(await drawn(engine, child, key), keyWords(split(split(key, index), 3)), 'split');
      }
    }),
    runs(25),
  ));

test('uniform numbers are those of their bits, in f32 exactly, and never 0 or 1', async () => {
  // Found by search: word 10 of the first seed begins with 24 ones, word 12 of the second with 24 zeros.
  for (const seed of [228028, 1683351, 1, 2]) {
    const key = keyFromSeed(seed);
    const expected = Float32Array.from(bits(key, 64), uniformOf);
    for (const engine of engines) {
      const actual = await drawn(engine, randomUniform(keyInput, 'f32', [64]), key);
      sameBits(actual, expected, `uniform numbers on ${engine.kind}`);
      assert.ok(
        actual.every((x) => x > 0 && x < 1),
        `a uniform number of seed ${seed} is 0 or 1`,
      );
    }
  }
  assert.ok((bits(keyFromSeed(228028), 64)[10] ?? 0) >= 0xffffff00);
  assert.ok((bits(keyFromSeed(1683351), 64)[12] ?? 999) < 256);
});

test('Gumbel numbers are −log(−log u), finite at both ends', async () => {
  for (const seed of [228028, 1683351, 3]) {
    const key = keyFromSeed(seed);
    const shape: Shape = [8, 8];
    const expected = Float64Array.from(bits(key, 64), (word) => -Math.log(-Math.log(uniformOf(word))));
    // Within 2⁻²⁰ of 1 an f32 says little of log u; there the number must only be large and finite.
    const top = expected.map((x, i) => (x > 13 ? i : -1)).filter((i) => i >= 0);
    for (const engine of engines) {
      const actual = Float64Array.from(await drawn(engine, randomGumbel(keyInput, 'f32', shape), key));
      for (const i of top) {
        assert.ok(
          (actual[i] ?? NaN) > 12 && (actual[i] ?? NaN) < 18,
          `a Gumbel number is ${actual[i] ?? NaN}`,
        );
        actual[i] = expected[i] ?? NaN;
      }
      close(actual, expected, 'gumbel', `Gumbel numbers on ${engine.kind}`);
    }
  }
});

/** Pearson's χ² of counts against probabilities. */
const chiSquare = (counts: readonly number[], probabilities: readonly number[]): number => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, i) => {
    const expected = total * (probabilities[i] ?? NaN);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
};

const counted = (values: Iterable<number>, cells: number): number[] => {
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

test('uniform numbers fill 64 cells evenly, and so do pairs of neighbours', async () => {
  for (const engine of engines) {
    const u = await drawn(engine, randomUniform(keyInput, 'f32', [16384]), keyFromSeed(7));
    const singles = counted(
      Float64Array.from(u, (x) => Math.floor(64 * x)),
      64,
    );
    const pairs = counted(
      Float64Array.from(
        { length: 8192 },
        (_, i) => 8 * Math.floor(8 * (u[2 * i] ?? 0)) + Math.floor(8 * (u[2 * i + 1] ?? 0)),
      ),
      64,
    );
    const even = new Array<number>(64).fill(1 / 64);
    // χ² with 63 degrees of freedom exceeds 131.4 once in 10⁶.
    assert.ok(chiSquare(singles, even) < 131.4, `${chiSquare(singles, even)}`);
    assert.ok(chiSquare(pairs, even) < 131.4, `${chiSquare(pairs, even)}`);
  }
});

test('categorical draws have the frequencies of the softmax over the allowed entries', async () => {
  const draws = 20_000;
  const logits = [0.5, -1, 2, 100, 0, 1.25];
  const allowed = [1, 1, 1, 0, 1, 1];
  const weights = logits.map((a, i) => (allowed[i] === 0 ? 0 : Math.exp(a)));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const expression = randomCategorical(
    keyInput,
    broadcast(constant(logits, 'f32', [6]), [draws, 6]),
    broadcast(constant(allowed, 'u32', [6]), [draws, 6]),
  );
  const answers = [];
  for (const engine of engines) {
    const chosen = await drawn(engine, expression, keyFromSeed(11));
    const counts = counted(chosen, 6);
    assert.is(counts[3], 0, 'an entry that is not allowed was drawn');
    const open = [0, 1, 2, 4, 5];
    const statistic = chiSquare(
      open.map((i) => counts[i] ?? 0),
      open.map((i) => (weights[i] ?? NaN) / total),
    );
    // χ² with 4 degrees of freedom exceeds 33.4 once in 10⁶.
    assert.ok(statistic < 33.4, `${statistic} on ${engine.kind}`);
    answers.push(chosen);
  }
  // The engines' logarithms differ in the last bits, so a near tie may fall the other way: rarely.
  const [first = [], second = []] = answers;
  const different = Array.from(first).filter((choice, i) => choice !== second[i]).length;
  assert.ok(different <= draws / 1000, `${different} of ${draws} draws differ between engines`);
});

test('one allowed entry is always drawn, whatever its logit', async () => {
  const logits = constant([-1e4, 50, 50, 50], 'f32', [1, 4]);
  const expression = randomCategorical(
    keyInput,
    broadcast(logits, [256, 4]),
    broadcast(constant([1, 0, 0, 0], 'u32', [4]), [256, 4]),
  );
  for (const engine of engines)
    assert.ok((await drawn(engine, expression, keyFromSeed(5))).every((choice) => choice === 0));
});

test('nothing is left on the engines', () => closeEngines(engines));

test.run();
