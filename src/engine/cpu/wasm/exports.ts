/**
 * What the CPU engine asks of WebAssembly: to do steps of programs (records.ts), alone or with others (kernels/cpu/threads.ts). All
 * arguments are 32-bit integers, places are byte offsets into the memory with which the module was instantiated, and nothing is
 * checked.
 */
import { kernelBytes } from './bytes.js';
import {
  atOnceFrom,
  moduleBytes,
  sharing,
  webAssembly,
  type WasmMemory,
  type WebAssemblyGlobal,
} from '../../../web-assembly.js';

/** What the module exports, bound to one memory. */
export interface WasmKernels {
  /**
   * Does the step whose record (src/engine/cpu/records.ts) lies at an address, in the thread's room; with a control block
   * (kernels/cpu/threads.ts) that is not 0, together with those who serve there. 0 where one of them failed, else 1.
   */
  readonly step: (record: number, control: number, room: number) => number;
  /** Serves at a control block until `call` holds no longer; counts its chunks in its line, and works in its room. */
  readonly serve: (control: number, call: number, line: number, room: number) => void;
  /** Ends the service of all; the next call. */
  readonly dismiss: (control: number) => number;
  /** Tells that a thread failed. */
  readonly fail: (control: number) => void;
}

/**
 * The module, and the one for shared memories, each compiled once for all engines; undefined where there is no WebAssembly or
 * none with SIMD.
 */
const compiled: { plain?: Promise<object | undefined>; shared?: Promise<object | undefined> } = {};

const compileOnce = (
  { compile }: WebAssemblyGlobal,
  kind: keyof typeof compiled,
): Promise<object | undefined> =>
  (compiled[kind] ??= compile(
    kind === 'shared' ? sharing(moduleBytes(kernelBytes)) : moduleBytes(kernelBytes),
  ).catch(() => undefined));

/** Kernels over a memory, and the module that others can instantiate over it. */
export interface Instantiated {
  readonly kernels: WasmKernels;
  readonly module: object;
}

/**
 * The kernels over a memory, which stays the caller's and may grow; `shared` says what kind it is of. Undefined where
 * WebAssembly or its 128-bit SIMD is missing or forbidden.
 */
export const instantiateKernels = async (
  memory: WasmMemory,
  shared = false,
): Promise<Instantiated | undefined> => {
  const found = webAssembly();
  const module = found && (await compileOnce(found, shared ? 'shared' : 'plain'));
  if (found === undefined || module === undefined) return undefined;
  const { exports } = await found.instantiate(module, { env: { memory } });
  return { kernels: exports as WasmKernels, module };
};

/** The kernels without waiting, over a memory that is not shared: undefined too where compiling at once is forbidden. */
export const instantiateKernelsAtOnce = atOnceFrom(kernelBytes) as (
  memory: WasmMemory,
) => WasmKernels | undefined;
