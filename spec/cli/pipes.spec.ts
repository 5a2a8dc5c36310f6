/**
 * Named pipes in the place of files: a table comes through one as from a disk, waiting for who writes ends with the signal, what is
 * written waits for nobody, and where a file is kept a pipe is refused.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readResults, resumeRecords } from '../../src/cli/record-file.js';
import { changeSession, lookAtSession } from '../../src/cli/session-folder.js';
import { readTextLines } from '../../src/cli/text-lines.js';
import { written } from '../../src/cli/whole-file.js';
import { readTable } from '../../src/data/read-table.js';
import { parseTable } from '../../src/data/parse-table.js';
import { showFailure } from '../../src/failure.js';
import * as TE from '#fp-ts/TaskEither';
import { fail, succeed } from '../support/device.js';
import { observe } from './fake-services.js';

const test = suite<{ folder: string; pipe: string }>('pipes', { folder: '', pipe: '' });

const makePipe = (file: string): void => assert.is(spawnSync('mkfifo', [file]).status, 0);

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.pipe = path.join(context.folder, 'pipe');
  makePipe(context.pipe);
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

/** A process that copies a file into the pipe after a while, in two pieces with a rest between them. */
const feed = (source: string, pipe: string, after: number) =>
  spawn('sh', [
    '-c',
    'sleep "$3"; { head -c 7 "$1"; sleep "$3"; tail -c +8 "$1"; } > "$2"',
    'sh',
    source,
    pipe,
    String(after),
  ]);

test('a table comes through a pipe as from a disk, whenever its writer begins', async ({ folder, pipe }) => {
  const file = path.join(folder, 'table.csv');
  const text = `a,y\n${Array.from({ length: 90_000 }, (_, i) => `${i},${i / 3}\n`).join('')}`;
  await writeFile(file, text);
  for (const after of [0, 0.1]) {
    feed(file, pipe, after);
    assert.equal(await readTable(pipe)(), parseTable(pipe, text));
  }
});

test('small files come through pipes too', async ({ folder, pipe }) => {
  const file = path.join(folder, 'names.txt');
  await writeFile(file, '\ufeffash\nelm\n');
  feed(file, pipe, 0.05);
  assert.equal(await succeed(readTextLines(pipe)), ['ash', 'elm']);
});

test('a pipe to which nobody writes is waited for until the signal, also behind its first bytes', async ({
  folder,
  pipe,
}) => {
  for (const isBegun of [false, true]) {
    const writer = isBegun
      ? spawn('sh', ['-c', 'printf "a,y\\n1," > "$1"; exec 3> "$1"; exec sleep 60', 'sh', pipe], {
          stdio: 'ignore',
        })
      : undefined;
    const control = new AbortController();
    setTimeout(() => control.abort(), 150);
    const read = await readTable(pipe, { signal: control.signal })();
    assert.ok(E.isLeft(read));
    assert.is(read.left._tag, 'Interrupted');
    writer?.kill();
  }
  // Aborted before: nothing that came is taken for the whole.
  const file = path.join(folder, 'table.csv');
  await writeFile(file, 'a,y\n1,2\n3,\n');
  const writer = feed(file, pipe, 0.2);
  const read = await readTable(pipe, { signal: AbortSignal.abort() })();
  assert.ok(E.isLeft(read) && read.left._tag === 'Interrupted');
  writer.kill();
});

test('what is written to a pipe arrives however slowly it is read; without a reader it is refused', async ({
  folder,
  pipe,
}) => {
  const content = 'x'.repeat(300_000);
  assert.match(
    showFailure(await fail(written(pipe, content))),
    /pipe: the file cannot be written: ENXIO, nothing reads the pipe\. Begin what reads it first/,
  );
  const copy = path.join(folder, 'copy');
  const reader = spawn('sh', ['-c', '{ sleep 0.2; cat; } < "$1" > "$2"', 'sh', pipe, copy]);
  const ended = new Promise((resolve) => reader.once('exit', resolve));
  // The reader has to be there first.
  for (let tries = 0; ; tries++) {
    const result = await written(pipe, content)();
    if (E.isRight(result)) break;
    assert.ok(tries < 1000, 'the reader never came');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await ended;
  assert.is(await readFile(copy, 'utf8'), content);
});

test('a file of results that is to go on has to be on a disk; one that is only read may come through a pipe', async ({
  pipe,
}) => {
  assert.match(
    showFailure(await fail(resumeRecords(pipe))),
    /pipe: the file cannot be written: it is a pipe or a device, and no file on a disk/,
  );
  const fixture = path.join(process.cwd(), 'spec', 'fixtures', 'run-strategies.jsonl');
  feed(fixture, pipe, 0);
  assert.equal(await succeed(readResults(pipe)), await succeed(readResults(fixture)));
});

test('a pipe or a device in the place of a session’s file is refused by every command, and keeps none waiting', async ({
  folder,
}) => {
  const [table, session] = [path.join(folder, 'data.csv'), path.join(folder, 'session')];
  await writeFile(table, `a,y\n${Array.from({ length: 9 }, (_, i) => `${i},${i < 3 ? i : ''}\n`).join('')}`);
  const begun = await observe([
    'init',
    session,
    '-d',
    table,
    '-t',
    'y',
    '--feature-map',
    'linear',
    '-a',
    'greedy',
  ]);
  assert.is(begun.exitCode, 0, begun.stderr);
  assert.is((await observe(['tell', session, '5=1'])).exitCode, 0);
  for (const name of readdirSync(session)) {
    const file = path.join(session, name);
    const bytes = await readFile(file);
    await rm(file);
    makePipe(file);
    for (const failure of [
      await fail(lookAtSession(session)),
      await fail(changeSession(session, assert.unreachable, (now) => TE.right([now, undefined] as const))),
    ])
      assert.match(
        showFailure(failure),
        new RegExp(`${name}: the file cannot be read: it is a pipe or a device`),
      );
    await rm(file);
    await writeFile(file, bytes);
  }
  // What a stop left half written is taken away, whatever it is.
  makePipe(path.join(session, 'journal.head.tmp'));
  assert.is((await observe(['tell', session, '6=1'])).exitCode, 0);
  assert.equal(readdirSync(session).sort(), ['journal.head', 'journal.jsonl', 'session.json']);
});

test.run();
