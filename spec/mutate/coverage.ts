/**
 * Which places of the compiled program does a spec execute? V8 counts them (NODE_V8_COVERAGE) while the spec runs without a fault: a
 * spec that never comes to a fault need not meet it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Of each file, by its path below the program's folder, the characters that were executed: [from, to) after [from, to). */
export type Coverage = Readonly<Record<string, readonly number[]>>;

/** A function of a file, as V8 reports it: its own range, and those within it that were executed another number of times. */
interface Counted {
  readonly ranges: readonly {
    readonly startOffset: number;
    readonly endOffset: number;
    readonly count: number;
  }[];
}

interface Report {
  readonly result: readonly { readonly url: string; readonly functions: readonly Counted[] }[];
}

/**
 * The characters that one process executed of a file: of the ranges around one, the smallest has the say, and of equal ones the last.
 */
const executedOf = (functions: readonly Counted[]): readonly number[] => {
  const ranges = functions
    .flatMap(({ ranges: own }) => own)
    .sort((a, b) => b.endOffset - b.startOffset - (a.endOffset - a.startOffset));
  const end = Math.max(0, ...ranges.map(({ endOffset }) => endOffset));
  const counts = new Uint8Array(end + 1);
  for (const { startOffset, endOffset, count } of ranges)
    counts.fill(Math.min(1, count), startOffset, endOffset);
  const executed: number[] = [];
  for (let i = 0; i <= end; i++) if (counts[i] !== (counts[i - 1] ?? 0)) executed.push(i);
  return executed;
};

/** The same of several processes together. */
const union = (lists: readonly (readonly number[])[]): readonly number[] => {
  const [only] = lists;
  if (lists.length < 2) return only ?? [];
  const counts = new Uint8Array(1 + Math.max(0, ...lists.flat()));
  for (const list of lists) for (let k = 0; k < list.length; k += 2) counts.fill(1, list[k], list[k + 1]);
  const all: number[] = [];
  for (let i = 0; i < counts.length; i++) if (counts[i] !== (counts[i - 1] ?? 0)) all.push(i);
  return all;
};

/** What the processes of a spec have reported into a folder, of files below `tree`/src. */
export const coverageIn = (folder: string, tree: string): Coverage => {
  const found = new Map<string, (readonly number[])[]>();
  const base = pathToFileURL(`${tree}${path.sep}`).href;
  for (const name of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Report;
    for (const { url, functions } of result) {
      const file = url.slice(base.length);
      if (url.startsWith(`${base}src/`)) found.set(file, [...(found.get(file) ?? []), executedOf(functions)]);
    }
  }
  return Object.fromEntries([...found].map(([file, lists]) => [file, union(lists)]));
};

/** Whether the character at an offset of a file was executed. */
export const executes = (coverage: Coverage, file: string, offset: number): boolean => {
  const executed = coverage[file] ?? [];
  for (let k = 0; k < executed.length; k += 2)
    if (offset >= (executed[k] ?? Infinity) && offset < (executed[k + 1] ?? Infinity)) return true;
  return false;
};

/** The first character in which two texts differ. */
export const firstDifference = (a: string, b: string): number => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
};
