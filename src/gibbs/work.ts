/**
 * Long work on the host that is looked into on its way: a generator that yields how far it has come and returns its answer. Run
 * at once, or in turns between which progress bars and signals get theirs. Both end in the same bits.
 */
import * as E from '#fp-ts/Either';
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';

/** How far work has come. */
export interface WorkProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** Work that ends in an A. */
export type Work<A> = Generator<WorkProgress, A>;

/** How work is watched and stopped. */
export interface WorkControl {
  readonly onProgress?: (progress: WorkProgress) => void;
  /** Once aborted, work ends at its next look with an Interrupted failure. */
  readonly signal?: AbortSignal;
}

/** The answer, at once. */
export const atOnce = <A>(work: Work<A>): A => {
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
};

/** Seconds between two looks at the signal. */
const patience = 0.02;

const isAborted = (signal?: AbortSignal): boolean => signal?.aborted === true;

/** The answer in turns. Fails with Interrupted once the signal is aborted. */
export const inTurns =
  <A>(work: () => Work<A>, { onProgress, signal }: WorkControl = {}): TaskEither<Failure, A> =>
  async () => {
    const running = work();
    let during = 'drawing';
    for (;;) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      if (isAborted(signal)) return E.left({ _tag: 'Interrupted', during });
      const started = performance.now();
      do {
        const next = running.next();
        if (next.done === true) return E.right(next.value);
        during = next.value.stage;
        onProgress?.(next.value);
      } while (!isAborted(signal) && performance.now() - started < 1000 * patience);
    }
  };
