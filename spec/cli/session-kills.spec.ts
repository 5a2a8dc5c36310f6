/**
 * `kill -9` at random instants of init, ask, ahead, tell, run, merge and report, over the whole of what each takes, each started again until it is done: everything that was acknowledged is
 * there, and what stands on the disk in the end is, to the bit, what an uninterrupted one leaves. KILLS processes are killed
 * (an environment variable; 4 if it is not set); where they fell is printed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyFromSeed, uniforms } from '../../src/random/key.js';
import { seed } from '../support/property.js';

const PROGRAM = fileURLToPath(new URL('../../../dist/node/main.js', import.meta.url));
const KILLS = Number(process.env['KILLS'] ?? 4);

const test = suite<{ folder: string }>('kill -9', { folder: '' });

test.before.each((context) => {
  context.folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-spec-'));
});

test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly killed: boolean;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** Runs a command, and kills it after some milliseconds if it is still there. */
const launch = (words: readonly string[], after?: number): Promise<Ended> =>
  new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, [PROGRAM, ...words]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    const timer = after === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), after);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const milliseconds = performance.now() - started;
      resolve({ killed: signal === 'SIGKILL', code, stdout, stderr, milliseconds });
    });
  });

interface Happened {
  readonly event: string;
  readonly rows?: readonly number[];
  readonly labels?: readonly (readonly [number, number])[];
}

const journalOf = (session: string): readonly Happened[] =>
  readFileSync(path.join(session, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly event: Happened }).event);

/** What is done, and how long each command takes; a command may need what an earlier one said. */
const commandsOf = (folder: string) => {
  const file = path.join(folder, 'data.csv');
  const session = path.join(folder, 'session');
  const out = path.join(folder, 'results.jsonl');
  const merged = path.join(folder, 'merged.jsonl');
  const page = path.join(folder, 'page.html');
  const cells = Array.from({ length: 40 }, (_, i) => `${i},${Math.sin(i)},${i % 8 === 0 ? Math.cos(i) : ''}`);
  writeFileSync(file, `a,b,y\n${cells.join('\n')}\n`);
  const all = path.join(folder, 'all.csv');
  writeFileSync(all, `a,b,y\n${cells.map((_, i) => `${i},${Math.sin(i)},${Math.cos(i)}`).join('\n')}\n`);
  // Two targets, and a file with labels of both for every row.
  const two = path.join(folder, 'two.csv');
  const pair = path.join(folder, 'pair');
  const labels = path.join(folder, 'labels.csv');
  writeFileSync(two, `a,b,y,z\n${cells.map((row, i) => `${row},${i % 5 === 0 ? i : ''}`).join('\n')}\n`);
  writeFileSync(labels, `line,y,z\n${cells.map((_, i) => `${i + 2},${Math.cos(i)},${i}`).join('\n')}\n`);
  const few = ['--iterations', '10', '--trajectories', '4'];
  const ask = ['ask', session, '--batch-size', '4', '--engine', 'cpu'];
  const lastBatch = (): readonly number[] =>
    journalOf(session).findLast(({ event }) => event === 'asked')?.rows ?? [];
  const tell = () => {
    const [skipped = 0, ...others] = lastBatch();
    return ['tell', session, ...others.map((row) => `${row}=${Math.cos(row)}`), '--skip', String(skipped)];
  };
  const run = [
    ...['run', '--data', all, '--target', 'y', '--strategies', 'gflownet,random', '--seeds', '1'],
    ...['--rounds', '2', '--batch-size', '3', '--seed-labels', '5', '--out', out, '--engine', 'cpu', ...few],
  ];
  return {
    folder,
    session,
    pair,
    out,
    merged,
    steps: [
      () => ['init', session, '--data', file, '--target', 'y', ...few],
      () => ask,
      () => ['ahead', session, '--rounds', '2', '--engine', 'cpu'],
      tell,
      () => ask,
      tell,
      () => ['tell', session, '2=0.5'],
      () => ask,
      () => ['init', pair, '--data', two, '--target', 'y,z', '--acquisition', 'greedy'],
      () => ['ask', pair, '--batch-size', '4', '--engine', 'cpu'],
      () => ['tell', pair, '--labels', labels],
      () => run,
      () => ['merge', merged, out],
      () => ['report', out, '--out', page],
    ],
  };
};

/** The labels that a command tells. */
const labelsOf = (words: readonly string[]): readonly (readonly [number, number])[] =>
  words.flatMap((word) => {
    const [, row, label] = /^(\d+)=(.+)$/.exec(word) ?? [];
    return row === undefined ? [] : [[Number(row), Number(label)] as const];
  });

/** What stands in a folder and its session: names and bytes. */
const disk = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((name) => [name, readFileSync(name).toString('base64')]),
  );

/** Where a kill fell, by what it left: nothing yet, a lock, a file half written, or something kept. */
const phaseOf = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string => {
  const changed = [...after].filter(([name, bytes]) => before.get(name) !== bytes).map(([name]) => name);
  return changed.some((name) => name.endsWith('.tmp'))
    ? 'inside a write'
    : changed.some((name) => !path.basename(name).startsWith('lock-'))
      ? 'after something was kept'
      : changed.length > 0
        ? 'at work, nothing kept yet'
        : 'before anything (start-up, reading)';
};

/** The files of a folder and their bytes. */
const filesOf = (folder: string): unknown =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name)).toString('base64')]),
  );

/** Everything in the sessions' folders, and the records but for their seconds. */
const leftIn = ({ session, pair, out, merged }: ReturnType<typeof commandsOf>): unknown => ({
  merged: readFileSync(merged, 'utf8') === readFileSync(out, 'utf8'),
  ...{ session: filesOf(session), pair: filesOf(pair) },
  records: readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown =>
      JSON.parse(line, (name, value: unknown) =>
        name === 'seconds' || name === 'experiment' || name === 'fingerprint' ? undefined : value,
      ),
    ),
});

test(`${KILLS} kills lose nothing, and change nothing`, async ({ folder }) => {
  const calm = commandsOf(mkdtempSync(path.join(folder, 'calm-')));
  const durations: number[] = [];
  for (const step of calm.steps) {
    const { code, stderr, milliseconds } = await launch(step());
    assert.is(code, 0, stderr);
    durations.push(milliseconds);
  }
  const wanted = leftIn(calm);
  const [at, lengths] = [uniforms(keyFromSeed(seed), 4 * KILLS), uniforms(keyFromSeed(seed + 1), 4 * KILLS)];
  let kills = 0;
  const phases = new Map<string, number>();
  const deciles = new Array<number>(10).fill(0);
  for (let attempt = 0; kills < KILLS; attempt++) {
    const place = mkdtempSync(path.join(folder, 'rough-'));
    const rough = commandsOf(place);
    const total = durations.reduce((sum, x) => sum + x, 0);
    const acknowledged = new Map<number, number>();
    for (const [i, step] of rough.steps.entries()) {
      const words = step();
      // Long commands are killed more often, in proportion to what they take.
      let tries = 0;
      for (;;) {
        const index = (attempt * 31 + i * 7 + tries * 3) % at.length;
        const often = Math.max(1, Math.round((6 * (durations[i] ?? 0)) / total));
        const doomed = kills < KILLS && tries < often;
        const after = doomed ? (lengths[index] ?? 0) * 1.05 * (durations[i] ?? 0) : undefined;
        const before = doomed ? disk(rough.folder) : new Map<string, string>();
        const { killed, code, stdout, stderr } = await launch(words, after);
        tries++;
        if (killed) {
          const phase = phaseOf(before, disk(rough.folder));
          phases.set(phase, (phases.get(phase) ?? 0) + 1);
          const decile = Math.min(9, Math.floor((10 * (after ?? 0)) / (durations[i] ?? 1)));
          deciles[decile] = (deciles[decile] ?? 0) + 1;
        }
        // What was said is acknowledged, whether it was killed then or not.
        if (stdout !== '' && words[0] === 'tell' && words[1] === rough.pair)
          assert.is(journalOf(rough.pair).filter(({ event }) => event === 'told').length, 2);
        if (stdout !== '' && i > 0) {
          for (const [row, label] of labelsOf(words)) acknowledged.set(row, label);
          const kept = new Map(journalOf(rough.session).flatMap(({ labels = [] }) => labels));
          assert.equal(kept, acknowledged, 'acknowledged labels');
        }
        if (!killed) {
          assert.is(code, 0, `${words.join(' ')}: ${stderr}`);
          break;
        }
        kills++;
      }
    }
    assert.equal(leftIn(rough), wanted);
    rmSync(place, { recursive: true });
  }
  assert.ok(kills >= KILLS);
  console.log(`# kills by tenths of a command: ${deciles.join(' ')}`);
  for (const [phase, count] of phases) console.log(`# ${phase}: ${count}`);
});

test.run();
