/**
 * A step of a program as a record of 32-bit words in linear memory, which the interpreter of kernels/cpu/steps.ts does: the
 * whole of it, or some of its units, which are outputs that depend on no other. Threads share a step by its units, so that an
 * element is computed alike whoever does it: the same bits for every number of threads.
 */

/** What steps.ts does, by its number there. */
export const kinds = {
  run: 0,
  product: 1,
  rows: 2,
  columns: 3,
  copy: 4,
  zeros: 5,
  threefry: 6,
  gather: 7,
} as const;

/** A word of a record: a number modulo 2^32, or a table of such that lies behind it, for which its address stands. */
export type Word = number | Int32Array;

/** A step, or a part of one. */
export interface StepRecord {
  readonly kind: number;
  readonly units: number;
  /** Nanoseconds that one thread takes for all units, about. */
  readonly cost: number;
  /** Words 3, 4, … */
  readonly words: readonly Word[];
}

/** How steps are shared by threads. */
export interface Sharing {
  readonly threads: number;
  /** Nanoseconds of a step from which on it is shared: see {@link sharedFrom}. */
  readonly from: number;
}

/**
 * Nanoseconds of a step that is worth sharing. Offering it takes 1 to 3 µs where the other threads are awake, and some 10 where
 * one has to be woken.
 */
export const sharedFrom = 20_000;

/** All on one thread. */
export const oneThread: Sharing = { threads: 1, from: Infinity };

/** Into how many chunks something of so many nanoseconds is cut: a few a thread, so that none waits long for another. */
export const chunksFor = (cost: number, { threads, from }: Sharing): number =>
  threads === 1 || cost < from ? 1 : Math.min((cost > 20 * from ? 4 : 2) * threads, 1024);

/** The chunks of a record. */
export const chunksOf = (record: StepRecord, sharing: Sharing): number =>
  Math.max(1, Math.min(record.units, chunksFor(record.cost, sharing)));

const wordBytes = 4;
const headWords = 3;

/** Bytes of a record with its tables. */
export const bytesOfRecord = ({ words }: StepRecord): number =>
  wordBytes *
  words.reduce<number>((sum, word) => sum + (typeof word === 'number' ? 1 : 1 + word.length), headWords);

/** Writes a record to an address of memory, where there is room for it. */
export const writeRecord = (
  memory: Int32Array,
  address: number,
  record: StepRecord,
  sharing: Sharing,
): void => {
  const { kind, units, words } = record;
  const at = address / wordBytes;
  memory.set([kind, units, chunksOf(record, sharing)], at);
  let end = at + headWords + words.length;
  words.forEach((word, i) => {
    memory[at + headWords + i] = typeof word === 'number' ? word : end * wordBytes;
    if (typeof word === 'number') return;
    memory.set(word, end);
    end += word.length;
  });
};
