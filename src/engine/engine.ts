/**
 * What a machine is: it loads programs and runs them. The CPU engine and the WebGPU engine are its two instances; the
 * same program gives the same answer on both within the tolerances of spec/support, and the same bits when run again.
 */
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import type { DType, TypedArray } from '../tensor/expression.js';
import type { Program } from '../tensor/program.js';
import type { HostThreads } from './host-threads.js';

/** Host values by name, row-major. Any typed array of the right length; it is converted to the dtype of the program. */
export type Values = Readonly<Record<string, TypedArray>>;

/** What an engine is holding and has done, for specs and for people who watch memory. */
export interface Counters {
  /** Buffers alive now. */
  readonly buffers: number;
  /** Bytes in them. */
  readonly bytes: number;
  /** Compute pipelines made so far (none on the CPU). */
  readonly pipelines: number;
  /** Kernels dispatched so far. */
  readonly dispatches: number;
  /** Submits to the device's queue so far (none on the CPU). */
  readonly submits: number;
  /** Values copied back to the host so far. */
  readonly readbacks: number;
}

/** One call of a loaded program. */
export interface RunRequest {
  /** Inputs to set before the first step. What was set before stays; a carried input not set goes on from its last value. */
  readonly inputs?: Values;
  /** How many steps to run, each feeding its carry to the next; default 1. With 0, inputs are set and carried ones read. */
  readonly steps?: number;
  /** Which outputs or carried inputs to read after the last step; default: all outputs (all carried inputs with 0 steps). */
  readonly read?: readonly string[];
}

/** A program on a machine, with its memory. */
export interface LoadedProgram {
  /**
   * Runs the steps and reads the asked-for values of the last one (a carried input is read as it stands after it).
   * Throws a TypeError for unknown names, missing inputs or wrong lengths; fails with an EngineFailure where the
   * machine does.
   */
  readonly run: (request: RunRequest) => TaskEither<Failure, Readonly<Record<string, TypedArray>>>;
  /** Frees the program's memory. Running it afterwards throws. */
  readonly close: () => void;
}

/** A machine. Use it in the bracket {@link withEngine}. */
export interface Engine {
  readonly kind: 'cpu' | 'webgpu';
  /** For people: `cpu`, or the adapter's name. */
  readonly description: string;
  /** Whether a GPU interface is imitated by software. */
  readonly software: boolean;
  /** Element types it computes with. */
  readonly dtypes: readonly DType[];
  /** Plans a program and takes its memory. Fails with an EngineFailure; throws for a dtype the engine does not have. */
  readonly load: (program: Program) => TaskEither<Failure, LoadedProgram>;
  readonly counters: () => Counters;
  /** Its threads for work of the host; left out where it has none. */
  readonly hostThreads?: HostThreads;
  /** Frees everything. */
  readonly close: () => Promise<void>;
}
