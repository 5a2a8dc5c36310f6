#!/usr/bin/env node
/** The command line as a process: the one place that touches stdout, stderr, signals and the exit code. */
import { readFileSync } from 'node:fs';
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { machinery } from './machinery.js';
import { progressLine } from './progress.js';
import { runProgram } from './program.js';

const manifest = t.type({ version: t.string });

const versionOf = (file: URL): string => {
  const decoded = manifest.decode(JSON.parse(readFileSync(file, 'utf8')));
  return E.isRight(decoded) ? decoded.right.version : 'unknown';
};

const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
  new Promise((resolve) => {
    if (text === '') resolve();
    else stream.write(text, () => resolve());
  });

const main = async (): Promise<void> => {
  const line = progressLine(process.stderr);
  const interruption = new AbortController();
  process.on('SIGINT', () => {
    // The second Ctrl-C does not wait for the work to notice.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

  const outcome = await runProgram(
    process.argv.slice(2),
    versionOf(new URL('../../package.json', import.meta.url)),
    {
      machinery,
      signal: interruption.signal,
      progress: line.show,
      remark: (sentence) => {
        line.clear();
        process.stderr.write(`${sentence}\n`);
      },
    },
  );
  line.clear();
  await write(process.stderr, outcome.stderr);
  await write(process.stdout, outcome.stdout);
  process.exit(outcome.exitCode);
};

await main();
