/**
 * Getting hold of a GPU: in a browser from `navigator.gpu`, in Node from Dawn (npm `webgpu`), or from an object that
 * the caller has. Nothing is looked up or loaded before it is asked for.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { engineFailure, type EngineFailure } from '../../failure.js';
import { missingDriver } from './driver.js';
import type { Adapter, Device, Gpu } from './gpu-types.js';

/** An adapter, for people. */
export interface AdapterDescription {
  readonly name: string;
  /** Whether the adapter is a program on the CPU that imitates a GPU. */
  readonly software: boolean;
  /** The largest tensor that it takes, in bytes. */
  readonly largestBinding: number;
}

/** An open device with what it came from. Close it with {@link closeGraphics}. */
export interface Graphics {
  readonly gpu: Gpu;
  readonly adapter: Adapter;
  readonly device: Device;
  readonly description: AdapterDescription;
}

/** What is wanted of Node's process, where there is one. */
interface Process {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule: (name: 'node:fs') => {
    readonly readdirSync: (folder: string) => readonly string[];
    readonly readFileSync: (file: string, encoding: 'latin1') => string;
  };
  readonly on: (event: 'exit', tell: () => void) => unknown;
  readonly off: (event: 'exit', tell: () => void) => unknown;
  readonly versions?: { readonly node?: string };
}

const node = (): Process | undefined => {
  const { process } = globalThis as { process?: Process };
  return process?.versions?.node === undefined ? undefined : process;
};

/**
 * The graphics that are open. Dawn crashes the process when the GPU object is collected before its device, and
 * collection follows no order, so an engine that was dropped without being closed has to be held here.
 */
const open = new Set<Graphics>();

// It crashes also, now and then, when the process exits while the device is at work: an exit code would be lost.
const destroyAll = (): void => {
  for (const { device } of open) device.destroy();
};

const hold = (graphics: Graphics): Graphics => {
  if (open.size === 0) node()?.on('exit', destroyAll);
  open.add(graphics);
  return graphics;
};

const letGo = (graphics: Graphics): void => {
  open.delete(graphics);
  if (open.size === 0) node()?.off('exit', destroyAll);
};

const failure = (problem: string, remedy: string): EngineFailure => engineFailure('webgpu', problem, remedy);

/** TE.tryCatch as a plain function: fp-ts's own has the generators of ES5 with it, 0.6 kB of a compressed bundle. */
const attempt =
  <A>(begin: () => Promise<A>, failed: (error: unknown) => EngineFailure): TE.TaskEither<EngineFailure, A> =>
  async () => {
    try {
      return E.right(await begin());
    } catch (error) {
      return E.left(failed(error));
    }
  };

/** What Dawn's package exports. */
interface Dawn {
  readonly create: (options: readonly string[]) => GPU;
}

/**
 * Every GPU object that was used, for the life of the process. Dawn leaves a turn of its events in the queue when a device
 * is closed, and that turn crashes the process where the object has been collected meanwhile; nothing tells when it is over.
 */
const used = new Set<GPU>();

const keep = (gpu: GPU): GPU => {
  used.add(gpu);
  return gpu;
};

// Dawn's own is made once, so that a process that opens and closes many engines does not gather them.
let dawnGpu: GPU | undefined;

// Not a literal, so that bundlers for browsers leave the import alone: there it is never reached.
const dawnPackage: string = 'webgpu';

const orElse = <A>(read: () => A, otherwise: A): A => {
  try {
    return read();
  } catch {
    return otherwise;
  }
};

/** What keeps Node's process from a driver, without loading Dawn; undefined where there may be one. */
const missingFor = ({ platform, env, getBuiltinModule }: Process): string | undefined => {
  const { readdirSync, readFileSync } = getBuiltinModule('node:fs');
  return missingDriver({
    platform,
    env,
    list: (folder) => orElse(() => readdirSync(folder), []),
    read: (file) => orElse(() => readFileSync(file, 'latin1'), ''),
  });
};

/** Whether an adapter is asked for by name, or taken where there is one: then Dawn is loaded only where there may be one. */
type Wish = 'asked for' | 'if any';

/** The machine's GPU interface. Fails where the browser has none or, in Node, where the package is not installed. */
const findGpu =
  (wish: Wish): TE.TaskEither<EngineFailure, GPU> =>
  async () => {
    const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
    if (own !== undefined) return TE.right(own)();
    const host = node();
    if (host === undefined)
      return TE.left(failure('this browser has no WebGPU', 'Use a browser that has it, or the cpu engine'))();
    const missing = wish === 'if any' ? missingFor(host) : undefined;
    if (missing !== undefined) return TE.left(failure(missing, remedyOf(host)))();
    return attempt(
      async () =>
        (dawnGpu ??= (
          (await import(/* webpackIgnore: true */ /* @vite-ignore */ dawnPackage)) as Dawn
        ).create([])),
      (error) =>
        failure(
          `the package webgpu (Dawn) could not be loaded: ${firstLine(error)}`,
          'Install it with `npm install webgpu@0.6.2`, or use the cpu engine',
        ),
    )();
  };

const firstLine = (error: unknown): string => String(error).split('\n')[0] ?? '';

const softwareNames = /swiftshader|llvmpipe|lavapipe|software|basic render|\bwarp\b/i;

const describe = ({ info, limits }: GPUAdapter): AdapterDescription => {
  const words = [info.vendor, info.architecture, info.device, info.description].filter((word) => word !== '');
  return {
    name: words.join(' ') || 'an adapter without a name',
    software: info.isFallbackAdapter || words.some((word) => softwareNames.test(word)),
    largestBinding: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
  };
};

const remedyOf = (host: Process | undefined): string =>
  host === undefined
    ? 'Turn on hardware acceleration in the settings of the browser, or use the cpu engine'
    : 'Install a driver (Vulkan on Linux, with its loader libvulkan.so.1; Metal and Direct3D 12 come with the system), or use the cpu engine';

const noAdapter = (): EngineFailure => {
  const host = node();
  return failure(
    host === undefined ? 'the browser offers no adapter' : 'the machine offers no adapter',
    remedyOf(host),
  );
};

const ask = (gpu: GPU, options: GPURequestAdapterOptions): TE.TaskEither<EngineFailure, GPUAdapter> =>
  pipe(
    attempt(
      () => gpu.requestAdapter(options),
      (error) => failure(`asking for an adapter failed: ${firstLine(error)}`, noAdapter().remedy),
    ),
    TE.chain((adapter) => (adapter === null ? TE.left(noAdapter()) : TE.right(adapter))),
  );

/**
 * The adapters of the machine, the preferred one first; WebGPU names one for each power preference and one in software.
 * Fails, saying why, where there is none.
 */
export const listAdapters = (gpu?: Gpu): TE.TaskEither<EngineFailure, readonly AdapterDescription[]> =>
  pipe(
    gpu === undefined ? findGpu('if any') : TE.right(gpu),
    TE.map(keep),
    TE.chain((found) => async () => {
      const wishes = [
        { powerPreference: 'high-performance' },
        { powerPreference: 'low-power' },
        { forceFallbackAdapter: true },
      ] as const;
      const answers = await Promise.all(wishes.map((options) => ask(found, options)()));
      const adapters = answers.flatMap((answer) => (E.isRight(answer) ? [describe(answer.right)] : []));
      return adapters.length === 0
        ? (answers.find(E.isLeft) ?? E.left(noAdapter()))
        : E.right(adapters.filter(({ name }, i) => i === adapters.findIndex((other) => other.name === name)));
    }),
  );

/**
 * Opens a device on the preferred adapter. It is asked for the largest buffers that the adapter has and for nothing else beyond
 * WebGPU's guaranteed limits. Without `accept` a device is wanted by name, and Dawn is loaded even where the machine seems to
 * have no driver; its words on stderr are then why there is none. Fails where there is no adapter, where `accept` refuses it,
 * or where it gives no device.
 */
export const openGraphics = (
  gpu?: Gpu,
  accept?: (adapter: AdapterDescription) => boolean,
): TE.TaskEither<EngineFailure, Graphics> =>
  pipe(
    gpu === undefined ? findGpu(accept === undefined ? 'asked for' : 'if any') : TE.right(gpu),
    TE.map(keep),
    TE.bindTo('gpu'),
    TE.bind('adapter', (found) => ask(found.gpu, { powerPreference: 'high-performance' })),
    TE.let('description', ({ adapter }) => describe(adapter)),
    TE.chain((found) =>
      accept?.(found.description) === false
        ? TE.left(
            failure(
              `the only adapter is ${found.description.name}`,
              'Ask for the webgpu engine by name, or use the cpu engine',
            ),
          )
        : TE.right(found),
    ),
    TE.bind('device', ({ adapter }) =>
      attempt(
        () =>
          adapter.requestDevice({
            label: 'batchgfn',
            requiredLimits: {
              maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
              maxBufferSize: adapter.limits.maxBufferSize,
            },
          }),
        (error) =>
          failure(
            `the adapter gave no device: ${firstLine(error)}`,
            'Update its driver, or use the cpu engine',
          ),
      ),
    ),
    TE.map(hold),
  );

/** Destroys the device and lets go of it. Work that was submitted before is abandoned. */
export const closeGraphics = async (graphics: Graphics): Promise<void> => {
  graphics.device.destroy();
  await graphics.device.lost;
  letGo(graphics);
};
