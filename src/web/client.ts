/** How does the page ask its worker? Requests by numbers, and of pictures that follow a drag only the newest. */
import type { Reply, RequestName, Requests } from './protocol.js';

type Answer<Name extends RequestName> = Requests[Name]['answer'];

/** The worker, as the page asks it. A promise rejects with an Error of the failure's words. */
export interface Client {
  readonly ask: <Name extends RequestName>(name: Name, ask: Requests[Name]['ask']) => Promise<Answer<Name>>;
}

interface Waiting {
  readonly done: (answer: never) => void;
  readonly failed: (error: Error) => void;
}

/** What the worker tells unasked. */
export type News = Exclude<Reply, { readonly id: number }>;

/** Starts the worker. `hear` is told its news. */
export const clientOf = (hear: (news: News) => void): Client => {
  const worker = new Worker(new URL('worker.js', document.baseURI), { type: 'module' });
  const waiting = new Map<number, Waiting>();
  let last = 0;
  const lost = (words: string): void => {
    for (const { failed } of waiting.values()) failed(new Error(words));
    waiting.clear();
  };
  worker.addEventListener('error', ({ message }) => lost(`worker: ${message}. Reload the page.`));
  worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
    if (!('id' in data)) {
      hear(data);
      return;
    }
    const own = waiting.get(data.id);
    waiting.delete(data.id);
    if ('failure' in data) own?.failed(new Error(data.failure));
    else own?.done(data.answer as never);
  });
  return {
    ask: (name, ask) =>
      new Promise((resolve, reject) => {
        last++;
        waiting.set(last, { done: resolve, failed: reject });
        worker.postMessage({ id: last, name, ask });
      }),
  };
};

/** Work of which only the newest is wanted: while one is at work, the next one waits and takes the place of what waited before. */
export const newestOf = (): ((work: () => Promise<void>) => void) => {
  let [busy, next] = [false, undefined as (() => Promise<void>) | undefined];
  const run = (work: () => Promise<void>): void => {
    busy = true;
    void work().finally(() => {
      busy = false;
      const waited = next;
      next = undefined;
      if (waited !== undefined) run(waited);
    });
  };
  return (work) => {
    if (busy) next = work;
    else run(work);
  };
};
