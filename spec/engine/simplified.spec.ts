// Programs in fewer nodes: what stands for its operand goes, and what only that asked for with it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plan } from '../../src/engine/plan.js';
import { simplified } from '../../src/engine/simplified.js';
import * as t from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { answer, closeEngines, openEngines } from '../support/engines.js';

const engines = await openEngines();
const x = t.input('x', 'f32', [2, 3]);

const image = (y: typeof x): typeof x => {
  const { y: out = y } = simplified(program({ y })).outputs;
  return out;
};

test('reshapes give way to what they stand for, and stopGradient, which tells walks apart, does not', () => {
  const stopped = t.stopGradient(x);
  assert.is(image(stopped), stopped);
  assert.is(image(t.reshape(t.reshape(x, [6]), [2, 3])), x);
  assert.is(image(t.reshape(t.reshape(x, [6]), [3, 2])).operands[0], x);
  const kept = t.reshape(x, [3, 2]);
  assert.is(image(kept), kept);
});

test('a slice within one operand of a concat is of that operand', () => {
  const other = t.exp(x);
  const whole = t.concat([x, other, x], 1);
  assert.is(image(t.slice(whole, [0, 0], [2, 3])), x);
  assert.is(image(t.slice(whole, [0, 3], [2, 3])), other);
  const part = image(t.slice(whole, [1, 7], [1, 2]));
  assert.is(part.operands[0], x);
  assert.equal(part.attributes, { starts: [1, 1] });
  const over = t.slice(whole, [0, 2], [2, 2]);
  assert.is(image(over), over);
});

test('what is not asked for is not computed, and values stay as they are', async () => {
  const planes = t.concat([t.reshape(t.exp(x), [6]), t.reshape(t.tanh(x), [6])], 0);
  const y = t.reshape(t.slice(planes, [6], [6]), [2, 3]);
  const { body } = plan(program({ y }));
  assert.equal(
    body.map(({ primitive }) => primitive),
    ['tanh'],
  );
  const straddling = t.slice(planes, [4], [4]);
  const values = { x: Float32Array.of(-1, 0, 0.5, 1, 2, 3) };
  for (const engine of engines) {
    const got = await answer(engine, program({ y, straddling }), values);
    const near = (name: string, expected: readonly number[]): void =>
      expected.forEach((value, i) => assert.ok(Math.abs((got[name]?.[i] ?? NaN) - value) < 1e-4, name));
    near('y', Array.from(values.x, Math.tanh));
    near('straddling', [Math.exp(2), Math.exp(3), Math.tanh(-1), Math.tanh(0)]);
  }
});

test('nothing is left', () => closeEngines(engines));

test.run();
