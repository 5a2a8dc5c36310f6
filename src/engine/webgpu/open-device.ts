/** What the parts of the engine share: a device, what watches it, and what is counted on it. */
import type { Watch } from './faults.js';
import type { Tally } from '../tally.js';
import type { Memory } from './memory.js';
import type { Pipelines } from './pipelines.js';

/** A device in use. */
export interface OpenDevice {
  readonly device: GPUDevice;
  readonly watch: Watch;
  readonly tally: Tally;
  readonly memory: Memory;
  readonly pipelines: Pipelines;
  /** Dispatches that chains of one structure must save a step of the program to be compiled. */
  readonly minSaved: number;
  /** Whether its engine was closed. */
  readonly isClosed: () => boolean;
  /** The largest buffer that a kernel can be given, in bytes. */
  readonly largestBinding: number;
}
