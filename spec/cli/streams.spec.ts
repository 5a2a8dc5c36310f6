// Output that gets nowhere is said, in words of its own for each cause, and the exit code tells: a full disk, a closed stream, a
// reader that has seen enough. The built program is run by the shell, as people run it.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileTrouble } from '../../src/cli/file-trouble.js';
import { appendLines } from '../../src/cli/line-file.js';
import { colourless, delivered, isOpenNull, outputMayBeClosed, takesColours } from '../../src/cli/streams.js';
import { checkNewFile } from '../../src/cli/new-file.js';
import { written } from '../../src/cli/whole-file.js';
import { untilAborted } from '../../src/data/until-aborted.js';
import { showFailure } from '../../src/failure.js';
import { observe } from './fake-services.js';

const test = suite<{ folder: string }>('streams and disks', { folder: '' });

const PROGRAM = fileURLToPath(new URL('../../../dist/node/main.js', import.meta.url));

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

const errorOf = (code: string): Error =>
  Object.assign(new Error(`${code}: the system's own words`), { code });

/** Causes, a part of their words, and whether the machine is at fault. */
const causes: Readonly<Record<string, readonly [words: RegExp, machine: boolean]>> = {
  ENOSPC: [/the disk is full\. Free space/, true],
  EDQUOT: [/your share of the disk is used up/, true],
  EMFILE: [/too many files are open\. Raise the limit \(ulimit -n\)/, true],
  ENFILE: [/too many files are open/, true],
  EIO: [/the disk has failed/, true],
  EFBIG: [/larger than is allowed/, true],
  EPIPE: [/what reads it has ended/, true],
  EROFS: [/mounted to be read only/, false],
  EACCES: [/not the right to do that\. Give yourself the right/, false],
  EPERM: [/not the right to do that/, false],
  ENOENT: [/no such file or folder/, false],
  ENOTDIR: [/a part of the path is a file/, false],
  EISDIR: [/this is a folder/, false],
  ENAMETOOLONG: [/too long/, false],
};

test('each cause has words and an exit code of its own', async ({ folder }) => {
  const out = path.join(folder, 'm.jsonl');
  for (const [code, [words, machine]] of Object.entries(causes)) {
    const failure = fileTrouble(out, 'written')(errorOf(code));
    const text = showFailure(failure);
    assert.ok(text.startsWith(`${out}: the file cannot be written: ${code}, `), text);
    assert.match(text, words);
    const { exitCode } = await observe(['demo', '--acquisition', 'greedy'], { failure });
    assert.is(exitCode, machine ? 1 : 2, code);
  }
  const other = showFailure(fileTrouble(out, 'read')(errorOf('EWHATEVER')));
  assert.match(other, /the file cannot be read: EWHATEVER: the system's own words\. Check the path/);
});

test('a real disk says the same: a full one, a missing folder, a file for a folder, a folder for a file', async ({
  folder,
}) => {
  const file = path.join(folder, 'f');
  await writeFile(file, '');
  for (const [place, code] of [
    [path.join(folder, 'none', 'f'), 'ENOENT'],
    [path.join(file, 'f'), 'ENOTDIR'],
    [folder, 'EISDIR'],
    ['/dev/full', 'ENOSPC'],
  ] as const) {
    if (code === 'ENOSPC' && !existsSync(place)) continue;
    const lines = await appendLines(place, ['x'])();
    assert.match(
      E.isLeft(lines) ? showFailure(lines.left) : '',
      new RegExp(`^${place}: the file cannot be written: ${code}, `),
    );
  }
  assert.ok(E.isLeft(await written(folder, 'x')()));
  assert.equal(await readdir(folder), ['f']);
});

test('a file is written through a link, with the rights that it had; a device is written to and stays one', async ({
  folder,
}) => {
  const [file, link] = [path.join(folder, 'f.csv'), path.join(folder, 'l.csv')];
  await writeFile(file, 'old', { mode: 0o600 });
  await symlink('f.csv', link);
  assert.ok(E.isRight(await written(link, 'new')()));
  assert.is(await readFile(file, 'utf8'), 'new');
  assert.ok((await lstat(link)).isSymbolicLink());
  assert.is((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await readdir(folder)).sort(), ['f.csv', 'l.csv']);
  // A link to what is not there yet, by way of another, in a folder that is itself a link.
  const [inner, way] = [path.join(folder, 'inner'), path.join(folder, 'way')];
  await mkdir(inner);
  await symlink('inner', way);
  await symlink('second.csv', path.join(inner, 'first.csv'));
  await symlink(path.join('..', 'new.csv'), path.join(inner, 'second.csv'));
  assert.ok(E.isRight(await checkNewFile('--out', path.join(way, 'first.csv'))()));
  assert.ok(E.isRight(await written(path.join(way, 'first.csv'), 'newer')()));
  assert.is(await readFile(path.join(folder, 'new.csv'), 'utf8'), 'newer');
  assert.equal((await readdir(inner)).sort(), ['first.csv', 'second.csv']);
  await symlink(path.join('none', 'f.csv'), path.join(inner, 'lost.csv'));
  const lost = await checkNewFile('--out', path.join(inner, 'lost.csv'))();
  assert.match(E.isLeft(lost) ? showFailure(lost.left) : '', /--out: there is no folder .*inner\/none\./);
  await symlink('round.csv', path.join(inner, 'round.csv'));
  const round = await written(path.join(inner, 'round.csv'), 'x')();
  assert.match(E.isLeft(round) ? showFailure(round.left) : '', /ELOOP/);
  assert.ok(E.isRight(await written('/dev/null', 'x')()));
  assert.ok((await lstat('/dev/null')).isCharacterDevice());
  const full = existsSync('/dev/full') ? await written('/dev/full', 'x')() : undefined;
  if (full !== undefined)
    assert.match(E.isLeft(full) ? showFailure(full.left) : '', /ENOSPC, the disk is full/);
});

test('a text that does not get there is a loss; a reader that has seen enough is a quiet one', async () => {
  const failing = (code: string) => ({
    write: (_: string, done: (error?: Error) => void) => done(errorOf(code)),
  });
  assert.ok(O.isNone(await delivered({ write: (_, done) => done(null) }, 'x')));
  assert.ok(O.isNone(await delivered(failing('EPIPE'), '')));
  for (const [code, [words]] of Object.entries(causes)) {
    const loss = O.toUndefined(await delivered(failing(code), 'x'));
    assert.is(loss?.quiet, code === 'EPIPE');
    assert.match(loss?.sentence ?? '', words);
    assert.match(loss?.sentence ?? '', /^standard output: it cannot be written: E/);
  }
});

test('a null device is a closed stdout only where stderr is something else', () => {
  const closed = (...open: readonly number[]) =>
    outputMayBeClosed((descriptor) => !open.includes(descriptor));
  assert.equal([closed(1, 2), closed(2), closed(1), closed()], [false, true, false, false]);
});

test('of a null device it is seen whether it is open to be written alone, as a shell opens it', async ({
  folder,
}) => {
  const file = path.join(folder, 'f');
  await writeFile(file, '');
  const seen = [
    ['/dev/null', 'r+'],
    ['/dev/null', 'w'],
    ['/dev/null', 'r'],
    [file, 'r+'],
  ].map(([place = '', flags = '']) => {
    const descriptor = openSync(place, flags);
    const is = isOpenNull(descriptor);
    closeSync(descriptor);
    return is;
  });
  assert.equal(seen, [existsSync('/proc/self/fdinfo'), false, false, false]);
});

test('colours go to a terminal alone, and to none where NO_COLOR is set', () => {
  const takes = (isTTY: boolean, none?: string) =>
    takesColours({ isTTY }, none === undefined ? {} : { NO_COLOR: none });
  assert.equal(
    [takes(true), takes(true, ''), takes(true, '1'), takes(false), takes(false, '')],
    [true, true, false, false, false],
  );
  assert.is(colourless('\u001b[1;31mred\u001b[0m [0m text'), 'red [0m text');
});

const run = (words: string) => {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', words], {
    encoding: 'utf8',
    env: { ...process.env, P: `${process.execPath} ${PROGRAM}` },
  });
  return { stdout, stderr, status };
};

test('the built program: a full disk is said, with exit code 1; a closed stdout too, which cannot be told from one that is discarded', () => {
  if (!existsSync('/dev/full')) return;
  const full = run('$P devices --json > /dev/full');
  assert.match(full.stderr, /^standard output: it cannot be written: ENOSPC, the disk is full\. .*\n$/m);
  assert.is(full.status, 1);
  for (const command of ['$P devices', '$P --help']) {
    const closed = run(`${command} >&-`);
    assert.match(
      closed.stderr,
      /^standard output: it is closed or discarded, .* told nowhere\. Give it .*$/m,
    );
    assert.equal([closed.status, closed.stdout], [0, '']);
  }
  // What prints as it goes says it once, before the first of it.
  const served = run('echo \'{"verb":"status","session":"none"}\' | $P serve >&-');
  assert.match(served.stderr, /^standard output: it is closed or discarded.*\n$/);
  const quiet = run('$P devices --quiet >&-');
  assert.equal(quiet, { stdout: '', stderr: '', status: 0 });
  // Of a failure what went wrong is said, wherever the rest goes.
  const failed = run('$P status nothing >&-');
  assert.match(failed.stderr, /^nothing: the file cannot be read: ENOENT/);
  assert.is(failed.status, 2);
});

test('the built program: work whose output is discarded by a program is done', async ({ folder }) => {
  const [table, session] = [path.join(folder, 'data.csv'), path.join(folder, 's')];
  await writeFile(table, 'x,y\n0,1\n1,2\n2,\n3,\n4,\n');
  const ignoring = (...words: readonly string[]) =>
    spawnSync(process.execPath, [PROGRAM, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  const begun = ignoring('init', session, '-d', table, '-t', 'y', '--feature-map', 'linear');
  assert.is(begun.status, 0, begun.stderr);
  const told = ignoring('tell', session, '4=0.5');
  assert.equal([told.status, /told nowhere/.test(told.stderr)], [0, true]);
  assert.match(run(`$P status ${session}`).stdout, /labelled +3/);
});

test('a signal ends the waiting for a stream that gives nothing', async () => {
  const never: AsyncIterator<string> = { next: () => new Promise(() => undefined) };
  const controller = new AbortController();
  const waiting = untilAborted(never, controller.signal)();
  controller.abort();
  assert.is(await waiting, 'aborted');
  assert.is(await untilAborted(never, controller.signal)(), 'aborted');
  assert.is(await untilAborted(never, controller.signal, 1)(), 'aborted');
  // Where it was aborted before, what is there already is still given.
  const some = { next: () => Promise.resolve({ value: 'x' }) };
  assert.equal(await untilAborted(some, controller.signal, 50)(), { value: 'x' });
  assert.equal(await untilAborted(some, undefined)(), { value: 'x' });
});

test('the built program: what is discarded, or read in part, is no failure, and a lost stderr changes no code', () => {
  assert.equal(run('$P devices 2>/dev/null >/dev/null'), { stdout: '', stderr: '', status: 0 });
  assert.not.match(run('FORCE_COLOR=1 $P ask --help').stdout, '\u001b');
  const { stdout, status } = run('{ $P --help; echo $? >&3; } 3>&1 | head -1');
  assert.is(status, 0);
  assert.match(stdout, /^batchgfn /);
  if (!existsSync('/dev/full')) return;
  assert.is(run('$P select none.csv --target y 2>/dev/full').status, 2);
  assert.is(run('$P devices 2>/dev/full').status, 0);
  assert.is(run('$P devices 2>&-').status, 0);
});

test.run();
