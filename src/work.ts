/**
 * Long work on the host that is looked into on its way: a generator that yields how far it has come and returns its answer. Run
 * at once, or in turns between which progress bars and signals get theirs. Both end in the same bits.
 */
import * as E from '#fp-ts/Either';
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Failure } from './failure.js';

/** How far work has come. */
export interface WorkProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** What is counted, or more to it. */
  readonly note?: string;
}

/** Work that ends in an A. Where it yields undefined it can be stopped, and has come no further that is worth telling. */
export type Work<A> = Generator<WorkProgress | undefined, A>;

/** How work is watched and stopped. */
export interface WorkControl {
  readonly onProgress?: (progress: WorkProgress) => void;
  /** Once aborted, work ends at its next look with an Interrupted failure. */
  readonly signal?: AbortSignal;
}

/** Ends work from within with a failure: an Error of its words, which {@link endingInFailure} makes a failure again. */
export const breakOff = (failure: Failure): never => {
  throw new Error('problem' in failure ? failure.problem : failure._tag, { cause: failure });
};

/** An effect that fails with what work within it was ended with. Other errors stay errors. */
export const endingInFailure =
  <A>(effect: TaskEither<Failure, A>): TaskEither<Failure, A> =>
  async () => {
    try {
      return await effect();
    } catch (error) {
      const { cause } = error as Error;
      if ((cause as Partial<Failure> | undefined)?._tag === undefined) throw error;
      return E.left(cause as Failure);
    }
  };

/** Operations between two places where work on a matrix can be stopped: some hundredths of a second. */
export const aTurn = 2 ** 24;

/** Counts operations: true where a turn is over, and then from 0 again. */
export const turnCounter = (): ((operations: number) => boolean) => {
  let count = 0;
  return (operations) => {
    count += operations;
    if (count < aTurn) return false;
    count = 0;
    return true;
  };
};

/** The answer, at once. */
export const atOnce = <A>(work: Work<A>): A => {
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
};

/** Milliseconds between two looks at the signal. */
const patience = 20;

/** Progress bars, signals and other work get their turn. */
export const turnOfOthers = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const isAborted = (signal?: AbortSignal): boolean => signal?.aborted === true;

/** The answer in turns. Fails with Interrupted once the signal is aborted, during `stage` if that was before anything was told. */
export const inTurns =
  <A>(
    work: () => Work<A>,
    { onProgress, signal }: WorkControl = {},
    stage = 'drawing',
  ): TaskEither<Failure, A> =>
  async () => {
    const running = work();
    let during = stage;
    for (;;) {
      await turnOfOthers();
      if (isAborted(signal)) return E.left({ _tag: 'Interrupted', during });
      const started = performance.now();
      do {
        const next = running.next();
        if (next.done === true) return E.right(next.value);
        if (next.value === undefined) continue;
        during = next.value.stage;
        onProgress?.(next.value);
      } while (!isAborted(signal) && performance.now() - started < patience);
    }
  };

/** The same of work whose answer may be a failure, which is then that of the effect. */
export const answeredInTurns = <A>(
  work: () => Work<E.Either<Failure, A>>,
  control: WorkControl,
  stage: string,
): TaskEither<Failure, A> => {
  const answer = inTurns(work, control, stage);
  return async () => {
    const result = await answer();
    return E.isLeft(result) ? result : result.right;
  };
};
