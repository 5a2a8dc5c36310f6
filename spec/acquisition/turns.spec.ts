// Work on the host gives signals their turn: by a clock on which every look is 60 milliseconds after the one before, so that
// whatever may give a turn does, turns are counted; no spec waits.
import * as E from 'fp-ts/lib/Either.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type AcquisitionName, proposeBatch, strategies } from '../../src/acquisition/index.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { defaultTraining } from '../../src/gflownet/defaults.js';
import { firstParameters, modelOf } from '../../src/gflownet/model.js';
import { firstState, train } from '../../src/gflownet/train.js';
import { withoutTeacher } from '../../src/gflownet/training-program.js';
import { keyFromSeed } from '../../src/random/key.js';
import { classPosterior } from '../../src/surrogate/class-posterior.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { right } from '../linear-algebra/arbitrary.js';
import { randomLabels } from '../reward/categorical-cases.js';
import { randomPool } from '../support/pools.js';
import { watchedEngine } from '../support/watched-engine.js';

const [points, batchSize, draws] = [40, 6, 5];
const ofNumbers: Posterior = {
  mean: new Float64Array(points),
  whitened: randomPool(points, 5, 1),
  noiseVariance: 1,
};
const ofClasses = right(classPosterior(randomLabels([7, points, 3], 1)));
const engine = cpuEngine({ threads: 1 });

const [now, wait] = [performance.now.bind(performance), globalThis.setTimeout];

/** What work ends in by a clock that goes on by so many milliseconds a look, and the turns it gave; the k-th aborts the signal. */
const counted = async <A>(work: (signal: AbortSignal) => Promise<A>, step: number, k = Infinity) => {
  const controller = new AbortController();
  let [turns, time] = [0, 0];
  performance.now = () => (time += step);
  globalThis.setTimeout = ((then: () => void) => {
    if (++turns === k) controller.abort();
    return setImmediate(then);
  }) as unknown as typeof wait;
  try {
    return { result: await work(controller.signal), turns };
  } finally {
    performance.now = now;
    globalThis.setTimeout = wait;
  }
};

const proposed = (acquisition: AcquisitionName, k?: number) =>
  counted(
    (signal) =>
      proposeBatch(engine, strategies[acquisition].ofClasses === true ? ofClasses : ofNumbers, {
        ...{ acquisition, batchSize, draws, seed: 0, signal },
        ...(acquisition === 'gflownet' ? { iterations: 9 } : {}),
      })(),
    60,
    k,
  );

/** Strategies that choose point by point before they draw. */
const preparing: readonly AcquisitionName[] = [
  ...(['kdpp', 'lcmd', 'kCentre', 'kMeansPlusPlus', 'kMedoids', 'typiClust', 'bait'] as const),
];

test('every strategy gives a turn for each point of greedy’s batch, each random batch, each draw and its score', async () => {
  for (const acquisition of Object.keys(strategies) as AcquisitionName[]) {
    const { result, turns } = await proposed(acquisition);
    assert.ok(E.isRight(result), acquisition);
    const least = batchSize + 3 * draws + (preparing.includes(acquisition) ? batchSize : 0);
    assert.ok(turns >= least, `${acquisition}: ${turns} turns, ${least} at least`);
    for (const k of [1, 4, Math.floor(turns / 2), turns - 4]) {
      const stopped = await proposed(acquisition, k);
      assert.ok(E.isLeft(stopped.result) && stopped.result.left._tag === 'Interrupted', acquisition);
      assert.is(stopped.turns, k, `${acquisition}: turns after the signal`);
    }
  }
});

test('training runs one step between turns where a step takes long, and twice as many each time where none does', async () => {
  const model = modelOf({
    policy: 'gain',
    hidden: 4,
    poolSize: points,
    features: 5,
    batchSize: 2,
    dtype: 'f32',
  });
  const problem = { whitened: ofNumbers.whitened, batchSize: 2, temperature: 0.5 };
  const training = { ...withoutTeacher(defaultTraining('gain')), iterations: 9, trajectories: 4 };
  const state = firstState(firstParameters(model, keyFromSeed(1)), keyFromSeed(2));
  const runs: number[] = [];
  const watched = watchedEngine(engine, (_, { steps = 1 }) => {
    if (steps !== 0) runs.push(steps);
  });
  const ended: unknown[] = [];
  for (const step of [60, 0]) {
    const { result } = await counted(() => train(watched, model, problem, training, state)(), step);
    ended.push(right(result).parameters);
  }
  assert.equal(runs, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 2]);
  assert.equal(ended[0], ended[1]);
});

test.run();
