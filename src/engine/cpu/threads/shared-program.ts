/** What threads share of a loaded program: its memory, and where in it they meet (kernels/cpu/threads.ts). */
import type { WasmKernels } from '../wasm/exports.js';
import type { WasmMemory } from '../../../web-assembly.js';

/** A program whose steps threads share. */
export interface SharedProgram {
  /** The kernels' module for shared memories, and what it exports over this one. */
  readonly module: object;
  readonly memory: WasmMemory;
  readonly kernels: WasmKernels;
  /** Address of the control block. */
  readonly control: number;
  /** Where the rooms of the threads begin, the first of them that of the thread that runs the program, and bytes of each. */
  readonly rooms: number;
  readonly roomBytes: number;
  /** Nanoseconds that one thread takes for what is shared in the prologue and in a step. */
  readonly cost: { readonly prologue: number; readonly step: number };
}

/** Bytes of the control block up to the lines of threads, bytes of such, and where a word says how many threads serve. */
const linesAt = 256;
const lineBytes = 64;
const servingAt = 196;

/** Bytes of a control block for so many threads. */
export const bytesOfControl = (threads: number): number => linesAt + lineBytes * threads;

/** The address of a thread's line. */
export const lineOf = ({ control }: SharedProgram, thread: number): number =>
  control + linesAt + lineBytes * thread;

/** How many threads serve now, beside the one that runs the program. */
export const servingIn = ({ memory, control }: SharedProgram): number =>
  Atomics.load(new Int32Array(memory.buffer), (control + servingAt) / 4);

/** How many chunks a thread has done. */
export const chunksDone = (program: SharedProgram, thread: number): number =>
  Atomics.load(new Int32Array(program.memory.buffer), lineOf(program, thread) / 4);

/** What a step throws where a thread that took part in it failed. */
export const threadFault = new Error('cpu: a thread failed');
