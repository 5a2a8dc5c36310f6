/** Pretraining: its problems hang on their keys, what it teaches is the exact policy, and it can be stopped and taken up again. */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { defaultTemperature } from '../../src/acquisition/temperature.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { defaultModel } from '../../src/gflownet/defaults.js';
import { batchOrder } from '../../src/gflownet/exact/batch-order.js';
import { exactTarget } from '../../src/gflownet/exact/target.js';
import { networkSpecs } from '../../src/gflownet/policies/slot-network.js';
import { logReward, type Problem } from '../../src/gflownet/problem.js';
import { taughtStates } from '../../src/learning/pretraining/conditionals.js';
import { evaluate, heldOutProblems } from '../../src/learning/pretraining/evaluation.js';
import { decodePretraining, encodePretraining, weightsModule } from '../../src/learning/pretraining/kept.js';
import {
  defaultTemperatureOf,
  generatedProblem,
  kernelOfKind,
  problemKey,
  randomBatches,
} from '../../src/learning/pretraining/posteriors.js';
import {
  firstPretrainingState,
  pretrain,
  type PretrainingOptions,
  type PretrainingState,
} from '../../src/learning/pretraining/pretrain.js';
import { stepValues } from '../../src/learning/pretraining/program.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { logSumExp } from '../../src/linear-algebra/log-sum.js';
import { parameterCount } from '../../src/nn/parameters.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { uniformStream } from '../../src/random/stream.js';
import { uniformSubset } from '../../src/random/subset.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { closeTo } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { randomPool } from '../support/pools.js';

const sizes = { points: [20, 40], batch: [3, 8] } as const;

test('problems hang on their keys, keep to their sizes, and those held out are others', () => {
  for (const family of ['broad', 'sharp'] as const)
    for (let i = 0; i < 20; i++) {
      const problem = generatedProblem(problemKey(0, 'training', i), sizes, family);
      assert.equal(generatedProblem(problemKey(0, 'training', i), sizes, family), problem);
      assert.not.equal(generatedProblem(problemKey(0, 'heldOut', i), sizes, family), problem);
      const { whitened, batchSize, temperature } = problem;
      assert.ok(whitened.rows >= 20 && whitened.rows <= 40 && batchSize >= 3 && batchSize <= 8);
      assert.ok(temperature > 0 && temperature <= 0.5 && whitened.data.every(Number.isFinite));
    }
});

test('a tenth of the kernels are linear and a tenth periodic, two fifths each RBF and Matérn', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 2000; i++) {
    const key = split(keyFromSeed(8), i);
    const [{ kind }] = kernelOfKind(uniformStream(split(key, 0)), 2, split(key, 1));
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  // Six standard deviations of a share of 2,000: 1e-8.
  for (const [kind, share] of [
    ['linear', 0.1],
    ['periodic', 0.1],
    ['rbf', 0.4],
    ['matern52', 0.4],
  ] as const)
    assert.ok(
      Math.abs((counts.get(kind) ?? 0) / 2000 - share) < 6 * Math.sqrt((share * (1 - share)) / 2000),
      `${kind}: ${counts.get(kind)} of 2000`,
    );
});

test('held-out problems are at the multiple that is asked for of the default temperature', () => {
  const [once, thrice] = [heldOutProblems(5, 3, 1), heldOutProblems(5, 3, 3)];
  once.forEach(({ whitened, batchSize, temperature }, i) => {
    assert.equal(thrice[i], { whitened, batchSize, temperature: 3 * temperature });
    // Told by other random batches: a matter of some percent.
    const usual = defaultTemperatureOf(whitened, batchSize, keyFromSeed(i));
    assert.ok(temperature > 0.7 * usual && temperature < 1.4 * usual, `${temperature}, ${usual}`);
  });
});

test('the default temperature is told by greedy and the mean of random batches', () => {
  for (let i = 0; i < 3; i++) {
    const { whitened, batchSize } = generatedProblem(problemKey(3, 'training', i), sizes);
    const posterior = { mean: new Float64Array(whitened.rows), whitened, noiseVariance: 1 };
    const key = keyFromSeed(i);
    const random = Array.from({ length: randomBatches }, (_, k) =>
      jointMutualInformation(whitened, uniformSubset(split(key, k), whitened.rows, batchSize)),
    );
    closeTo(
      defaultTemperatureOf(whitened, batchSize, key),
      defaultTemperature({
        greedy: greedyBatch(posterior, batchSize).jointMutualInformation,
        random: random.reduce((sum, value) => sum + value / randomBatches, 0),
        poolSize: whitened.rows,
        batchSize,
      }),
      1e-9,
    );
  }
});

test('sharp problems have the larger batches, and temperatures nearer to the default one', () => {
  const means = (['broad', 'sharp'] as const).map((family) => {
    const all = Array.from({ length: 60 }, (_, i) =>
      generatedProblem(problemKey(1, 'training', i), { points: [40, 40], batch: [3, 16] }, family),
    );
    const mean = (of: (problem: Problem) => number): number =>
      all.reduce((sum, problem) => sum + of(problem) / all.length, 0);
    return {
      size: mean(({ batchSize }) => batchSize),
      heat: mean(({ whitened, batchSize, temperature }) =>
        Math.log(temperature / defaultTemperatureOf(whitened, batchSize, keyFromSeed(0))),
      ),
    };
  });
  const [broad = { size: NaN, heat: NaN }, sharp = { size: NaN, heat: NaN }] = means;
  // Log-uniform sizes have a mean of 8 and uniform ones of 9.5, with standard errors of 0.5; log heats have means of 0.55 and 0.29 and
  // standard errors of 0.1: the seed decides, and is fixed.
  assert.ok(sharp.size > broad.size && sharp.heat < broad.heat, JSON.stringify(means));
});

test('what is taught at the empty state is the exact policy on the mean', () => {
  const problem: Problem = { whitened: randomPool(8, 2, 3, 1), batchSize: 4, temperature: 0.3 };
  const order = batchOrder(8, [4, 4]);
  const batches = Array.from({ length: order.count }, (_, row) => order.batchAt(row));
  const logs = batches.map((batch) => logReward(problem, batch));
  const total = logSumExp(logs);
  const exact = new Float64Array(8);
  batches.forEach((batch, i) => {
    for (const n of batch) exact[n] = (exact[n] ?? 0) + Math.exp((logs[i] ?? NaN) - total) / 4;
  });
  const mean = new Float64Array(8);
  let count = 0;
  for (let chain = 0; chain < 40; chain++)
    for (const { members, probabilities } of taughtStates(problem, 40, split(keyFromSeed(4), chain)))
      if (members.length === 0) {
        count++;
        probabilities.forEach((q, n) => (mean[n] = (mean[n] ?? 0) + q));
      }
  // Some 800 means of 24 conditionals each, every one with a deviation below 0.1: standard errors below 0.0036, and the limit
  // is five of them: eight false alarms in 2 million.
  exact.forEach((p, n) => {
    assert.ok(
      Math.abs(p - (mean[n] ?? NaN) / count) < 0.018,
      `point ${n}: ${(mean[n] ?? NaN) / count}, ${p}`,
    );
  });
});

test('a part of the states come from a higher temperature, their conditionals from the right one', () => {
  // Gains add up: eight points bring 2 nats each, eight 1, so that one of the lesser costs exp(−10) at T and exp(−2) at 5 T.
  const whitened = matrixFrom(16, 16, (n, j) => (n === j ? Math.sqrt(Math.expm1(n < 8 ? 4 : 2)) : 0));
  const states = taughtStates({ whitened, batchSize: 8, temperature: 0.1 }, 400, keyFromSeed(6));
  // At T a batch holds one with probability 64 exp(−10) = 0.003, and a third of a batch are members: some 0.4 of the states,
  // and ten once in 10¹⁰ times.
  const odd = states.filter(({ members }) => members.some((n) => n >= 8));
  assert.ok(odd.length >= 10, `${odd.length} of 400`);
  for (const { members, remaining, probabilities } of states) {
    assert.is(members.length + remaining + 1, 8);
    const best = probabilities.reduce((sum, q, n) => sum + (n < 8 ? q : 0), 0);
    assert.ok(best > 0.95, `${members.join()}: ${best}`);
  }
});

test('a step sees the gains of its states, those of members left out, and the entropy of what is taught', () => {
  const [POINTS, MEMBERS] = [7, 3];
  const taught = [7, 5].map((rows, p) => ({
    problem: { whitened: randomPool(rows, 3, p, 1.5), batchSize: 5, temperature: 0.2 + p },
    states: [[], [4], [3, 0, 2]].map((members) => ({
      members,
      remaining: 4 - members.length,
      probabilities: Float64Array.from({ length: rows }, (_, n) => (n < 2 ? (1 + 2 * n) / 4 : 0)),
    })),
  }));
  const sizes_ = { points: POINTS, problems: 2, states: 3, members: MEMBERS };
  const values = stepValues(sizes_, taught);
  const at = (name: string, i: number): number => values[name]?.[i] ?? NaN;
  taught.forEach(({ problem: { whitened, temperature }, states }, p) => {
    states.forEach(({ members, remaining }, m) => {
      const s = 3 * p + m;
      closeTo(at('inverseTemperature', s), 1 / temperature, 1e-6);
      assert.is(at('remaining', s), remaining);
      const own = jointMutualInformation(whitened, members);
      for (let n = 0; n < POINTS; n++) {
        const candidate = n < whitened.rows && !members.includes(n);
        assert.is(at('allowed', s * POINTS + n), candidate ? 1 : 0, `state ${s}, point ${n}`);
        assert.is(at('taught', s * POINTS + n), n < 2 ? (1 + 2 * n) / 4 : 0);
        if (!candidate) continue;
        const gain = jointMutualInformation(whitened, [...members, n]) - own;
        const variance = at('variances', s * POINTS + n);
        closeTo(0.5 * Math.log1p(variance), gain, 1e-5, `gain of ${n} at state ${s}`);
        // K_nn, and what the members say of it.
        const shares = Array.from({ length: MEMBERS }, (_, i) =>
          at('shares', (s * MEMBERS + i) * POINTS + n),
        );
        const prior = at('gram', (p * POINTS + n) * POINTS + n);
        closeTo(prior - shares.reduce((sum, x) => sum + x * x, 0), variance, 1e-5);
      }
    });
  });
  closeTo(at('entropy', 0), -6 * (0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)), 1e-12);
});

test('of batches of two any network is exact, and is told so beside the log Z that was given', async () => {
  const engine = cpuEngine();
  const problem: Problem = { whitened: randomPool(8, 2, 3, 1), batchSize: 2, temperature: 0.3 };
  const { hidden } = defaultModel('messagePassing', problem).shape;
  const network = new Float64Array(parameterCount(networkSpecs(hidden)));
  const { effectiveSampleSize, elbo, logPartition } = await succeed(evaluate(engine, network, problem, 7));
  closeTo(effectiveSampleSize, 1, 1e-4);
  closeTo(elbo, exactTarget(problem).logZ, 1e-4);
  assert.is(logPartition, 7);
  await engine.close();
});

const options: PretrainingOptions = { seed: 3, iterations: 4, learningRate: 0.003, hidden: 4 };

test('stopped and taken up again from its text it ends in the same bits', async () => {
  const engine = cpuEngine();
  const whole = await succeed(pretrain(engine, options, firstPretrainingState(options)));
  const stop = new AbortController();
  let kept: PretrainingState | undefined;
  const stopped = await pretrain(engine, options, firstPretrainingState(options), {
    signal: stop.signal,
    onCheckpoint: (state) => (kept = state),
    onProgress: ({ done }) => {
      if (done === 2) stop.abort();
    },
  })();
  assert.ok(E.isLeft(stopped) && stopped.left._tag === 'Interrupted');
  if (kept === undefined) throw new Error('nothing was kept');
  const text = encodePretraining(options, kept);
  const read = decodePretraining('file', text, options);
  if (E.isLeft(read)) throw new Error('the text was refused');
  const again = await succeed(pretrain(engine, options, read.right));
  assert.equal(Array.from(again.parameters), Array.from(whole.parameters));
  assert.is(weightsModule(options, again), weightsModule(options, whole));
  assert.not.equal(
    Array.from(whole.parameters),
    Array.from(firstPretrainingState(options).parameters, Math.fround),
  );
  for (const other of [
    { ...options, seed: 4 },
    { ...options, hidden: 8 },
  ])
    assert.ok(E.isLeft(decodePretraining('file', text, other)));
  assert.ok(E.isLeft(decodePretraining('file', 'no', options)));
  const { buffers, bytes } = engine.counters();
  assert.equal([buffers, bytes], [0, 0], 'its programs are closed');
  await engine.close();
});

test.run();
