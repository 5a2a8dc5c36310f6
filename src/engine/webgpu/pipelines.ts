/**
 * Pipelines, keyed by kernel and `override` constants: never by shape, which a compile of up to seconds would not
 * forgive. Their layouts are explicit, one for each number of operands, so that bind groups can be shared.
 *
 *   binding 0        the uniform block of the dispatch, by dynamic offset
 *   bindings 1 … k   operands, read only
 *   binding k + 1    the output
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { EngineFailure } from '../../failure.js';
import type { Dispatch } from '../../tensor/primitive.js';
import { kernelLabel, type Watch } from './faults.js';
import type { Tally } from './memory.js';

/** The texts of kernels by name. */
export type KernelSources = Readonly<Record<string, string>>;

/** The pipelines of a device. */
export interface Pipelines {
  /** The layout of bind groups with so many operands. */
  readonly layout: (operands: number) => GPUBindGroupLayout;
  /**
   * Makes the pipelines of the dispatches, those that are missing in parallel, and returns how to look them up. Fails,
   * naming the kernel, where one does not compile.
   */
  readonly prepare: (
    dispatches: readonly Dispatch[],
  ) => TE.TaskEither<EngineFailure, (dispatch: Dispatch) => GPUComputePipeline>;
}

/** Effects by name. */
type Started<A> = Map<string, Promise<E.Either<EngineFailure, A>>>;

/** An effect that is started at most once under its name, unless it failed. */
const once =
  <A>(
    started: Started<A>,
    name: string,
    effect: TE.TaskEither<EngineFailure, A>,
  ): TE.TaskEither<EngineFailure, A> =>
  async () => {
    const promise = started.get(name) ?? effect();
    started.set(name, promise);
    const result = await promise;
    if (E.isLeft(result)) started.delete(name);
    return result;
  };

/** Which pipeline a dispatch runs on; also its label. */
export const pipelineName = ({ kernel, constants }: Dispatch): string =>
  [
    kernelLabel(kernel),
    ...Object.keys(constants)
      .sort()
      .map((name) => `${name}=${constants[name] ?? 0}`),
  ].join(' ');

const computeStage = 0x4; // GPUShaderStage.COMPUTE, whose global exists in browsers only

/** The pipelines of a device from the texts of its kernels. Throws a TypeError for a kernel that has no text. */
export const pipelinesOf = (
  device: GPUDevice,
  watch: Watch,
  tally: Tally,
  sources: KernelSources,
): Pipelines => {
  const layouts = new Map<number, GPUBindGroupLayout>();
  const modules: Started<GPUShaderModule> = new Map();
  const pipelines: Started<GPUComputePipeline> = new Map();

  const layout = (operands: number): GPUBindGroupLayout => {
    const known = layouts.get(operands);
    if (known !== undefined) return known;
    const storage = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => ({
      binding,
      visibility: computeStage,
      buffer: { type },
    });
    const made = device.createBindGroupLayout({
      label: `${operands} operands`,
      entries: [
        { binding: 0, visibility: computeStage, buffer: { type: 'uniform', hasDynamicOffset: true } },
        ...Array.from({ length: operands }, (_, i) => storage(i + 1, 'read-only-storage')),
        storage(operands + 1, 'storage'),
      ],
    });
    layouts.set(operands, made);
    return made;
  };

  const moduleOf = (kernel: string): TE.TaskEither<EngineFailure, GPUShaderModule> => {
    const code = sources[kernel];
    if (code === undefined)
      throw new TypeError(`webgpu: there is no kernels/${kernel}.wgsl; add it, or correct its name`);
    return once(
      modules,
      kernel,
      watch.guard(`compiling ${kernelLabel(kernel)}`, () =>
        Promise.resolve(device.createShaderModule({ label: kernelLabel(kernel), code })),
      ),
    );
  };

  const pipelineOf = (dispatch: Dispatch): TE.TaskEither<EngineFailure, GPUComputePipeline> => {
    const label = pipelineName(dispatch);
    return once(
      pipelines,
      label,
      pipe(
        moduleOf(dispatch.kernel),
        TE.chain((module) =>
          watch.guard(`compiling ${label}`, () =>
            device.createComputePipelineAsync({
              label,
              layout: device.createPipelineLayout({
                label,
                bindGroupLayouts: [layout(dispatch.operands.length)],
              }),
              compute: { module, entryPoint: 'main', constants: dispatch.constants },
            }),
          ),
        ),
        TE.map((pipeline) => {
          tally.pipelines += 1;
          return pipeline;
        }),
      ),
    );
  };

  return {
    layout,
    prepare: (dispatches) => {
      const wanted = new Map(dispatches.map((dispatch) => [pipelineName(dispatch), dispatch]));
      return pipe(
        [...wanted.values()],
        TE.traverseArray(pipelineOf),
        TE.map((made) => new Map([...wanted.keys()].map((name, i) => [name, made[i] as GPUComputePipeline]))),
        TE.map((byName) => (dispatch: Dispatch) => byName.get(pipelineName(dispatch)) as GPUComputePipeline),
      );
    },
  };
};
