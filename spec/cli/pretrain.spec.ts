// pretrain: what is said of a step, what is kept when it is stopped, and from what it goes on. Training itself is held against exact
// policies in spec/learning/pretraining.spec.ts.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Context } from '../../src/cli/command.js';
import { runProgram } from '../../src/cli/program.js';
import { services } from '../../src/cli/services.js';
import { silent } from './fake-services.js';

test('a step is told with its loss in nats; stopped, the state is kept, and gone on from with its own options alone', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  const out = path.join(folder, 'weights.ts');
  const told: string[] = [];
  const stop = new AbortController();
  const context: Context = {
    ...{ services, ...silent, remark: () => undefined, signal: stop.signal },
    progress: ({ stage, done, total, note }) => {
      if (stage !== 'pretraining') return;
      told.push(`${done} of ${total}: ${note}`);
      stop.abort();
    },
  };
  const pretrain = (...words: readonly string[]) =>
    runProgram(['pretrain', '-o', out, '--engine', 'cpu', '--iterations', '2', ...words], '1.2.3', context);
  const nothing = await pretrain('--resume');
  assert.is(nothing.exitCode, 2);
  assert.match(nothing.stderr, /^--resume: there is no .*weights\.ts\.checkpoint to go on from\. /);
  const stopped = await pretrain();
  assert.equal([stopped.exitCode, stopped.stdout], [130, '']);
  assert.is(told.length, 1);
  assert.match(told.join(), /^1 of 2: \d+\.\d\d nats$/);
  assert.equal(await readdir(folder), ['weights.ts.checkpoint']);
  const other = await pretrain('--resume', '--seed', '1');
  assert.equal([other.exitCode, other.stdout, told.length], [2, '', 1]);
  // The signal has been given: it goes on from there, and stops at once.
  assert.is((await pretrain('--resume')).exitCode, 130);
  // What another program wrote is never written over, and no training comes before that is said.
  await writeFile(out, 'my notes');
  const taken = await pretrain('--resume');
  assert.is(taken.exitCode, 2);
  assert.match(taken.stderr, /^--out: .*weights\.ts is there already, and is no module of weights\. /);
  assert.is(await readFile(out, 'utf8'), 'my notes');
  await writeFile(out, '// Written by batchgfn pretrain. Do not edit.\n');
  assert.is((await pretrain('--resume')).exitCode, 130);
  await rm(folder, { recursive: true });
});

test.run();
