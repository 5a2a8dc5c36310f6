/** Engines in a bracket: chosen by name, used, and closed whatever happened. */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { EngineFailure, Failure } from '../failure.js';
import { cpuEngine, type CpuOptions } from './cpu/index.js';
import type { Engine } from './engine.js';
import { webgpuEngine, type Compiling } from './webgpu/index.js';

export type { Counters, Engine, LoadedProgram, RunRequest, Values } from './engine.js';
export { cpuEngine, type CpuOptions } from './cpu/index.js';
export { defaultThreads } from './cpu/threads/worker.js';
export { listAdapters, webgpuEngine, type AdapterDescription, type Compiling } from './webgpu/index.js';

/** `auto` is a hardware adapter if there is one and the CPU engine otherwise; the engine says which in `description`. */
export type EngineChoice = 'auto' | 'cpu' | 'webgpu';

/**
 * Opens an engine; `compiling` is told how the kernels of programs come along, where there are any, and `settings` are the
 * CPU engine's where it is that. Fails for `webgpu` where the machine has no adapter. Close it, or use {@link withEngine}.
 */
export const openEngine = (
  choice: EngineChoice,
  compiling?: Compiling,
  settings: CpuOptions = {},
): TE.TaskEither<EngineFailure, Engine> => {
  const cpu = TE.fromIO<Engine, EngineFailure>(() => cpuEngine(settings));
  switch (choice) {
    case 'cpu':
      return cpu;
    case 'webgpu':
      return webgpuEngine(undefined, undefined, compiling);
    case 'auto':
      return pipe(
        webgpuEngine(undefined, ({ software }) => !software, compiling),
        TE.alt(() => cpu),
      );
  }
};

/**
 * Opens an engine, uses it and closes it, also where the use throws. Fails with what `use` fails with, or where the
 * engine cannot be opened.
 */
export const withEngine = <A>(
  choice: EngineChoice,
  use: (engine: Engine) => TE.TaskEither<Failure, A>,
  compiling?: Compiling,
  settings?: CpuOptions,
): TE.TaskEither<Failure, A> =>
  pipe(
    openEngine(choice, compiling, settings),
    TE.chainW((engine) => async () => {
      // fp-ts's own bracket does not release where the use rejects, as a programmer's mistake makes it.
      try {
        return await use(engine)();
      } finally {
        await engine.close();
      }
    }),
  );
