// Draws on the host come in chunks, so that progress and signals get their turn: never more than were asked for, at most 16
// between two looks, one where a draw takes long.
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hostStrategy, noTarget } from '../../src/acquisition/host.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { normalMatrix } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const posterior = { mean: new Float64Array(6), whitened: normalMatrix(6, 2, 1), noiseVariance: 1 };

/** What is told of so many draws, each of which takes so many milliseconds; and how many were made. */
const told = async (draws: number, milliseconds: number) => {
  let made = 0;
  const strategy = hostStrategy({
    takes: [],
    prepare: ({ baselines: { greedy } }) =>
      E.right({
        draw: () => {
          made++;
          for (const end = performance.now() + milliseconds; performance.now() < end;);
          return greedy;
        },
        target: () => noTarget,
      }),
  });
  const seen: number[] = [];
  const { drawn } = await succeed(
    strategy.propose(cpuEngine(), posterior, {
      ...{ batchSize: 2, seed: 1, draws },
      onProgress: ({ done, total }) => {
        assert.is(total, draws);
        seen.push(done);
      },
    }),
  );
  return { seen, made, count: drawn.count };
};

test('as many draws as were asked for, in steps of 16 at most', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 70 }), async (draws) => {
      const { seen, made, count } = await told(draws, 0);
      assert.equal([made, count, seen.at(-1)], [draws, draws, draws]);
      seen.forEach((done, i) => assert.ok(done > (seen[i - 1] ?? 0) && done - (seen[i - 1] ?? 0) <= 16));
    }),
    runs(20),
  );
});

test('a draw that takes longer than 20 milliseconds is told by itself', async () => {
  assert.equal((await told(3, 21)).seen, [1, 2, 3]);
});

test.run();
