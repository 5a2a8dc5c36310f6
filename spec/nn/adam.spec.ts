/** Adam, parameters and schedules against a plain loop in f64. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adam, adamDefaults, clipByNorm } from '../../src/nn/adam.js';
import { initialParameters, pack, parameterCount, unpack, weights, zeros } from '../../src/nn/parameters.js';
import { cosineDecay, linearDecay } from '../../src/nn/schedule.js';
import { keyFromSeed } from '../../src/random/key.js';
import { gradient } from '../../src/tensor/gradient.js';
import { filled, input, mul, sub, sum } from '../../src/tensor/operations.js';
import { program, withPrecision } from '../../src/tensor/program.js';
import { closeEngines, openEngines, valueOf, withLoaded } from '../support/engines.js';
import { near, settingsOf } from '../support/settings.js';

const engines = await openEngines();
const size = 5;
const rate = 0.1;
const target = Float64Array.of(1, -2, 0.5, 3, 0);

/** Minimises ½ |x − target|² by Adam; each step of the program is a step of Adam. */
const descent = () => {
  const x = input('parameters', 'f32', [size]);
  const first = input('first', 'f32', [size]);
  const second = input('second', 'f32', [size]);
  const steps = input('steps', 'f32', []);
  const distance = sub(x, input('target', 'f32', [size]));
  const loss = mul(0.5, sum(mul(distance, distance)));
  const [slope] = gradient(loss, [x]);
  const next = adam({ parameters: x, first, second, steps }, slope, filled(rate, 'f32', []));
  return program({ loss }, { ...next });
};

/** The same in a plain loop. */
const expected = (count: number): number[] => {
  const { beta1, beta2, epsilon } = adamDefaults;
  return Array.from(target, (goal) => {
    let [x, m, v] = [0, 0, 0];
    for (let t = 1; t <= count; t++) {
      const g = x - goal;
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      x -= (rate * (m / (1 - beta1 ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
    }
    return x;
  });
};

for (const setting of settingsOf(engines))
  test(`thirty steps of Adam, ${setting.name}`, async () => {
    const running = setting.dtype === 'f64' ? withPrecision('f64', descent()) : descent();
    const none = new Float64Array(size);
    const answers = await withLoaded(setting.engine, running, (run) =>
      run({
        inputs: { parameters: none, first: none, second: none, steps: Float64Array.of(0), target },
        steps: 30,
        read: ['parameters'],
      }),
    );
    near(setting, answers['parameters'], expected(30), 'parameters');
  });

test('packing is the inverse of unpacking, and first values keep to their spread', async () => {
  const specs = { a: weights(3, 4), b: zeros(4), c: weights(2, 2, 2) };
  const flat = initialParameters(specs, keyFromSeed(1));
  assert.is(flat.length, parameterCount(specs));
  assert.ok(flat.subarray(0, 12).every((x) => x !== 0 && Math.abs(x) <= 1));
  assert.ok(flat.subarray(12, 16).every((x) => x === 0));
  const x = input('x', 'f64', [flat.length]);
  const again = await valueOf(engines[0], pack(specs, unpack(specs, x)), { x: flat });
  assert.equal(Array.from(again), Array.from(flat));
});

test('clipping keeps the direction and bounds the norm', async () => {
  const x = input('x', 'f64', [2]);
  const long = await valueOf(engines[0], clipByNorm(x, 1), { x: Float64Array.of(3, 4) });
  assert.ok(Math.abs((long[0] ?? 0) - 0.6) < 1e-12 && Math.abs((long[1] ?? 0) - 0.8) < 1e-12);
  const short = await valueOf(engines[0], clipByNorm(x, 10), { x: Float64Array.of(3, 4) });
  assert.equal(Array.from(short), [3, 4]);
});

test('a linear decay falls from one to zero at its part of the training', async () => {
  const steps = input('steps', 'f64', []);
  const decay = linearDecay(steps, input('total', 'f64', []), 0.5);
  for (const [done, value] of [
    [0, 1],
    [25, 0.5],
    [50, 0],
    [80, 0],
    [120, 0],
  ] as const) {
    const [is] = await valueOf(engines[0], decay, {
      steps: Float64Array.of(done),
      total: Float64Array.of(100),
    });
    assert.ok(Math.abs((is ?? NaN) - value) < 1e-12, `${done}: ${is}`);
  }
});

test('a cosine decay falls from one to zero along half a cosine', async () => {
  const steps = input('steps', 'f64', []);
  const decay = cosineDecay(steps, input('total', 'f64', []));
  for (const [done, value] of [
    [0, 1],
    [25, (1 + Math.SQRT1_2) / 2],
    [50, 0.5],
    [100, 0],
    [120, 0],
  ] as const) {
    const [is] = await valueOf(engines[0], decay, {
      steps: Float64Array.of(done),
      total: Float64Array.of(100),
    });
    assert.ok(Math.abs((is ?? NaN) - value) < 1e-12, `${done}: ${is}`);
  }
});

test('engines are left empty', () => closeEngines(engines));

test.run();
