/** How is a stream waited for that may never give anything? A signal ends the waiting, whatever the stream does. */

/** The next of a stream, or that the signal was aborted first. */
export type NextOrAborted<A> = IteratorResult<A, unknown> | 'aborted';

/**
 * The items of a stream one by one; 'aborted' once the signal is. Where it was before, an item may still come within `grace`
 * milliseconds.
 */
export const untilAborted = <A>(
  items: AsyncIterator<A, unknown>,
  signal: AbortSignal | undefined,
  grace = 0,
): (() => Promise<NextOrAborted<A>>) => {
  // A promise that is raced with every item would remember each of them.
  let stop: () => void = () => undefined;
  signal?.addEventListener('abort', () => stop(), { once: true });
  return () =>
    new Promise((resolve, reject) => {
      stop = () => resolve('aborted');
      const aborted = signal?.aborted === true;
      if (aborted && grace === 0) {
        stop();
        return;
      }
      const timer = aborted ? setTimeout(stop, grace) : undefined;
      items
        .next()
        .finally(() => clearTimeout(timer))
        .then(resolve, reject);
    });
};
