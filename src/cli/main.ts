#!/usr/bin/env node
/** The command line as a process: the one place that touches stdout, stderr, signals and the exit code. */
import { readFileSync } from 'node:fs';
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import * as t from '#io-ts';
import { services } from './services.js';
import { fitted } from './fitted.js';
import { progressLine } from './progress.js';
import { runProgram, type Outcome } from './program.js';
import { closedOutput, colourless, delivered, outputMayBeClosed, takesColours } from './streams.js';

const manifest = t.type({ version: t.string });

const versionOf = (file: URL): string => {
  const decoded = manifest.decode(JSON.parse(readFileSync(file, 'utf8')));
  return E.isRight(decoded) ? decoded.right.version : 'unknown';
};

/** Says once that standard output goes nowhere, where it does. */
const closedTold = (() => {
  let said = false;
  return async (): Promise<void> => {
    if (said || !outputMayBeClosed()) return;
    said = true;
    await delivered(process.stderr, `${closedOutput}\n`);
  };
})();

/** Prints a result; the exit code that the program ends with. */
const told = async ({ stdout, stderr, exitCode, quiet = false }: Outcome): Promise<number> => {
  await delivered(process.stderr, stderr);
  if (stdout !== '' && !quiet) await closedTold();
  const coloured = takesColours(process.stdout, process.env) ? stdout : colourless(stdout);
  const shown = process.stdout.isTTY ? fitted(coloured, process.stdout.columns) : coloured;
  const loss = O.toUndefined(await delivered(process.stdout, shown));
  if (loss === undefined || loss.quiet) return exitCode;
  await delivered(process.stderr, `${loss.sentence}\n`);
  return Math.max(1, exitCode);
};

const main = async (): Promise<void> => {
  const line = progressLine(process.stderr);
  const interruption = new AbortController();
  process.on('SIGINT', () => {
    // The second Ctrl-C does not wait for the work to notice.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
  // Each write is told its own error (streams.ts); that of stderr has nowhere to be said.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const outcome = await runProgram(
    process.argv.slice(2),
    versionOf(new URL('../../package.json', import.meta.url)),
    {
      services: services,
      signal: interruption.signal,
      progress: line.show,
      remark: (sentence) => {
        line.clear();
        process.stderr.write(`${sentence}\n`);
      },
      input: process.stdin,
      print: async (text) => {
        await closedTold();
        return delivered(process.stdout, text);
      },
    },
  );
  line.clear();
  process.exit(await told(outcome));
};

await main();
