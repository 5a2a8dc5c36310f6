/**
 * What Gibbs draws say of a target, against enumeration: log Z, how often each point is there, and the EUBO of an untrained
 * policy, each within its own error; and on a pool that cannot be listed, against the k-DPP.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultModel } from '../../src/gflownet/defaults.js';
import { firstParameters } from '../../src/gflownet/model.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { HostTasks } from '../../src/engine/host-threads.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { information } from '../../src/reward/information.js';
import { batchFromSource } from '../../src/reward/mutable-batch.js';
import { epig } from '../../src/reward/epig.js';
import { predictiveVariance } from '../../src/reward/predictive-variance.js';
import type { Utility } from '../../src/reward/utility.js';
import { classPosterior } from '../../src/surrogate/class-posterior.js';
import { inclusionAgainst } from '../../src/verify/corrected.js';
import {
  answerKind,
  answerOf,
  targetDraws,
  type AnswerOptions,
  type TargetAnswer,
} from '../../src/verify/target-answer.js';
import { euboOf } from '../../src/verify/eubo.js';
import { right } from '../linear-algebra/arbitrary.js';
import { randomLabels } from '../reward/categorical-cases.js';
import { succeed } from '../support/device.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { maternPool, randomPool } from '../support/pools.js';

const engines = await openEngines();
const [cpu] = engines;
const key = keyFromSeed(3);
const POINTS = 12;
const DRAWS = 2048;

const byUtility = (
  { proxyFeatures: proxy, value: of, batchFrom, programmed }: Utility,
  temperature: number,
): Problem => {
  const own = programmed?.(3);
  if (own === undefined) throw new Error('the utility is the information of its proxy');
  return {
    whitened: proxy,
    batchSize: 3,
    temperature,
    utility: { value: of, batchFrom, programmed: own, scale: 1 },
  };
};

const problems: Readonly<Record<string, Problem>> = {
  'joint mutual information': { whitened: maternPool(POINTS, 2), batchSize: 3, temperature: 0.1 },
  'predictive variance': byUtility(
    predictiveVariance().utilityFor({
      ...{ mean: new Float64Array(POINTS), noiseVariance: 1 },
      whitened: maternPool(POINTS, 1),
    }),
    0.1,
  ),
  'predictive information': byUtility(
    epig().utilityFor({
      ...{ mean: new Float64Array(POINTS), noiseVariance: 1 },
      whitened: maternPool(POINTS, 1),
    }),
    0.05,
  ),
  'class labels': byUtility(
    information.utilityFor(right(classPosterior(randomLabels([8, POINTS, 3], 2)))),
    0.1,
  ),
  'several sizes at a cost': {
    ...{ whitened: randomPool(POINTS, 3, 6), batchSize: 3, smallestBatch: 1 },
    ...{ pointCost: 0.6, temperature: 0.2 },
  },
};

const answered = async (problem: Problem, options: Partial<AnswerOptions>): Promise<TargetAnswer> => {
  const answer = await succeed(answerOf(problem, { draws: DRAWS, key, ...options }));
  if (answer.kind === 'uncertified') throw new Error(JSON.stringify(answer));
  return answer;
};

/** The largest distance of some estimates from others, in standard errors of the two; 0 where both are the same. */
const furthest = (
  some: readonly { readonly mean: number; readonly standardError: number }[],
  others: readonly { readonly mean: number; readonly standardError: number }[],
): number =>
  Math.max(
    ...some.map(({ mean, standardError }, i) => {
      const other = others[i] ?? { mean: NaN, standardError: NaN };
      const distance = Math.abs(mean - other.mean);
      // A point that is hardly ever there has no spread to tell its error by.
      return distance < 2e-3 ? 0 : distance / Math.hypot(standardError, other.standardError);
    }),
  );

test('the threads of an engine share the updates of a large pool, with the same bits', async () => {
  const engine = cpuEngine({ threads: 2 });
  const { hostThreads } = engine;
  if (hostThreads === undefined) throw new Error('the engine has no threads');
  let shared = 0;
  const counting = {
    hostThreads: {
      ...hostThreads,
      answers: (tasks: HostTasks) => {
        shared += tasks.tasks.length;
        return hostThreads.answers(tasks);
      },
    },
  };
  const large: Problem = { whitened: randomPool(1010, 2, 1), batchSize: 10, temperature: 1 };
  const options = { draws: 8, key, updates: 4 };
  const [alone, together] = [
    await succeed(answerOf(large, options)),
    await succeed(answerOf(large, { ...options, engine: counting })),
  ];
  if (alone.kind === 'uncertified' || together.kind === 'uncertified') throw new Error('not certified');
  assert.equal(
    [together.logZ, together.standardError, together.batches, together.certificate],
    [alone.logZ, alone.standardError, alone.batches, alone.certificate],
  );
  // Pairs, chains that draw, and populations.
  assert.ok(shared > 32, `${shared} tasks`);
  await engine.close();
});

for (const [name, problem] of Object.entries(problems))
  test(`Gibbs draws against enumeration, ${name}`, async () => {
    const exact = await answered(problem, {});
    assert.is(exact.kind, 'enumeration');
    const gibbs = await answered(problem, { by: 'gibbs', updates: 400 });
    assert.is(gibbs.kind, 'gibbs');
    assert.equal([gibbs.batches.length, gibbs.listed], [DRAWS, undefined]);
    assert.ok((gibbs.certificate?.totalVariation ?? 1) < 0.07, JSON.stringify(gibbs.certificate));
    // Five standard errors of eight replicates (t with 7 degrees of freedom): false alarm 2e-3 by chance alone. Fixed seed.
    const error = Math.abs(gibbs.logZ - exact.logZ);
    assert.ok(
      error < 0.02 && error < 5 * gibbs.standardError,
      `log Z off by ${error} ± ${gibbs.standardError}`,
    );
    // Twelve points, each at five standard errors of at least 16 chains (t with 15): false alarm 2e-3.
    const off = furthest(gibbs.inclusion(), exact.inclusion());
    assert.ok(off < 5, `inclusion off by ${off} standard errors`);
    // As a test: false alarm 1e-4.
    const { pValue = 0 } = inclusionAgainst(gibbs, exact.batches, 1, POINTS) ?? {};
    assert.ok(pValue > 1e-4, `inclusion p ${pValue}`);
    // EUBO of one policy by both: false alarm 1e-4.
    const model = defaultModel('pointer', problem);
    const untrained = { engine: cpu, model, problem, parameters: firstParameters(model, key) };
    const [by, from] = [
      await succeed(euboOf(untrained, gibbs, split(key, 1))),
      await succeed(euboOf(untrained, exact, split(key, 2))),
    ];
    assert.ok(furthest([by], [from]) < 5, `EUBO ${by.mean} ± ${by.standardError}, exact ${from.mean}`);
    assert.ok(by.standardError < 0.1 && by.mean > exact.logZ);
  });

test('on a pool that cannot be listed, against the k-DPP at T = ½', async () => {
  const problem = { whitened: maternPool(200, 0), batchSize: 5, temperature: 0.5 };
  const exact = await answered(problem, {});
  assert.equal([exact.kind, exact.standardError, exact.certificate], ['kdpp', 0, null]);
  const gibbs = await answered(problem, { by: 'gibbs' });
  const error = Math.abs(gibbs.logZ - exact.logZ);
  // False alarms as above; 200 points at five standard errors of 64 chains (t with 63): 1e-3.
  assert.ok(
    error < 5 * gibbs.standardError && gibbs.standardError < 0.15,
    `${error} ± ${gibbs.standardError}`,
  );
  const off = furthest(gibbs.inclusion(), exact.inclusion());
  assert.ok(off < 5, `inclusion off by ${off} standard errors`);
  assert.ok((inclusionAgainst(gibbs, exact.batches, 1, 200)?.pValue ?? 0) > 1e-4);
  // Sharp enough to tell a temperature of 0.35 from one of 0.5.
  const colder = await answered({ ...problem, temperature: 0.35 }, { by: 'gibbs' });
  assert.ok((inclusionAgainst(colder, exact.batches, 1, 200)?.pValue ?? 1) < 1e-4);
});

test('how a problem is answered: listed, by the k-DPP, or by Gibbs draws', () => {
  const whitened = maternPool(60, 3);
  assert.is(answerKind({ whitened, batchSize: 3, temperature: 0.1 }), 'enumeration');
  assert.is(answerKind({ whitened, batchSize: 5, temperature: 0.5 }), 'kdpp');
  assert.is(answerKind({ whitened, batchSize: 5, temperature: 0.4 }), 'gibbs');
  const { utility } = problems['class labels'] ?? {};
  if (utility !== undefined)
    assert.is(answerKind({ whitened, batchSize: 5, temperature: 0.5, utility }), 'gibbs');
});

test('chains that do not meet are no answer', async () => {
  // Batches of either half of the pool are worth much, and all between them nothing: no chain goes from one to the other.
  const whitened = randomPool(12, 3, 1);
  const worth = (batch: readonly number[]): number =>
    30 * Math.abs(2 * batch.filter((n) => n < 6).length - batch.length);
  const source = {
    of: worth,
    utilities: (others: readonly number[], joining: readonly number[]) => ({
      own: worth(others),
      joined: Float64Array.from(joining, (n) => worth([...others, n])),
    }),
    evaluations: () => 0,
  };
  const pool = Array.from({ length: 12 }, (_, n) => n);
  const stuck: Problem = {
    ...{ whitened, batchSize: 4, temperature: 1 },
    utility: {
      value: worth,
      batchFrom: (members) => batchFromSource(pool, source, members),
      programmed: { tables: {}, value: (_, batches) => batches },
      scale: 1,
    },
  };
  for (const find of [answerOf, targetDraws]) {
    const found = await succeed(find(stuck, { draws: 10, key, by: 'gibbs' }));
    assert.equal([found.kind, found.certificate?.totalVariation], ['uncertified', 1]);
  }
});

test('progress is told, and a signal ends it', async () => {
  const problem = problems['joint mutual information'] as Problem;
  const stages = new Set<string>();
  const options = { draws: 20, key, by: 'gibbs' } as const;
  await succeed(answerOf(problem, options, { onProgress: ({ stage }) => stages.add(stage) }));
  assert.equal([...stages], ['certifying', 'drawing', 'annealing']);
  for (const by of ['enumeration', 'kdpp', 'gibbs'] as const) {
    const stopped = await answerOf(problem, { ...options, by }, { signal: AbortSignal.abort() })();
    assert.is(stopped._tag === 'Left' ? stopped.left._tag : '', 'Interrupted');
  }
});

test('the same key gives the same answer', async () => {
  const problem = problems['several sizes at a cost'] as Problem;
  const drawn = (by: 'enumeration' | 'gibbs') => succeed(targetDraws(problem, { draws: 20, key, by }));
  for (const by of ['enumeration', 'gibbs'] as const) assert.equal(await drawn(by), await drawn(by));
});

test('engines are left empty', () => closeEngines(engines));

test.run();
