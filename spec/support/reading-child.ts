/** A process that reads texts and does nothing else: what it takes of memory is what the readers take. */
import { textReaders } from './text-readers.js';

/** What became of some texts. */
export interface ReadingAnswer {
  readonly read: number;
  /** The readers that threw, with their errors. */
  readonly thrown: readonly string[];
  /** The most that this process has held so far. */
  readonly megabytes: number;
}

process.on('message', (texts: readonly string[]) => {
  const thrown = texts.flatMap((text) =>
    Object.entries(textReaders).flatMap(([name, read]) => {
      try {
        read(text);
        return [];
      } catch (error) {
        return [`${name}: ${String(error)}`];
      }
    }),
  );
  const answer: ReadingAnswer = {
    ...{ read: texts.length, thrown },
    megabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
  };
  process.send?.(answer);
});
