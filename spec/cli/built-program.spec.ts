// The built program on the CPU engine, end to end: the same table in any dress gives the same rows, the same seed
// the same numbers, and Ctrl-C ends it with exit code 130.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const PROGRAM = fileURLToPath(new URL('../../../dist/node/main.js', import.meta.url));

const test = suite<{ folder: string }>('the built program', { folder: '' });

test.before.each((context) => {
  context.folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-spec-'));
});

test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true });
});

const QUICK = ['--iterations', '5', '--engine', 'cpu', '--json'];

/** What the program prints, but for the seconds that it took and the file's name. */
const printed = (folder: string, ...words: readonly string[]): unknown => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words, ...QUICK], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout, (name, value: unknown) =>
    name === 'seconds' || name === 'source' ? undefined : value,
  );
};

const LABELLED = 6;
const cells = Array.from({ length: 30 }, (_, i) => [
  String(Math.sin(i)),
  String(i / 10),
  i < LABELLED ? String(Math.cos(i / 3)) : '',
]);

test('a byte order mark, CRLF, semicolons and quotes change nothing', ({ folder }) => {
  const rows = [['a', 'b', 'y'], ...cells];
  const written: Readonly<Record<string, string>> = {
    'plain.csv': rows.map((row) => row.join(',')).join('\n'),
    'dressed.csv': `\ufeff${rows.map((row) => row.map((cell) => `"${cell}"`).join(';')).join('\r\n')}\r\n\r\n`,
  };
  const [plain, dressed] = Object.entries(written).map(([file, text]) => {
    writeFileSync(path.join(folder, file), text);
    return printed(folder, 'select', file, '--target', 'y', '--batch-size', '4');
  });
  assert.equal(dressed, plain);
});

test('the rows that are named are rows of the pool, each once, with the values of the file', ({ folder }) => {
  writeFileSync(
    path.join(folder, 'data.csv'),
    [['a', 'b', 'y'], ...cells].map((row) => row.join(',')).join('\n'),
  );
  const report = printed(folder, 'select', 'data.csv', '--target', 'y', '--batch-size', '4');
  const { rows, values } = report as {
    rows: readonly number[];
    values: readonly Readonly<Record<string, number>>[];
  };
  assert.is(new Set(rows).size, 4);
  for (const [i, line] of rows.entries()) {
    // Line 1 is the header.
    const cell = cells[line - 2] ?? [];
    assert.is(cell[2], '');
    assert.equal(values[i], { a: Number(cell[0]), b: Number(cell[1]) });
  }
});

test('rows drawn from candidates are rows of the file', ({ folder }) => {
  writeFileSync(
    path.join(folder, 'data.csv'),
    [['a', 'b', 'y'], ...cells].map((row) => row.join(',')).join('\n'),
  );
  const words = ['select', 'data.csv', '--target', 'y', '--batch-size', '3', '--candidates', '6'];
  const report = printed(folder, ...words) as {
    rows: readonly number[];
    candidates: { count: number; cost: number };
    drawn: { jointMutualInformation: readonly number[] };
  };
  assert.is(report.candidates.count, 6);
  assert.ok(report.rows.length === 3 && report.rows.every((line) => cells[line - 2]?.[2] === ''));
  // C(6, 3) = 20 batches, and no other.
  const different = new Set(report.drawn.jointMutualInformation.map((nats) => nats.toFixed(9)));
  assert.ok(different.size <= 20, `${different.size} different batches`);
});

test('verify takes a table to numbers and a picture', ({ folder }) => {
  writeFileSync(
    path.join(folder, 'data.csv'),
    [['a', 'b', 'y'], ...cells].map((row) => row.join(',')).join('\n'),
  );
  const words = ['verify', 'data.csv', '--target', 'y', '--batch-size', '2', '--smallest-batch', '1'];
  const report = printed(folder, ...words, '--point-cost', '0.1', '--draws', '1500', '--plot', 'v.svg');
  const { totalVariation, corrected, problem } = report as {
    totalVariation: number;
    corrected: { inclusion: { pValue: number } };
    problem: Readonly<Record<string, unknown>>;
  };
  assert.ok(totalVariation > 0 && totalVariation < 0.2, `TV ${totalVariation}`);
  // False alarm 1e-4.
  assert.ok(corrected.inclusion.pValue > 1e-4, `p ${corrected.inclusion.pValue}`);
  assert.equal([problem['poolSize'], problem['labelled']], [cells.length - LABELLED, LABELLED]);
  assert.equal(readdirSync(folder).sort(), ['data.csv', 'v.svg']);
  const picture = readFileSync(path.join(folder, 'v.svg'), 'utf8');
  assert.match(picture, /^<\?xml [^]*<svg [^]*of data\.csv at T = 0\.5[^]*<\/svg>\n$/);
});

test('same seed, same numbers; another seed, others', ({ folder }) => {
  const first = printed(folder, 'demo', '--seed', '1');
  assert.equal(printed(folder, 'demo', '--seed', '1'), first);
  assert.not.equal(printed(folder, 'demo', '--seed', '2'), first);
});

test('Ctrl-C ends the work with exit code 130 and nothing on stdout', async ({ folder }) => {
  const words = ['run', '--preset', 'toy-regression', '--strategies', 'gflownet', '--seeds', '1'];
  const child = spawn(
    process.execPath,
    [PROGRAM, ...words, '--iterations', '10000000', '--engine', 'cpu', '--out', 'run.jsonl'],
    {
      cwd: folder,
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  const ended = new Promise((resolve) => child.on('close', resolve));
  // It listens before it opens its file, however long the machine takes for either.
  while (!existsSync(path.join(folder, 'run.jsonl')) && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  assert.equal([await ended, stdout], [130, '']);
  assert.match(stderr, /interrupted\.\n$/);
});

test.run();
