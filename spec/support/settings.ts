/** Engine and element type together: what every numeric spec of the rooms above the engines runs on. */
import { withPrecision, type Program } from '../../src/tensor/program.js';
import type { Engine, Values } from '../../src/engine/engine.js';
import { answer, type Answers } from './engines.js';

/** One machine at one precision, with the tolerance (relative to the largest element) that it is held to. */
export interface Setting {
  readonly name: string;
  readonly engine: Engine;
  readonly dtype: 'f32' | 'f64';
  readonly tolerance: number;
}

/** CPU in f64 and f32, and WebGPU in f32. */
export const settingsOf = ([cpu, webgpu]: readonly [Engine, Engine]): readonly Setting[] => [
  { name: 'cpu f64', engine: cpu, dtype: 'f64', tolerance: 1e-9 },
  { name: 'cpu f32', engine: cpu, dtype: 'f32', tolerance: 1e-4 },
  { name: 'webgpu f32', engine: webgpu, dtype: 'f32', tolerance: 1e-4 },
];

/** Runs an f32 program once at a setting's precision. */
export const answerAt = ({ engine, dtype }: Setting, running: Program, values: Values): Promise<Answers> =>
  answer(engine, dtype === 'f64' ? withPrecision('f64', running) : running, values);

/** Throws where an answer is further from the expected one than the setting's tolerance allows. */
export const near = (
  { name, tolerance }: Setting,
  actual: ArrayLike<number> | undefined,
  expected: ArrayLike<number>,
  what: string,
): void => {
  const scale = 1 + Array.from(expected).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (actual?.length !== expected.length)
    throw new Error(`${name}, ${what}: ${actual?.length ?? 0} elements, should be ${expected.length}`);
  for (let i = 0; i < expected.length; i++) {
    const [is, should] = [actual[i] ?? NaN, expected[i] ?? NaN];
    if (!(Math.abs(is - should) <= tolerance * scale))
      throw new Error(
        `${name}, ${what}: element ${i} is ${is}, should be ${should} within ${tolerance * scale}`,
      );
  }
};
