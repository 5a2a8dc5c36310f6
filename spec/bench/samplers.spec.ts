/** Ways to draw, held against each other: their columns against enumeration, and records that are resumed. */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellOf, levelsOf, prepare } from '../../src/bench/samplers/cell.js';
import { gapsOf, proposalsBelow, samplersMarkdown } from '../../src/bench/samplers/markdown.js';
import {
  coverage,
  generatedPools,
  ofFeatures,
  posteriorOf,
  type SamplerPool,
} from '../../src/bench/samplers/pools.js';
import {
  type DrawnRecord,
  levelNames,
  type SamplerRecord,
  samplerRecordOfLine,
  unitName,
} from '../../src/bench/samplers/record.js';
import { measureSamplers, type SamplersPlan } from '../../src/bench/samplers/run.js';
import { ways } from '../../src/bench/samplers/ways.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Failure } from '../../src/failure.js';
import { batchOrder } from '../../src/gflownet/exact/batch-order.js';
import { logSumExp } from '../../src/linear-algebra/log-sum.js';
import { gaussianInformation } from '../../src/reward/gaussian-information.js';
import { information } from '../../src/reward/information.js';
import { randomPool } from '../support/pools.js';
import { evenTables } from '../support/markdown.js';

const engine = cpuEngine();

const right = async <A>(work: TE.TaskEither<Failure, A>): Promise<A> => {
  const result = await work();
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

const pool = (name: string, reward = information, points = 9): SamplerPool => ({
  ...{ name, batchSize: 3, reward, drawFraction: 1 },
  posterior: (seed) => TE.right(ofFeatures(randomPool(points, 4, 7 + seed))),
});

/** Two tiny pools, one of them by a reward that is known by its evaluations alone. */
const plan: SamplersPlan = {
  pools: [pool('tiny'), pool('covered', coverage, 7)],
  levels: levelNames,
  ...{ ways, proposalSeeds: [0, 1], seed: 0, draws: 400, iterations: 5, settings: 'these' },
  shard: { index: 1, count: 1 },
};

const control = { progress: () => undefined, signal: new AbortController().signal };

/** The records of a plan from those that there are; stopped after so many new ones. */
const recordsOf = async (
  own: SamplersPlan,
  before: readonly SamplerRecord[] = [],
  most = Infinity,
): Promise<readonly SamplerRecord[]> => {
  const abort = new AbortController();
  const made: SamplerRecord[] = [];
  await measureSamplers(engine, own, {
    ...{ ...control, signal: abort.signal },
    recorded: new Set(before.map(unitName)),
    onRecord: (record) => {
      made.push(record);
      if (made.length >= most) abort.abort();
      return TE.right(undefined);
    },
  })();
  return [...before, ...made];
};

/** All but the seconds, in the order of their names. */
const timeless = (records: readonly SamplerRecord[]): readonly unknown[] =>
  records
    .map((record) => ({ ...record, seconds: undefined }))
    .toSorted((a, b) => unitName(a).localeCompare(unitName(b)));

const whole = recordsOf(plan);

const drawn = async (): Promise<readonly DrawnRecord[]> =>
  (await whole).filter((record): record is DrawnRecord => record.kind === 'drawn');

test('a run that is stopped and started again ends with the same records, in shards too', async () => {
  const kept = ['greedy', 'stochasticBatchBald', 'annealed', 'gain'];
  const few = { ...plan, ways: ways.filter(({ name }) => kept.includes(name)), draws: 64, iterations: 2 };
  const all = await recordsOf({ ...few, proposalSeeds: [0] });
  // Four ways at four temperatures and at three; two proposals by two rewards and by one.
  assert.is(all.length, 4 * 7 + 6);
  const part = await recordsOf({ ...few, proposalSeeds: [0] }, [], 5);
  assert.is(part.length, 5);
  assert.is(new Set(all.map(unitName)).size, all.length, 'each piece of work has a name of its own');
  const read = part.map((record) => samplerRecordOfLine(JSON.stringify(record)));
  const resumed = await recordsOf(
    { ...few, proposalSeeds: [0] },
    read.flatMap((line) => (E.isRight(line) ? [line.right] : [])),
  );
  assert.equal(timeless(resumed), timeless(all));
  const shards = [
    ...(await recordsOf({ ...few, proposalSeeds: [], shard: { index: 1, count: 2 } })),
    ...(await recordsOf({ ...few, proposalSeeds: [], shard: { index: 2, count: 2 } })),
  ];
  assert.equal(timeless(shards), timeless(all.filter(({ kind }) => kind === 'drawn')));
});

test('generated pools have names of their own, and the posterior of a seed is the same again', async () => {
  assert.is(new Set(generatedPools.map(({ name }) => name)).size, generatedPools.length);
  const covered = generatedPools.find(({ name }) => name === 'coverage');
  assert.ok(covered !== undefined);
  const [one, again, other] = [
    await right(posteriorOf(covered, 1)),
    await right(posteriorOf(covered, 1)),
    await right(posteriorOf(covered, 2)),
  ];
  assert.is(one.whitened.rows, 60);
  assert.equal(again, one);
  assert.not.equal(other.whitened, one.whitened);
  // Each pool of 100 points by itself, of its seed, and one where labels tell something.
  for (const small of generatedPools.filter(({ candidates }) => candidates === undefined)) {
    const [first, second] = [await right(posteriorOf(small, 1)), await right(posteriorOf(small, 2))];
    assert.not.equal(first.whitened, second.whitened, small.name);
    assert.ok(small.reward.utilityFor(first).value([0]) > 0, small.name);
  }
  const heldOut = generatedPools.filter(({ name }) => name.startsWith('held-out'));
  const found = await Promise.all(heldOut.map((each) => right(posteriorOf(each, 1))));
  assert.is(new Set(found.map(({ whitened }) => whitened.data.join())).size, heldOut.length);
});

test('progress names the pool and the temperature, and work in hand is stopped by the signal', async () => {
  const abort = new AbortController();
  const notes: string[] = [];
  let made = 0;
  const result = await measureSamplers(
    engine,
    { ...plan, ways: ways.filter(({ name }) => name === 'annealed'), proposalSeeds: [] },
    {
      signal: abort.signal,
      recorded: new Set(),
      progress: ({ stage, note }) => {
        notes.push(`${stage}: ${note}`);
        if (stage === 'certifying') abort.abort();
      },
      onRecord: () => {
        made++;
        return TE.right(undefined);
      },
    },
  )();
  assert.ok(E.isLeft(result) && result.left._tag === 'Interrupted', JSON.stringify(result));
  assert.is(made, 0);
  assert.equal([...new Set(notes)].slice(0, 2), ['pools: tiny', 'certifying: tiny, half']);
  const proposing: string[] = [];
  await right(
    measureSamplers(
      engine,
      { ...plan, pools: plan.pools.slice(0, 1), ways: [], proposalSeeds: [3] },
      {
        ...control,
        recorded: new Set(),
        progress: ({ note }) => proposing.push(note),
        onRecord: () => TE.right(undefined),
      },
    ),
  );
  assert.ok(
    proposing.some((note) => /^tiny, seed 3, ELBO /.test(note)),
    proposing.join('; '),
  );
});

test('log Z and the mean utility of exact draws are those of enumeration', async () => {
  const utility = gaussianInformation(randomPool(9, 4, 7));
  const order = batchOrder(9, [3, 3]);
  const values = Array.from({ length: order.count }, (_, row) => utility.value(order.batchAt(row)));
  for (const record of await drawn()) {
    if (record.pool !== 'tiny' || record.logPartition === null) continue;
    const logs = values.map((value) => value / record.temperature);
    const logZ = logSumExp(logs);
    assert.ok(Math.abs(record.logPartition.estimate - logZ) < 1e-9 * Math.max(1, Math.abs(logZ)), record.way);
    assert.is(record.logPartition.method, 'exact');
    if (record.way !== 'annealed' && record.way !== 'kdpp') continue;
    const mean = values.reduce((sum, value, row) => sum + value * Math.exp((logs[row] ?? 0) - logZ), 0);
    const square = values.reduce(
      (sum, value, row) => sum + value ** 2 * Math.exp((logs[row] ?? 0) - logZ),
      0,
    );
    // Five standard errors of 400 independent draws and half as many again for those of chains: below 1e-6 each.
    const error = Math.sqrt(Math.max(0, square - mean ** 2) / record.draws);
    assert.ok(Math.abs(record.utility.mean - mean) < 7.5 * error + 1e-9, `${record.way} ${record.level}`);
  }
});

test('ELBO and EUBO of stochastic BatchBALD have their exact means', async () => {
  const prepared = await right(prepare(pool('tiny'), plan));
  const { whitened } = prepared.posterior;
  const utility = gaussianInformation(whitened);
  const order = batchOrder(9, [3, 3]);
  const orders = (batch: readonly number[]): readonly (readonly number[])[] =>
    batch.length === 0
      ? [[]]
      : batch.flatMap((n) => orders(batch.filter((m) => m !== n)).map((rest) => [n, ...rest]));
  for (const level of levelsOf(prepared)) {
    const { temperature } = level;
    const own = { mean: 0, square: 0 };
    const taught = { mean: 0, square: 0 };
    const count = (into: typeof own, probability: number, weight: number): void => {
      into.mean += probability * weight;
      into.square += probability * weight ** 2;
    };
    const rewards = Array.from(
      { length: order.count },
      (_, row) => utility.value(order.batchAt(row)) / temperature,
    );
    const logZ = logSumExp(rewards);
    rewards.forEach((log, row) => {
      for (const one of orders(order.batchAt(row))) {
        let state = utility.empty;
        let forward = 0;
        for (const n of one) {
          const free = state
            .gains()
            .map((gain, m) => (state.chosen.includes(m) ? -Infinity : gain / temperature));
          forward += (free[n] ?? NaN) - logSumExp(Array.from(free));
          state = state.with(n);
        }
        const weight = log - Math.log(6) - forward;
        count(own, Math.exp(forward), weight);
        count(taught, Math.exp(log - logZ) / 6, weight);
      }
    });
    const cell = cellOf(engine, prepared, level, plan, control);
    const way = ways.find(({ name }) => name === 'stochasticBatchBald');
    if (way === undefined) throw new Error('no such way');
    const measured = await right(way.measure(cell));
    const error = ({ mean, square }: typeof own, draws: number): number =>
      Math.sqrt(Math.max(0, square - mean ** 2) / draws);
    // Six standard errors of independent draws, and half as many again for those of chains: below 1e-8 each.
    assert.ok(Math.abs((measured.elbo ?? NaN) - own.mean) < 6 * error(own, plan.draws) + 1e-9, level.level);
    assert.ok(Math.abs((measured.eubo ?? NaN) - taught.mean) < 9 * error(taught, 128) + 1e-9, level.level);
  }
});

test('every way stands in every cell, no bound is passed, and no proposal is below greedy', async () => {
  const records = await drawn();
  const names = ways.map(({ name }) => name);
  for (const name of ['tiny', 'covered'])
    for (const level of ['half', 'default', 'four', ...(name === 'tiny' ? ['exact'] : [])]) {
      const own = records.filter((record) => record.pool === name && record.level === level);
      assert.equal(
        own.map(({ way }) => way),
        names.filter((way) => way !== 'kdpp' || level === 'exact'),
      );
      for (const record of own) {
        const { below, above } = gapsOf(records, record);
        // Means of 400: the gaps are not negative but for chance, and rounding in f32.
        if (record.elbo !== null)
          assert.ok(below > -0.2 && !(above < -0.2), `${name} ${level} ${record.way}`);
        const { utility, evaluations } = record;
        assert.ok(utility.best >= utility.mean - 1e-9);
        assert.is(evaluations === null, name === 'tiny');
        if (record.way === 'exchanges') assert.ok(utility.best >= utility.greedy - 1e-12);
      }
    }
  const { below, count } = proposalsBelow(await whole);
  // Of the first pool by two rewards, of the other by its own; two seeds, two strategies.
  assert.equal([below, count], [[], 12]);
});

test('greedy takes as many evaluations of U as there are points to join, and one of the batch', async () => {
  const record = (await drawn()).find(({ pool: name, way }) => name === 'covered' && way === 'greedy');
  // 7 + 6 + 5 gains, and U of the batch: its report may have it already.
  assert.ok([18, 19].includes(record?.evaluations ?? 0), String(record?.evaluations));
});

test('the table reads as Markdown, and a proposal below greedy is named', async () => {
  const all = await whole;
  const text = samplersMarkdown(all);
  assert.match(text, /### tiny\n\n3 of 9 points by information \(nats\)\./);
  assert.match(
    text,
    /\| ½ × default, [\d.]+ \| greedy \| – \| – \| – \| – \| 1\.0000 \| 1\.0000 \| – \| – \|/,
  );
  assert.match(text, /\| T = ½ \| kdpp \| 0\.00 \| 0\.00 \| [\d.]+ exact \| 1\.00 \|/);
  assert.match(text, /Of 12 proposals none is below greedy's batch;/);
  evenTables(text);
  const worse = all.map((record) =>
    record.kind === 'proposed' && record.pool === 'tiny' && record.seed === 1
      ? { ...record, utility: { ...record.utility, proposed: record.utility.greedy - 1e-3 } }
      : record,
  );
  assert.is(proposalsBelow(worse).below.length, 4);
  assert.match(
    samplersMarkdown(worse),
    /Of 12 proposals 4 are below[^]*BELOW: tiny, information, seed 1, gflownet/,
  );
});

test('a line that is no record is refused', () => {
  assert.equal(samplerRecordOfLine('{'), E.left('the line is not JSON'));
  const none = 'the line is not a record of bench samplers';
  assert.equal(samplerRecordOfLine('[]'), E.left(none));
  assert.equal(
    samplerRecordOfLine('{"kind":"drawn"}'),
    E.left(`${none}: settings is missing or of another kind`),
  );
  // A fault of one kind of record is not told as one of the other.
  const proposed = {
    ...{ settings: 's', pool: 'p', reward: 'r', unit: 'nats', points: 9, batchSize: 3, seed: 0 },
    ...{ kind: 'proposed', strategy: 'greedy', temperature: null, utility: { greedy: 1, proposed: 1 } },
  };
  assert.ok(E.isRight(samplerRecordOfLine(JSON.stringify(proposed))));
  for (const [change, says] of [
    [{ utility: { greedy: 1 } }, `${none}: utility.proposed is missing or of another kind`],
    [{ points: 0.5 }, 'points is not a whole number from 1 to 2^53 - 1'],
    [{ temperature: 0 }, 'temperature is not a finite number above 0'],
  ] as const)
    assert.equal(samplerRecordOfLine(JSON.stringify({ ...proposed, ...change })), E.left(says));
});

test.run();
