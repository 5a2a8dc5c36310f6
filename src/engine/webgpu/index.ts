/**
 * The WebGPU engine: f32, u32 and i32 through the kernels of kernels/*.wgsl, on Dawn in Node and on `navigator.gpu` in a
 * browser.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { closedInUse, type EngineFailure } from '../../failure.js';
import type { Engine } from '../engine.js';
import { closeGraphics, openGraphics, type AdapterDescription, type Graphics } from './adapter.js';
import { minSaved } from './chain-choices.js';
import { watchDevice } from './faults.js';
import type { Gpu } from './gpu-types.js';
import { kernelSources } from './kernel-sources.js';
import { loadProgram, type Loaded } from './loaded.js';
import type { OpenDevice } from './open-device.js';
import { emptyTally } from '../tally.js';
import { memoryOf } from './memory.js';
import { pipelinesOf, type Compiling, type KernelSources } from './pipelines.js';
import { dtypes, requireDtypes } from './schedule.js';

const closed = closedInUse('webgpu');

export { listAdapters, type AdapterDescription } from './adapter.js';
export type { Compiling } from './pipelines.js';

/** How the engine goes about its work. */
export interface EngineSettings {
  /** The texts of the kernels. */
  readonly sources?: KernelSources;
  /**
   * Pointwise steps go together into one dispatch where chains of one structure save at least so many dispatches a step
   * of the program; default {@link minSaved}, with Infinity they never do.
   */
  readonly minSaved?: number;
  /** Is told how the kernels of a program that is being loaded come along. */
  readonly compiling?: Compiling;
}

/** The engine on a device that is open already. It closes the device with itself. */
export const engineOn = (
  graphics: Graphics,
  { sources = kernelSources, minSaved: least = minSaved, compiling }: EngineSettings = {},
): Engine => {
  const { device, description } = graphics;
  let closing: Promise<void> | undefined;
  const isClosed = (): boolean => closing !== undefined;
  const tally = emptyTally();
  const watch = watchDevice(device);
  const machine: OpenDevice = {
    device,
    watch,
    tally,
    memory: memoryOf(device, tally),
    pipelines: pipelinesOf(device, watch, tally, sources, compiling),
    minSaved: least,
    isClosed,
    largestBinding: Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize),
  };
  const loaded = new Set<Loaded>();

  const close = async (): Promise<void> => {
    for (const program of loaded) program.close();
    await Promise.all([...loaded].map((program) => program.settled()));
    await closeGraphics(graphics);
  };

  return {
    kind: 'webgpu',
    description: description.name,
    software: description.software,
    dtypes,
    load: (program) => async () => {
      requireDtypes(program);
      const found = isClosed() ? E.left(closed) : await loadProgram(machine, program)();
      // It may have been closed meanwhile.
      if (isClosed()) {
        if (E.isRight(found)) found.right.close();
        return E.left(closed);
      }
      return pipe(
        found,
        E.map((made) => {
          loaded.add(made);
          return {
            run: made.run,
            close: () => {
              made.close();
              void made.settled().then(() => loaded.delete(made));
            },
          };
        }),
      );
    },
    counters: () => ({ ...tally }),
    close: () => (closing ??= close()),
  };
};

/**
 * Opens the WebGPU engine, on the GPU object given or else on the machine's own. Fails where there is no adapter, or
 * none that `accept` takes; `Engine.software` says whether it is one that imitates a GPU, and `compiling` is told how
 * the kernels of a program that is being loaded come along.
 */
export const webgpuEngine = (
  gpu?: Gpu,
  accept?: (adapter: AdapterDescription) => boolean,
  compiling?: Compiling,
): TE.TaskEither<EngineFailure, Engine> =>
  pipe(
    openGraphics(gpu, accept),
    TE.map((graphics) => engineOn(graphics, compiling === undefined ? {} : { compiling })),
  );
