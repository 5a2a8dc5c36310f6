// Names of columns, classes, paths, strategies and records are any text. Whatever they hold, no control character but the line
// break reaches stdout, stderr, a page or a picture, and no line of the program's is forged by one.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as TE from '#fp-ts/TaskEither';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { progressLine } from '../../src/cli/progress.js';
import { runProgram } from '../../src/cli/program.js';
import { services } from '../../src/cli/services.js';
import { loadDrawing, sheetSvg } from '../../src/report/svg.js';
import { succeed } from '../support/device.js';
import { hiddenCharacter, hostileName, hostileText } from '../support/hostile.js';
import { asLines, imaginedRecords } from '../support/run-records.js';
import { observe, silent } from './fake-services.js';

const test = suite<{ folder: string }>('the terminal', { folder: '' });

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

const options = { seed: 20261129, numRuns: 40 };

/** Runs a command line; all that is seen of it, which holds nothing hidden. */
const seen = async (...words: readonly string[]): Promise<string> => {
  const { stdout, stderr, remarks } = await observe(words);
  for (const remark of remarks) assert.not.match(remark, /\n/);
  const all = [stdout, stderr, ...remarks].join('\n');
  assert.not.match(all.replaceAll('\n', ''), hiddenCharacter, JSON.stringify(all));
  assert.not.match(all, /^Done: 0 faults/m);
  return all;
};

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

/** A table whose names are hostile: two features, a column that is constant, one that is text, and a target. */
const tableOf = (names: readonly string[], label: string, classes: boolean): string => {
  const [a = '', b = '', constant = '', target = ''] = names.map((name, i) => `${i}${name}`);
  const header = [a, b, constant, target].map(quoted).join(',');
  const rows = Array.from({ length: 12 }, (_, i) =>
    [i, i * i, 7, i >= 6 ? '' : classes ? quoted(i % 2 === 0 ? 'oak' : `e${label}`) : i / 2].join(','),
  );
  return `${header}\n${rows.join('\n')}\n`;
};

const hostileTable = fc.tuple(
  fc.array(hostileText, { minLength: 4, maxLength: 4 }),
  hostileText,
  hostileName,
  fc.boolean(),
);

test('select and verify show no control character of a table or its path', async ({ folder }) => {
  await fc.assert(
    fc.asyncProperty(hostileTable, async ([names, label, name, classes]) => {
      const file = path.join(folder, `d${name}`);
      await writeFile(file, tableOf(names, label, classes));
      const target = ['--target', `3${names[3] ?? ''}`];
      const task = classes ? ['--task', 'classes'] : [];
      await seen('select', file, ...target, '--batch-size', '2', ...task);
      await seen('select', file, ...target, '--batch-size', '2', ...task, '--json');
      // The labels of classes are text, which is a fault of each without --task.
      await seen('select', file, ...target, '--batch-size', '2');
      await seen('select', file, '--target', label, '--batch-size', '2');
      await seen('verify', file, ...target, '--batch-size', '2', '--draws', '10');
      await rm(file);
    }),
    options,
  );
});

test('a session with any names shows none of theirs', async ({ folder }) => {
  await fc.assert(
    fc.asyncProperty(hostileTable, async ([names, label, name, classes]) => {
      const file = path.join(folder, `d${name}`);
      const session = path.join(folder, `s${name}`);
      await writeFile(file, tableOf(names, label, classes));
      await seen(
        ...['init', session, '--data', file, '--target', `3${names[3] ?? ''}`],
        ...(classes ? ['--task', 'classes'] : ['--feature-map', 'linear']),
      );
      await seen('ask', session, '--batch-size', '2');
      await seen('status', session);
      await seen('tell', session, `8=${label}`);
      await seen('tell', session, label);
      await seen('tell', session, '8=1');
      await seen('status', session, '--json');
      await rm(session, { recursive: true, force: true });
      await rm(file);
    }),
    { ...options, numRuns: 15 },
  );
});

// XML 1.0, production 2: what no document may hold.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Cs}/u;

test('records with any names are a harmless table and page', async ({ folder }) => {
  await fc.assert(
    fc.asyncProperty(hostileText, hostileText, hostileName, async (experiment, strategy, name) => {
      const file = path.join(folder, 'results.jsonl');
      const out = path.join(folder, `p${name}.html`);
      const strategies = [`a${strategy}`, 'greedy'];
      const records = imaginedRecords({ experiment, strategies, seeds: 2, rounds: 1, shift: (j) => j });
      await writeFile(file, asLines(records));
      await seen('report', file, '--out', out);
      await seen('report', file, '--out', out, '--json');
      await seen('report', file, '--out', path.join(folder, name));
      await seen('merge', path.join(folder, `m${name}`), file, path.join(folder, `none${name}`));
      const page = await readFile(out, 'utf8').catch(() => '');
      assert.not.match(page, forbidden);
      assert.not.match(page, /[\u202a-\u202e\u2066-\u2069]/);
    }),
    { ...options, numRuns: 10 },
  );
});

test('a drawing holds nothing that XML forbids, whatever its axes are called', async () => {
  const drawing = await succeed(loadDrawing());
  fc.assert(
    fc.property(hostileText, (text) => {
      const panel = {
        marks: [drawing.plot.dot([1, 2], { x: [1, 2], y: [1, 2], title: () => text })],
        x: { label: text },
        ariaLabel: text,
      };
      const lines = [{ text, left: 0, top: 0, size: 10, bold: false }];
      const sheet = { width: 100, height: 100, title: text, description: text, lines };
      const svg = sheetSvg(drawing, { ...sheet, panels: [{ options: panel, left: 0, top: 0 }] });
      assert.not.match(svg, forbidden);
    }),
    { ...options, numRuns: 30 },
  );
});

test('words that the program does not know are shown harmless', async () => {
  await fc.assert(
    fc.asyncProperty(hostileText, hostileText, async (one, other) => {
      await seen(one);
      await seen('select', one, `--${other}`);
      await seen('select', one, '--target', other, '--batch-size', other);
      await seen('devices', one);
    }),
    options,
  );
});

test('progress with any note is one line', async () => {
  await fc.assert(
    fc.asyncProperty(hostileText, hostileText, async (stage, note) => {
      const written: string[] = [];
      const line = progressLine({ isTTY: true, columns: 400, write: (text) => written.push(text) });
      const { stderr } = await runProgram(['demo', '--engine', 'cpu', '--pool-size', '10'], '1', {
        ...silent,
        services: {
          ...services,
          proposeBatch: (_, __, { onProgress }) => {
            onProgress?.({ stage, done: 1, total: 1, note });
            return TE.left({ _tag: 'Interrupted', during: note });
          },
        },
        ...{ remark: () => undefined, progress: line.show },
        signal: new AbortController().signal,
      });
      assert.ok(written.at(-1)?.startsWith('\r\u001b[2K'));
      assert.not.match((written.at(-1) ?? '').slice(5), hiddenCharacter);
      assert.match(stderr, /^[^\n]*: interrupted\.\n$/);
    }),
    options,
  );
});

test.run();
