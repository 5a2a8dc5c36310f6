/**
 * The test command: every compiled spec in a process of its own, two at a time.
 *
 * uvu passes in silence in two ways: a `before` hook that throws leaves "Passed 0", a forgotten `run()` leaves
 * "Total 0", both with exit code 0. So a file counts as passed only if it ended by itself with exit code 0 and its
 * summary says Total > 0, Passed = Total and Skipped = 0. The last line is `N passed, N failed`, alone.
 *
 *   node .build/spec/support/run.js [WORD] [--folder DIR] [--file-seconds S] [--total-seconds S]
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** How the process of a spec ended. */
export interface Ending {
  readonly output: string;
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  /** The limit that ran out and ended it, in words. */
  readonly limit?: string;
}

/** What became of one file. */
export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  /** Why the file failed; undefined where it passed. */
  readonly fault?: string;
}

const lastNumber = (output: string, label: string): number | undefined => {
  const found = [...output.matchAll(new RegExp(`^ *${label}: +(\\d+)\\s*$`, 'gm'))].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
};

// eslint-disable-next-line no-control-regex -- terminals' colour codes begin with an escape
const withoutColour = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

/** Judges a spec by how it ended. A file that did not pass counts as one failure at least. */
export const judge = ({ output, code, limit }: Ending): Verdict => {
  const text = withoutColour(output);
  const total = lastNumber(text, 'Total');
  const passed = lastNumber(text, 'Passed') ?? 0;
  const skipped = lastNumber(text, 'Skipped') ?? 0;
  const fault =
    limit !== undefined
      ? `stopped: ${limit}`
      : total === undefined
        ? `ended with code ${code ?? 'none'} and without a summary; is run() called at its end?`
        : total === 0
          ? 'ran no test; is run() called at its end?'
          : skipped > 0
            ? `skipped ${skipped}; remove skip and only`
            : passed !== total
              ? `passed ${passed} of ${total}${code === 0 ? '; did a hook throw?' : ''}`
              : code !== 0
                ? `ended with code ${code ?? 'none'} after its summary`
                : undefined;
  return fault === undefined
    ? { passed, failed: 0 }
    : { passed, failed: Math.max(1, (total ?? 0) - passed + skipped), fault };
};

/** What to run, and within which limits. */
export interface Suite {
  /** The folder of the compiled specs. */
  readonly folder: string;
  /** Paths of the files, relative to the folder. */
  readonly files: readonly string[];
  readonly fileSeconds: number;
  readonly totalSeconds: number;
  /** How many processes at a time. */
  readonly atOnce: number;
  readonly write: (line: string) => void;
}

/** Ends a process and whatever it started. */
const end = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Its group is gone already.
  }
};

const running = new Set<ChildProcess>();

/** Runs a file in a process of its own until it ends or the limit runs out; node gets the options and the environment. Never rejects. */
export const runFile = (
  file: string,
  limit: { readonly seconds: number; readonly words: string },
  options: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ending> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    // A group of its own, so that its children end with it.
    const child = spawn(process.execPath, [...options, file], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...environment },
    });
    running.add(child);
    let stopped = false;
    let late: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      stopped = true;
      end(child);
    }, limit.seconds * 1000);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const settle = (code: number | null, remark: string): void => {
      clearTimeout(timer);
      clearTimeout(late);
      running.delete(child);
      const output = Buffer.concat(chunks).toString('utf8') + remark;
      resolve({ output, code, ...(stopped ? { limit: limit.words } : {}) });
    };
    child.on('error', (error) => settle(null, error.message));
    child.on('close', (code) => settle(code, ''));
    child.on('exit', (code) => {
      end(child);
      // A grandchild in a group of its own may outlive it and hold the pipes open: wait for them, but not long.
      late = setTimeout(() => settle(code, ''), 1000);
    });
  });

const seconds = (since: number): number => (Date.now() - since) / 1000;

/** Runs the files of a suite and writes a line about each, with the output of those that failed. Never rejects. */
export const runSuite = async (
  suite: Suite,
): Promise<{ readonly passed: number; readonly failed: number }> => {
  const { folder, files, fileSeconds, totalSeconds, atOnce, write } = suite;
  const started = Date.now();
  const waiting = [...files];
  let passed = 0;
  let failed = 0;
  const lane = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const begun = Date.now();
      const left = totalSeconds - seconds(started);
      const limit =
        left < fileSeconds
          ? { seconds: left, words: `all files together may take ${totalSeconds} s` }
          : { seconds: fileSeconds, words: `a file may take ${fileSeconds} s` };
      const ending =
        left <= 0
          ? { output: '', code: null, limit: limit.words }
          : await runFile(path.join(folder, file), limit);
      const verdict = judge(ending);
      passed += verdict.passed;
      failed += verdict.failed;
      write(
        `${verdict.fault === undefined ? 'ok    ' : 'FAILED'} ${file}: ${verdict.passed} passed, ${seconds(begun).toFixed(1)} s${verdict.fault === undefined ? '' : `: ${verdict.fault}`}`,
      );
      // Remarks of a spec (the adapter in use, counters) are shown; the rest only where it failed.
      const lines = withoutColour(ending.output)
        .replace(/^(?:[•✘] )+(?=#)/gm, '')
        .split('\n');
      for (const line of lines)
        if (line !== '' && (verdict.fault !== undefined || line.startsWith('# '))) write(`    ${line}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { passed, failed };
};

const suffix = '.spec.js';

const specsIn = (folder: string, ending: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith(ending))
        .sort()
    : [];

/** What takes longest is begun first, so that none of it runs alone at the end. */
const longest: readonly string[] = [
  'tensor/primitives',
  'gflownet/harsh',
  'gflownet/training',
  'gflownet/fused-draw',
  'verify/verification',
  'learning/session',
  'readme',
  'web/page',
  'verify/own-samplers',
  'verify/target-answer',
].map((name) => path.normalize(name) + suffix);

const longestFirst = (files: readonly string[]): readonly string[] => [
  ...longest.filter((file) => files.includes(file)),
  ...files.filter((file) => !longest.includes(file)),
];

const main = async (): Promise<void> => {
  const own = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      folder: { type: 'string', default: own },
      'file-seconds': { type: 'string', default: '300' },
      'total-seconds': { type: 'string', default: '1000' },
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      running.forEach(end);
      process.exit(130);
    });
  const started = Date.now();
  const { folder } = values;
  const compiled = specsIn(folder, suffix);
  // What the compiler left behind of a deleted source is no spec, and a source that was not compiled is a failure.
  const source = folder === own ? path.resolve(own, '../../spec') : undefined;
  const wanted =
    source === undefined
      ? compiled
      : specsIn(source, '.spec.ts').map((file) => `${file.slice(0, -'.spec.ts'.length)}${suffix}`);
  const files = wanted.filter((file) => positionals.every((word) => file.includes(word)));
  const write = (line: string): void => console.log(line);
  const result = await runSuite({
    folder,
    files: longestFirst(files),
    fileSeconds: Number(values['file-seconds']),
    totalSeconds: Number(values['total-seconds']),
    atOnce: 2,
    write,
  });
  const none = files.length === 0 ? 1 : 0;
  if (none > 0)
    write(
      `no spec ${positionals.length > 0 ? `whose path contains ${positionals.join(' and ')}` : 'at all'} in ${folder}`,
    );
  const failed = result.failed + none;
  write(`${files.length} files, ${seconds(started).toFixed(0)} s`);
  write(`${result.passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
};

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await main();
