// Runs an expression on the device and compares it with a loop's values, which specs write themselves, apart from the
// engines, so that both cannot be wrong alike.
import * as assert from 'uvu/assert';
import type { Engine, Values } from '../../src/engine/engine.js';
import { keepsWithin } from '../../src/engine/expanded.js';
import { plan } from '../../src/engine/plan.js';
import { scheduleOf, type Work } from '../../src/engine/webgpu/schedule.js';
import type { Tensor, TypedArray } from '../../src/tensor/expression.js';
import { program } from '../../src/tensor/program.js';
import { succeed } from '../support/device.js';

/** Numbers in (−1, 1) by a plain recurrence: any will do, the same every time. */
export const numbers = (size: number, seed = 1): Float32Array => {
  let state = seed;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
};

/** An element, NaN where there is none. */
export const at = (values: ArrayLike<number>, i: number): number => values[i] ?? NaN;

/** The dispatches of one step that computes an expression. */
export const dispatchesOf = (value: Tensor): readonly Work['dispatch'][] =>
  scheduleOf(plan(program({ value }), keepsWithin(2 ** 25)).body).map(({ dispatch }) => dispatch);

/** Rejects unless max |a − b| ≤ tolerance (1 + max |b|), a the expression's values on `engine` and b the expected ones. */
export const compareOn = async (
  engine: Engine,
  value: Tensor,
  inputs: Values,
  expected: (i: number) => number,
  tolerance: number,
): Promise<void> => {
  const loaded = await succeed(engine.load(program({ value })));
  try {
    const actual: TypedArray | undefined = (await succeed(loaded.run({ inputs })))['value'];
    assert.ok(actual !== undefined && actual.length > 0);
    let [largest, worst, where] = [0, 0, 0];
    for (let i = 0; i < actual.length; i++) {
      const wanted = expected(i);
      const error = Math.abs(at(actual, i) - wanted);
      largest = Math.max(largest, Math.abs(wanted));
      if (!(error <= worst)) [worst, where] = [error, i];
    }
    assert.ok(
      worst <= tolerance * (1 + largest),
      `element ${where}: ${at(actual, where)}, expected ${expected(where)}`,
    );
  } finally {
    loaded.close();
  }
};
