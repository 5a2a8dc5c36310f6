/**
 * Gibbs chains on the threads of an engine: the same bits with 1, 2, 3 and 8 of them, the same failures, an end where it is asked for,
 * and one thread where no worker is to be had.
 */
import * as E from 'fp-ts/lib/Either.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { hostThreadsOf } from '../../src/engine/host-threads.js';
import { annealedOn } from '../../src/gibbs/annealing.js';
import { certifiedDrawsOn } from '../../src/gibbs/draws.js';
import type { BatchTarget } from '../../src/gibbs/target.js';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed } from '../../src/random/key.js';
import { gaussianInformation } from '../../src/reward/gaussian-information.js';
import { endingInFailure, type WorkProgress } from '../../src/work.js';
import { succeed } from '../support/device.js';
import { randomPool } from '../support/pools.js';

const key = keyFromSeed(3);
const pool = randomPool(1010, 2, 1);
const targetOf = (features: Matrix): BatchTarget => ({
  ...{ utility: gaussianInformation(features), features, batchSize: 10 },
});
const target = targetOf(pool);
const beta = 1;

const drawing = (of: BatchTarget, threads: number, told: WorkProgress[] = [], signal?: AbortSignal) => {
  const engine = cpuEngine({ threads });
  const onProgress = (progress: WorkProgress): void => void told.push(progress);
  const options = { count: 20, key, pairs: 5 };
  const control = { onProgress, ...(signal === undefined ? {} : { signal }) };
  return { engine, drawn: certifiedDrawsOn(engine, of, beta, options, control) };
};

test('draws and log Z: the same bits with 1, 2, 3 and 8 threads, and progress to the end', async () => {
  const all: unknown[] = [];
  for (const threads of [1, 2, 3, 8]) {
    const told: WorkProgress[] = [];
    const { engine, drawn } = drawing(target, threads, told);
    const draws = await succeed(drawn);
    const short = { key, chains: 2, replicates: 4, updates: 5 };
    all.push([draws, await succeed(annealedOn(engine, target, beta, short, {}))]);
    assert.equal([...new Set(told.map(({ stage }) => stage))], ['certifying', 'drawing']);
    for (const { done, total } of told) assert.ok(done >= 0 && done <= total);
    if (threads > 1) assert.equal(told.at(-1), { stage: 'drawing', done: 20, total: 20 });
    await engine.close();
  }
  for (const other of all.slice(1)) assert.equal(other, all[0]);
});

test('gains that are not finite fail as in one thread, and the engine goes on', async () => {
  const far = { ...pool, data: pool.data.map((x) => 1e200 * x) };
  const [one, two] = [drawing(targetOf(far), 1), drawing(targetOf(far), 2)];
  const failures = [await endingInFailure(one.drawn)(), await endingInFailure(two.drawn)()];
  assert.ok(failures.every(E.isLeft));
  assert.equal(failures[1], failures[0]);
  await Promise.all([one.engine.close(), two.engine.close()]);
});

test('an aborted signal ends the work, and the next has workers again', async () => {
  const stop = new AbortController();
  const { engine, drawn } = drawing(target, 2, [], stop.signal);
  const running = drawn();
  setTimeout(() => stop.abort(), 5);
  const stopped = await running;
  assert.equal(stopped, E.left({ _tag: 'Interrupted', during: 'certifying' }));
  const next = certifiedDrawsOn(engine, target, beta, { count: 2, key, pairs: 2 }, {});
  assert.is((await succeed(next)).batches.length, 2);
  await engine.close();
});

/** A worker that answers a task with twice its number, fails where that is 5, and breaks where it is 7. */
const worker = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
const doubling = worker(`import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ place, task }) => {
  if (task === 7) throw new Error('broken');
  if (place !== undefined)
    parentPort.postMessage({ place, answer: task === 5 ? { _tag: 'Left', left: 'five' } : { _tag: 'Right', right: 2 * task } });
});
parentPort.postMessage({ ready: true });`);

test('tasks in their order: enough of the first, the failure of the first that fails, no more after either', async () => {
  const threads = hostThreadsOf(2);
  const asked = { module: doubling, setup: {}, stage: 'spec' };
  const done: number[] = [];
  const onDone = (places: ReadonlySet<number>): void => void done.push(places.size);
  assert.equal(await threads.answers({ ...asked, tasks: [1, 2, 3, 4], onDone })(), E.right([2, 4, 6, 8]));
  assert.equal(done, [1, 2, 3, 4]);
  const enough = (answers: readonly unknown[]): boolean => answers.includes(4);
  assert.equal(await threads.answers({ ...asked, tasks: [1, 2, 3, 4], enough })(), E.right([2, 4]));
  assert.equal(await threads.answers({ ...asked, tasks: [1, 5, 2, 5] })(), E.left('five'));
  await threads
    .answers({ ...asked, tasks: [1, 7] })()
    .then(
      () => assert.unreachable(),
      (error: unknown) => assert.match(String(error), 'broken'),
    );
  assert.equal(await threads.answers({ ...asked, tasks: [3, 4] })(), E.right([6, 8]), 'after one that broke');
  const unanswered = threads.answers({
    ...asked,
    module: worker('setInterval(() => undefined, 1000)'),
    tasks: [1, 2],
  })();
  await Promise.resolve();
  await threads.end();
  const end = await unanswered;
  assert.ok(E.isLeft(end) && end.left._tag === 'EngineFailure', 'closed while it was in use');
});

test('one thread, one task, a worker file that is not there: who asks does it', async () => {
  const asked = { setup: {}, stage: 'spec' };
  assert.equal(
    await hostThreadsOf(1).answers({ ...asked, module: doubling, tasks: [1, 2] })(),
    E.right(undefined),
  );
  const threads = hostThreadsOf(2);
  assert.equal(await threads.answers({ ...asked, module: doubling, tasks: [1] })(), E.right(undefined));
  const module = new URL('file:///nowhere/worker.js');
  assert.equal(await threads.answers({ ...asked, module, tasks: [1, 2] })(), E.right(undefined));
  await threads.end();
});

test.run();
