/**
 * What does a person see while work goes on? One line on stderr that is drawn over, if stderr is a terminal;
 * nothing otherwise, so that logs stay clean.
 */
import type { Progress } from '../acquisition/strategy.js';
import type { Compiling } from '../engine/index.js';

/** The part of a stream that is needed here. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** A line of progress. */
export interface ProgressLine {
  readonly show: (progress: Progress) => void;
  /** Removes the line, before other text is written to the same stream. */
  readonly clear: () => void;
}

/** The progress of compiling a program's kernels, shown by `show`. */
export const compilingShown =
  (show: (progress: Progress) => void): Compiling =>
  (done, total) =>
    show({ stage: 'compiling kernels', done, total, note: '' });

const WIDTH = 24;
const ERASE_LINE = '\r\u001b[2K';

/** The line as text: stage, bar, counts, note. */
export const progressText = ({ stage, done, total, note }: Progress): string => {
  const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const filled = Math.round(part * WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
  return `${stage} ${bar} ${done}/${total}${note === '' ? '' : ` ${note}`}`;
};

/** A line of progress on a stream: drawn at most every `interval` milliseconds, and at the end of a stage. */
export const progressLine = (
  stream: ProgressStream,
  now: () => number = () => performance.now(),
  interval = 80,
): ProgressLine => {
  if (stream.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  let drawn = Number.NEGATIVE_INFINITY;
  let visible = false;
  return {
    show: (progress) => {
      if (now() - drawn < interval && progress.done < progress.total) return;
      drawn = now();
      visible = true;
      // A line that wraps could not be drawn over.
      stream.write(ERASE_LINE + progressText(progress).slice(0, (stream.columns ?? 80) - 1));
    },
    clear: () => {
      if (visible) stream.write(ERASE_LINE);
      visible = false;
    },
  };
};
