// What asking a session hands on to the strategy: its progress, its signal, and what the session was begun with.
import * as TE from '#fp-ts/TaskEither';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proposeBatch } from '../../src/acquisition/index.js';
import type { Progress } from '../../src/acquisition/strategy.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { ask } from '../../src/learning/session/ask.js';
import { sessionFrom } from '../../src/learning/session/session.js';
import { right } from '../linear-algebra/arbitrary.js';
import { fail, succeed } from '../support/device.js';

const session = right(
  sessionFrom({
    version: 1,
    ...{ featureNames: ['a'], targetName: 'y', acquisition: 'greedy', seed: 2 },
    rows: [1, 2, 3, 4, 5, 6],
    features: [[0], [1], [2], [3], [4], [5]],
    labels: [
      [1, 0.5],
      [4, -0.5],
    ],
    surrogate: { kind: 'bayesian-linear', featureMap: { kind: 'polynomial', degree: 1 } },
    settings: { reward: 'predictiveVariance' },
  }),
);

test('progress is told to who asks, and the signal and the reward reach the strategy', async () => {
  const told: Progress[] = [];
  const { signal } = new AbortController();
  const given: Parameters<typeof proposeBatch>[2][] = [];
  await succeed(
    ask(cpuEngine(), {
      batchSize: 2,
      onProgress: (progress) => told.push(progress),
      signal,
      propose: (engine, posterior, options) => {
        given.push(options);
        return proposeBatch(engine, posterior, options);
      },
    })(session),
  );
  assert.ok(told.length > 0);
  assert.equal(told.at(-1)?.done, told.at(-1)?.total);
  const [options] = given;
  assert.ok(options !== undefined);
  assert.is(options.signal, signal);
  assert.equal(
    [options.batchSize, options.acquisition, options.reward?.name],
    [2, 'greedy', 'predictiveVariance'],
  );
});

test('once the signal is aborted, asking is interrupted', async () => {
  const failure = await fail(
    TE.map(() => undefined)(ask(cpuEngine(), { batchSize: 2, signal: AbortSignal.abort() })(session)),
  );
  assert.is(failure._tag, 'Interrupted');
});

test.run();
