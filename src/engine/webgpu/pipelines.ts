/**
 * Pipelines, keyed by kernel, `override` constants and what a chain puts behind its kernel's text: never by shape, which a
 * compile of up to seconds would not forgive. Their layouts are explicit, one for each number of operands and outputs, so that
 * bind groups can be shared.
 *
 *   binding 0        the uniform block of the dispatch, by dynamic offset
 *   bindings 1 … k   operands, read only
 *   binding k + 1 …  the output, or outputs
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { EngineFailure } from '../../failure.js';
import type { Dispatch } from '../../tensor/primitive.js';
import { kernelLabel, type Watch } from './faults.js';
import type { BindGroupLayout, ComputePipeline, Device } from './gpu-types.js';
import type { Tally } from '../tally.js';
import type { Work } from './schedule.js';

/** The texts of kernels by name. */
export type KernelSources = Readonly<Record<string, string>>;

/** The pipelines of a device. */
export interface Pipelines {
  /** The layout of bind groups with so many operands and outputs. */
  readonly layout: (bindings: readonly [operands: number, outputs: number]) => BindGroupLayout;
  /**
   * Makes the pipelines of the dispatches, those that are missing in parallel, and returns how to look them up. Fails,
   * naming the kernel, where one does not compile.
   */
  readonly prepare: (works: readonly Work[]) => TE.TaskEither<EngineFailure, (work: Work) => ComputePipeline>;
}

/** Is told how many of the pipelines that a program was found to lack are made: at first 0, at last all. */
export type Compiling = (made: number, total: number) => void;

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

/** Which pipeline a dispatch runs on, where nothing is put behind its kernel's text; also its label. */
export const pipelineName = ({ kernel, constants }: Dispatch): string =>
  [
    kernelLabel(kernel),
    ...Object.keys(constants)
      .sort()
      .map((name) => `${name}=${constants[name] ?? 0}`),
  ].join(' ');

/** What tells a work's pipeline from others. */
export const pipelineKey = ({ dispatch, text = '' }: Pick<Work, 'dispatch' | 'text'>): string =>
  pipelineName(dispatch) + text;

const computeStage = 0x4; // GPUShaderStage.COMPUTE, whose global exists in browsers only

/** The entries of a layout with so many operands and outputs. */
const layoutEntries = (operands: number, outputs: number): readonly GPUBindGroupLayoutEntry[] => {
  const storage = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => ({
    binding,
    visibility: computeStage,
    buffer: { type },
  });
  return [
    { binding: 0, visibility: computeStage, buffer: { type: 'uniform', hasDynamicOffset: true } },
    ...Array.from({ length: operands }, (_, i) => storage(i + 1, 'read-only-storage')),
    ...Array.from({ length: outputs }, (_, i) => storage(operands + 1 + i, 'storage')),
  ];
};

/** The layouts of a device, each made once. */
const layoutsOf = (device: GPUDevice): Pipelines['layout'] => {
  const layouts = new Map<string, GPUBindGroupLayout>();
  return ([operands, outputs]) => {
    const label = `${operands} operands, ${outputs} outputs`;
    const layout =
      layouts.get(label) ??
      device.createBindGroupLayout({ label, entries: layoutEntries(operands, outputs) });
    layouts.set(label, layout);
    return layout;
  };
};

/** The modules of kernels with what a chain puts behind their text, each made once. Throws for a kernel without text. */
const modulesOf = (device: GPUDevice, watch: Watch, sources: KernelSources) => {
  const modules: Started<GPUShaderModule> = new Map();
  return ({
    dispatch: { kernel },
    text = '',
    calls,
  }: Work): TE.TaskEither<EngineFailure, GPUShaderModule> => {
    const code = sources[kernel];
    const more = (calls === true ? (sources['pointwise'] ?? '') : '') + text;
    if (code === undefined) throw new TypeError(`webgpu: no kernels/${kernel}.wgsl`);
    const label = kernelLabel(kernel);
    return once(
      modules,
      kernel + more,
      watch.guard(`compiling ${label}`, () =>
        Promise.resolve(device.createShaderModule({ label, code: code + more })),
      ),
    );
  };
};

/** The pipelines of a device from the texts of its kernels. Throws a TypeError for a kernel that has no text. */
export const pipelinesOf = (
  device: Device,
  watch: Watch,
  tally: Tally,
  sources: KernelSources,
  compiling: Compiling = () => undefined,
): Pipelines => {
  const layout = layoutsOf(device);
  const moduleOf = modulesOf(device, watch, sources);
  const pipelines: Started<GPUComputePipeline> = new Map();

  const made = (work: Work): TE.TaskEither<EngineFailure, GPUComputePipeline> => {
    const { dispatch, reads, writes } = work;
    const label = pipelineName(dispatch);
    return pipe(
      moduleOf(work),
      TE.chain((module) =>
        watch.guard(`compiling ${label}`, () =>
          device.createComputePipelineAsync({
            label,
            layout: device.createPipelineLayout({
              label,
              bindGroupLayouts: [layout([reads.length, writes.length])],
            }),
            compute: { module, entryPoint: 'main', constants: dispatch.constants },
          }),
        ),
      ),
      TE.map((pipeline) => {
        tally.pipelines += 1;
        return pipeline;
      }),
    );
  };

  return {
    layout,
    prepare: (works) => () => {
      const wanted = new Map(works.map((work) => [pipelineKey(work), work]));
      const missing = new Set([...wanted.keys()].filter((key) => !pipelines.has(key)));
      let ready = 0;
      if (missing.size > 0) compiling(ready, missing.size);
      const pipelineOf = ([key, work]: readonly [string, Work]) =>
        pipe(
          once(pipelines, key, made(work)),
          TE.map((pipeline) => {
            if (missing.has(key)) compiling(++ready, missing.size);
            return [key, pipeline] as const;
          }),
        );
      return pipe(
        [...wanted],
        TE.traverseArray(pipelineOf),
        TE.map((all) => new Map(all)),
        TE.map((byKey) => (work: Work) => byKey.get(pipelineKey(work)) as GPUComputePipeline),
      )();
    },
  };
};
