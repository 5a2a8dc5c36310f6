// The test command sees what uvu does not: hooks that throw, a forgotten run(), crashes, hangs.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const uvu = import.meta.resolve('uvu');
const runner = fileURLToPath(new URL('./run.js', import.meta.url));
const header = `import { test } from '${uvu}';\n`;

/** Runs the command on a folder of these files: its lines and its exit code. */
const runOn = (files: Readonly<Record<string, string>>, ...options: readonly string[]) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'specs-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), header + text);
    }
    const { stdout, status } = spawnSync(process.execPath, [runner, '--folder', folder, ...options], {
      encoding: 'utf8',
    });
    const lines = stdout.trimEnd().split('\n');
    return { lines, text: stdout, last: lines.at(-1), status };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const pass =
  "test('a', () => {}); test('b', () => { console.log('# a remark'); console.log('said in passing') }); test.run();";

test('files that pass', () => {
  const { last, status, text } = runOn({ 'a.spec.js': pass, 'deep/b.spec.js': pass, 'c.js': 'throw 1' });
  assert.is(last, '4 passed, 0 failed');
  assert.is(status, 0);
  // Remarks are shown, also behind the bullets that uvu has written to the line; nothing else is.
  assert.is(text.match(/^ {4}# a remark$/gm)?.length, 2);
  assert.not.match(text, 'said in passing');
});

test('a test that fails, with its output', () => {
  const { last, status, text } = runOn({
    'a.spec.js': "test('a', () => {}); test('b', () => { throw new Error('seed: 12') }); test.run();",
    'b.spec.js': pass,
  });
  assert.is(last, '3 passed, 1 failed');
  assert.is(status, 1);
  assert.match(text, 'seed: 12');
});

/** Files that uvu, or the exit code, lets pass or half pass. */
const silent: Readonly<Record<string, string>> = {
  'a hook that throws':
    "test.before(() => { throw new Error('no device') }); test('a', () => {}); test.run();",
  'a forgotten run()': "test('a', () => {});",
  'run() without a test': 'test.run();',
  'a skipped test': "test('a', () => {}); test.skip('b', () => {}); test.run();",
  'a test alone': "test.only('a', () => {}); test('b', () => {}); test.run();",
  'a promise that never settles': "test('a', () => new Promise(() => {})); test.run();",
  'an early exit': "test('a', () => process.exit(0)); test.run();",
  'a crash at import': "throw new Error('broken');",
  'a crash by a signal': "test('a', () => process.kill(process.pid, 'SIGSEGV')); test.run();",
  'a crash after the summary':
    "test('a', () => {}); test.run(); process.on('exit', () => { process.exitCode = 3 });",
  'an unhandled rejection': "test('a', () => { void Promise.reject(new Error('lost')) }); test.run();",
};

for (const [name, text] of Object.entries(silent))
  test(`${name} is a failure`, () => {
    const { last, status } = runOn({ 'a.spec.js': text });
    assert.match(last ?? '', /^\d+ passed, [1-9]\d* failed$/);
    assert.is(status, 1);
  });

/** Whether a process runs; one that has ended and waits for its parent does not. */
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** A limit in seconds that a file which passes is well below, on this machine as loaded as it is now. */
const enough = (): number => {
  const started = performance.now();
  runOn({ 'a.spec.js': pass });
  return Math.ceil(Math.max(2, (5 * (performance.now() - started)) / 1000));
};

test('a hang ends at the limit of a file, and its children with it', () => {
  const hang = `
    import { spawn } from 'node:child_process';
    test('a', async () => {
      console.log('child ' + spawn('sleep', ['60'], { stdio: 'inherit' }).pid);
      await new Promise(() => { setInterval(() => {}, 1000) });
    });
    test.run();`;
  const limit = enough();
  const files = { 'a.spec.js': hang, 'b.spec.js': pass };
  const { last, status, text } = runOn(files, '--file-seconds', `${limit}`);
  assert.is(last, '2 passed, 1 failed');
  assert.is(status, 1);
  assert.match(text, `a file may take ${limit} s`);
  const child = Number(/child (\d+)/.exec(text)?.[1]);
  assert.ok(child > 0, 'the output of a stopped file is shown');
  assert.not(alive(child), 'the child of a stopped file runs on');
});

test('a device left open is a hang', () => {
  const open = "test('a', () => {}); test.run(); setInterval(() => {}, 1000);";
  assert.is(runOn({ 'a.spec.js': open }, '--file-seconds', `${enough()}`).last, '1 passed, 1 failed');
});

test('files past the limit of all of them are failures', () => {
  const slow = "test('a', async () => { await new Promise((r) => setTimeout(r, 1500)) }); test.run();";
  const files = { 'a.spec.js': slow, 'b.spec.js': slow, 'c.spec.js': slow };
  const { last, text } = runOn(files, '--total-seconds', '1');
  assert.is(last, '0 passed, 3 failed');
  assert.match(text, 'all files together may take 1 s');
});

test('no spec at all is a failure; a word picks files', () => {
  assert.is(runOn({}).last, '0 passed, 1 failed');
  assert.is(runOn({ 'a.spec.js': pass }, 'b.spec').last, '0 passed, 1 failed');
  assert.is(runOn({ 'one/a.spec.js': pass, 'two/a.spec.js': pass }, 'two').last, '2 passed, 0 failed');
});

test.run();
