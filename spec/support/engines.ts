/** The engines on which every numeric spec runs. */
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Engine, LoadedProgram, RunRequest, Values } from '../../src/engine/engine.js';
import type { Tensor, TypedArray } from '../../src/tensor/expression.js';
import { program, type Program } from '../../src/tensor/program.js';
import { closeDeviceEngine, deviceEngine, succeed } from './device.js';
import { withShadows } from './shadows.js';

export { runs, seed } from './property.js';

/**
 * All engines, opened; the CPU engine with its shadows of several threads. Where there is no device this rejects, and the file
 * that awaits it fails.
 */
export const openEngines = async (): Promise<readonly [cpu: Engine, webgpu: Engine]> => [
  withShadows(cpuEngine()),
  await deviceEngine(),
];

/** The last thing a spec file does, as a test of its own: nothing is left on any engine. */
export const closeEngines = async (engines: readonly Engine[]): Promise<void> => {
  for (const engine of engines) {
    const { buffers, bytes } = engine.counters();
    if (buffers !== 0 || bytes !== 0)
      throw new Error(`${engine.description}: ${buffers} buffers, ${bytes} bytes are left`);
  }
  await closeDeviceEngine();
};

/** Named values as they were read. */
export type Answers = Readonly<Record<string, TypedArray>>;

/** Loads a program, uses it, and closes it. */
export const withLoaded = async <A>(
  engine: Engine,
  loading: Program,
  use: (run: (request: RunRequest) => Promise<Answers>) => Promise<A>,
): Promise<A> => {
  const loaded: LoadedProgram = await succeed(engine.load(loading));
  try {
    return await use((request) => succeed(loaded.run(request)));
  } finally {
    loaded.close();
  }
};

/** Only the values that a program takes: what does not reach an output is no input of it. */
export const taken = ({ inputs }: Program, values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => inputs[name] !== undefined));

/** The outputs of one run. */
export const answer = (engine: Engine, running: Program, values: Values = {}): Promise<Answers> =>
  withLoaded(engine, running, (run) => run({ inputs: taken(running, values) }));

/** The value of one expression. */
export const valueOf = async (
  engine: Engine,
  expression: Tensor,
  values: Values = {},
): Promise<TypedArray> => {
  const { value } = await answer(engine, program({ value: expression }), values);
  if (value === undefined) throw new Error('the program gave no value');
  return value;
};
