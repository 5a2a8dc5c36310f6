/** Levels along the range of temperatures: the parabola goes through what it was given. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { sizeBiases, sizeBiasesAt, sizeBiasesThrough } from '../../src/gflownet/state-network.js';
import { constant, scalar } from '../../src/tensor/operations.js';
import { valueOf } from '../support/engines.js';
import { runs } from '../support/property.js';

const engine = cpuEngine();
const sizes = 3;
const numbers = fc
  .array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: sizes, maxLength: sizes })
  .map((values) => Float64Array.from(values));

const at = (values: Float64Array, place: number, from: number, length: number) =>
  valueOf(
    engine,
    sizeBiasesAt(constant(values, 'f64', sizeBiases(sizes).shape), scalar(place, 'f64'), from, length),
  );

test('given at both ends and in the middle, it passes through all three', () =>
  fc.assert(
    fc.asyncProperty(numbers, numbers, numbers, async (low, middle, high) => {
      const values = sizeBiasesThrough([low, middle, high]);
      for (const [place, given] of [
        [-1, low],
        [0, middle],
        [1, high],
      ] as const) {
        const found = await at(values, place, 1, 2);
        given.slice(1).forEach((level, k) => assert.ok(Math.abs((found[k] ?? NaN) - level) < 1e-9));
      }
    }),
    runs(40),
  ));

test('given for one temperature, it is the same everywhere', () =>
  fc.assert(
    fc.asyncProperty(numbers, fc.double({ min: -1, max: 1, noNaN: true }), async (middle, place) => {
      const found = await at(sizeBiasesThrough([middle]), place, 0, sizes);
      middle.forEach((level, k) => assert.ok(Math.abs((found[k] ?? NaN) - level) < 1e-9));
    }),
    runs(40),
  ));

test.run();
