/** How do engines count what they hold and do? In a tally of their own, of which others see copies. */
import type { Counters } from './engine.js';

/** What an engine counts, mutable inside it. */
export type Tally = { -readonly [K in keyof Counters]: Counters[K] };

/** A tally of nothing. */
export const emptyTally = (): Tally => ({
  buffers: 0,
  bytes: 0,
  pipelines: 0,
  dispatches: 0,
  submits: 0,
  readbacks: 0,
});
