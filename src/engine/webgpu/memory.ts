/** Counted memory of a device: what is made here is in the engine's counters until it is freed. */
import type { Tally } from '../tally.js';

/** GPUBufferUsage, written out: its global exists in browsers only. Numbers of the WebGPU specification. */
export const usage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  uniform: 0x40,
  storage: 0x80,
} as const;

/** Makes and frees buffers of exact size. */
export interface Memory {
  readonly make: (bytes: number, use: number, label: string) => GPUBuffer;
  /** Frees a buffer at once as far as the host is concerned: call it after the submit that uses it last. */
  readonly free: (buffer: GPUBuffer) => void;
}

/** The memory of a device, counted in `tally`. */
export const memoryOf = (device: GPUDevice, tally: Tally): Memory => ({
  make: (bytes, use, label) => {
    const buffer = device.createBuffer({ size: bytes, usage: use, label });
    tally.buffers += 1;
    tally.bytes += bytes;
    return buffer;
  },
  free: (buffer) => {
    tally.buffers -= 1;
    tally.bytes -= buffer.size;
    buffer.destroy();
  },
});
