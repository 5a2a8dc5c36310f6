// Progress and signals get their turn between draws on the host, and within a preparation and a draw that take long: as many draws
// as were asked for, and none after the signal.
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawingBy, hostStrategy, inOneStep, noTarget } from '../../src/acquisition/host.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Work } from '../../src/work.js';
import { normalMatrix } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const posterior = { mean: new Float64Array(6), whitened: normalMatrix(6, 2, 1), noiseVariance: 1 };

/** What is told of so many draws, each of which takes so many milliseconds; and how many were made. */
const told = async (draws: number, milliseconds: number) => {
  let made = 0;
  const strategy = hostStrategy({
    takes: [],
    prepare: inOneStep(({ baselines: { greedy } }) =>
      drawingBy(() => {
        made++;
        for (const end = performance.now() + milliseconds; performance.now() < end;);
        return greedy;
      }),
    ),
  });
  const seen: number[] = [];
  const { drawn } = await succeed(
    strategy.propose(cpuEngine(), posterior, {
      ...{ batchSize: 2, seed: 1, draws },
      onProgress: ({ stage, done, total }) => {
        // Random batches, where they take long, are told too.
        if (stage !== 'drawing') return;
        assert.is(total, draws);
        seen.push(done);
      },
    }),
  );
  return { seen, made, count: drawn.count };
};

test('as many draws as were asked for, each told by itself, however long it takes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 70 }), async (draws) => {
      const { seen, made, count } = await told(draws, 0);
      assert.equal([made, count], [draws, draws]);
      assert.equal(
        seen,
        Array.from({ length: draws }, (_, i) => i + 1),
      );
    }),
    runs(20),
  );
  assert.equal((await told(3, 21)).seen, [1, 2, 3]);
});

/** A preparation of three steps and draws of two, the k-th of which aborts the signal; how it ended, and the steps made. */
const stoppedAt = async (k: number) => {
  const controller = new AbortController();
  let steps = 0;
  const step = function* (): Work<void> {
    if (++steps === k) controller.abort();
    yield;
  };
  const result = await hostStrategy({
    takes: [],
    prepare: function* ({ baselines: { greedy } }) {
      for (let i = 0; i < 3; i++) yield* step();
      return {
        draw: function* () {
          for (let i = 0; i < 2; i++) yield* step();
          return greedy;
        },
        target: () => noTarget,
      };
    },
  }).propose(cpuEngine(), posterior, {
    ...{ batchSize: 2, seed: 1, draws: 4, signal: controller.signal },
  })();
  return { result, steps };
};

test('a preparation and a draw end at the step at which the signal is aborted', async () => {
  for (let k = 1; k <= 11; k++) {
    const { result, steps } = await stoppedAt(k);
    assert.equal(result, E.left({ _tag: 'Interrupted', during: 'drawing' }));
    assert.is(steps, k);
  }
  assert.ok(E.isRight((await stoppedAt(12)).result));
});

test.run();
