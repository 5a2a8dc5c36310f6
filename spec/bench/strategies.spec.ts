/** Strategies over many pools: shifts that are known are found, and generated tables are functions of their seed. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { families } from '../../src/bench/strategies/families.js';
import { strategiesMarkdown } from '../../src/bench/strategies/markdown.js';
import { type PoolGroup, type Standing, strategiesSummary } from '../../src/bench/strategies/summary.js';
import type { RunRecord } from '../../src/learning/record.js';
import { imaginedRecords } from '../support/run-records.js';
import { evenTables } from '../support/markdown.js';

const strategies = ['greedy', 'better', 'mixed', 'noisy'];

/** Records of a pool; a strategy's log RMSE, or cross-entropy, is greedy's and its shift after round 0, which has the opposite. */
const poolOf = (
  experiment: string,
  shift: (strategy: string, seed: number) => number,
  classes = false,
  of: readonly string[] = strategies,
): readonly RunRecord[] =>
  imaginedRecords({ experiment, strategies: of, seeds: 6, rounds: 4, shift: () => 0, classes }).map(
    (record) => {
      const own = shift(record.strategy, record.seed) * (record.round === 0 ? -5 : 1);
      const { metrics } = record;
      return {
        ...record,
        metrics:
          'crossEntropy' in metrics
            ? { ...metrics, crossEntropy: metrics.crossEntropy + own }
            : 'rmse' in metrics
              ? { ...metrics, rmse: metrics.rmse * Math.exp(own) }
              : metrics,
      };
    },
  );

const usual = (mixed: number) => (strategy: string, seed: number) =>
  ({ greedy: 0, better: -0.1, mixed, noisy: seed % 2 === 0 ? 0.5 : -0.4 })[strategy] ?? NaN;

const records = [...poolOf('one', usual(0.2)), ...poolOf('two', usual(0.2)), ...poolOf('three', usual(-0.3))];

const only = (groups: readonly PoolGroup[]): PoolGroup => {
  const [first, ...others] = groups;
  if (first === undefined || others.length > 0) throw new Error(`${groups.length} groups`);
  return first;
};

const standing = ({ standings }: PoolGroup, name: string): Standing => {
  const found = standings.find(({ strategy }) => strategy === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

const near = (a: number | null | undefined, b: number, what: string): void =>
  assert.ok(Math.abs((a ?? NaN) - b) < 1e-9, `${what}: ${a ?? ''} for ${b}`);

test('shifts are found on each pool, on the same seeds, whatever the first round was', () => {
  const { task, surrogate, pools } = only(strategiesSummary(records));
  assert.equal(
    [task, surrogate, pools.map(({ pool }) => pool)],
    ['regression', undefined, ['one', 'two', 'three']],
  );
  const [one] = pools;
  assert.equal([one?.seeds, one?.leftOut, one?.labels], [6, 0, [5, 17]]);
  const of = (name: string) => one?.rows.find(({ strategy }) => strategy === name);
  assert.is(of('greedy')?.lessReference, null);
  for (const [name, shift] of [
    ['better', -0.1],
    ['mixed', 0.2],
    ['noisy', 0.05],
  ] as const)
    near(of(name)?.lessReference?.mean, shift, name);
  // What all have in common is no part of a difference, and is one of a score.
  near(of('better')?.lessReference?.halfWidth, 0, 'exact differences');
  assert.ok((of('better')?.score.halfWidth ?? 0) > 0.01);
  // t of 5 degrees of freedom, 2.5706, of ±0.45 about the mean.
  const deviation = 0.45 * Math.sqrt(6 / 5);
  assert.ok(
    Math.abs((of('noisy')?.lessReference?.halfWidth ?? NaN) - (2.5706 * deviation) / Math.sqrt(6)) < 1e-4,
  );
  assert.equal(
    one?.rows.map(({ rank }) => rank),
    [2, 1, 4, 3],
  );
});

test('over pools: mean ranks, pools won, and differences that are clear of their intervals', () => {
  const group = only(strategiesSummary(records));
  const better = standing(group, 'better');
  near(better.meanRank, 4 / 3, 'rank');
  near(better.won, 2 / 3, 'won');
  near(better.lessReference, -0.1, 'difference');
  assert.equal([better.pools, better.below, better.clearlyBelow, better.clearlyAbove], [3, 3, 3, 0]);
  const mixed = standing(group, 'mixed');
  near(mixed.lessReference, 0.1 / 3, 'mixed');
  assert.equal([mixed.below, mixed.clearlyBelow, mixed.clearlyAbove], [1, 1, 2]);
  const noisy = standing(group, 'noisy');
  assert.equal([noisy.below, noisy.clearlyBelow, noisy.clearlyAbove], [0, 0, 0]);
  assert.is(standing(group, 'greedy').lessReference, null);
  assert.equal(
    group.standings.map(({ strategy }) => strategy),
    ['better', 'greedy', 'mixed', 'noisy'],
  );
  const level = only(strategiesSummary(poolOf('level', () => 0)));
  assert.equal(
    level.standings.map(({ meanRank, won }) => [meanRank, won]),
    strategies.map(() => [2.5, 1]),
  );
});

test('classes are held by their cross-entropy, and pools of another surrogate by themselves', () => {
  const groups = strategiesSummary([
    ...records,
    ...poolOf('digits', usual(0.2), true),
    ...poolOf('one/ard', usual(-0.3)),
  ]);
  assert.equal(
    groups.map(({ task, surrogate, pools }) => [task, surrogate, pools.length]),
    [
      ['regression', undefined, 3],
      ['classes', undefined, 1],
      ['regression', 'ard', 1],
    ],
  );
  const [row] = groups[1]?.pools[0]?.rows.filter(({ strategy }) => strategy === 'mixed') ?? [];
  near(row?.lessReference?.mean, 0.2, 'nats');
  assert.ok((row?.accuracy?.mean ?? 0) > 0.5 && (row?.accuracy?.mean ?? 1) < 0.9);
  assert.is(groups[0]?.pools[0]?.rows[0]?.accuracy, undefined);
});

test('pools that begin without a label are held against random, and stand by themselves', () => {
  const cold = (experiment: string): readonly RunRecord[] =>
    poolOf(experiment, (strategy) => (strategy === 'random' ? 0.3 : usual(0.4)(strategy, 0)), false, [
      'greedy',
      'better',
      'mixed',
      'random',
    ]).map((record) => ({ ...record, labels: record.labels - 5 }));
  const groups = strategiesSummary([...records, ...cold('one-cold'), ...cold('one-cold/ard')]);
  assert.equal(
    groups.map(({ surrogate, reference, pools }) => [surrogate, reference, pools.length]),
    [
      [undefined, 'greedy', 3],
      [undefined, 'random', 1],
      ['ard', 'random', 1],
    ],
  );
  // What is said of the others is as it was without them.
  assert.equal(groups[0], only(strategiesSummary(records)));
  const [, group] = groups;
  assert.ok(group !== undefined);
  assert.equal(group.pools[0]?.labels, [0, 12]);
  assert.is(standing(group, 'random').lessReference, null);
  for (const [name, shift] of [
    ['greedy', -0.3],
    ['better', -0.4],
    ['mixed', 0.1],
  ] as const) {
    near(standing(group, name).lessReference, shift, name);
    near(group.pools[0]?.rows.find(({ strategy }) => strategy === name)?.lessReference?.mean, shift, name);
  }
  const text = strategiesMarkdown([group]);
  assert.match(text, /## Numbers, without labels at the start\n\n\| strategy \|.* less random, mean \|/);
  assert.match(text, /\| strategy \| log RMSE \| less random \| rank \|/);
  assert.match(text, /\| random \| 1 \| 3\.0 \| 0% \| – \| – \| – \| – \|/);
  evenTables(text);
});

test('a seed that some strategy has not completed is left out of all; Markdown says what there is', () => {
  const [last] = records
    .filter(({ experiment, strategy }) => experiment === 'two' && strategy === 'mixed')
    .slice(-1);
  const group = only(strategiesSummary(records.filter((record) => record !== last)));
  assert.equal(
    group.pools.map(({ seeds, leftOut }) => [seeds, leftOut]),
    [
      [6, 0],
      [5, 1],
      [6, 0],
    ],
  );
  const text = strategiesMarkdown([group]);
  assert.match(text, /## Numbers\n\n\| strategy \| pools \| mean rank \|/);
  assert.match(text, /\| better \| 3 \| 1\.3 \| 67% \| −0\.1(00)? \| 3 of 3 \| 3 of 3 \| 0 of 3 \|/);
  assert.match(text, /### two\n\n5 to 17 labels, 5 seeds; 1 left out/);
  evenTables(text);
  assert.is(strategiesMarkdown([]), 'There are no records.\n');
  const none = strategiesSummary(
    records.filter(({ round, strategy }) => round === 0 || strategy === 'greedy'),
  );
  assert.match(strategiesMarkdown(none), /### one\n\nNo seed is complete\./);
});

test('a generated table is a function of its seed, with labels of variance 1 or of all its classes', () => {
  assert.is(new Set(families.map(({ name }) => name)).size, 4);
  for (const { name, classes, rows } of families) {
    const [one, again, other] = [rows(1, 300), rows(1, 300), rows(2, 300)];
    assert.is(one.inputs.rows, 300);
    assert.equal(again, one, name);
    assert.not.equal(other.inputs, one.inputs, name);
    assert.not.equal(other.targets, one.targets, name);
    const mean = one.targets.reduce((sum, y) => sum + y / 300, 0);
    const variance = one.targets.reduce((sum, y) => sum + (y - mean) ** 2 / 300, 0);
    // The noise adds 0.0025, and its product with the values less than 0.02 but with a probability of 1e-3 (six standard errors).
    if (classes === undefined) assert.ok(Math.abs(variance - 1) < 0.04, `${name}: ${variance}`);
    else assert.equal([...new Set(one.targets)].toSorted(), [0, 1, 2]);
  }
});

/** The squared differences of labels of points that are so near, and the mean of all. */
const nearby = (name: string, most: number): { readonly near: readonly number[]; readonly all: number } => {
  const table = families.find((family) => family.name === name)?.rows(3, 400);
  if (table === undefined) throw new Error(`no ${name}`);
  const { inputs, targets } = table;
  const row = (i: number): Float64Array => inputs.data.subarray(i * inputs.columns, (i + 1) * inputs.columns);
  const pairs = Array.from(targets.keys()).flatMap((i) =>
    Array.from({ length: i }, (_, j) => ({
      away: Math.hypot(...row(i).map((x, k) => x - (row(j)[k] ?? NaN))),
      square: ((targets[i] ?? NaN) - (targets[j] ?? NaN)) ** 2,
    })),
  );
  return {
    near: pairs.filter(({ away }) => away < most).map(({ square }) => square),
    all: pairs.reduce((sum, { square }) => sum + square / pairs.length, 0),
  };
};

test('a path is level where points are near, and a plateau is, or leaps', () => {
  const path = nearby('matern2', 0.05);
  assert.ok(path.near.length > 100);
  assert.ok(
    Math.max(...path.near) < 0.1 * path.all,
    'eight times the deviation of two noises squared at most',
  );
  const plateau = nearby('plateau', 0.25);
  // Noise alone leaves 84% of pairs below a tenth.
  const level = plateau.near.filter((square) => square < 0.01).length / plateau.near.length;
  const leaps = plateau.near.filter((square) => square > 0.25).length / plateau.near.length;
  assert.ok(level > 0.5 && leaps > 0.02, `${level} level, ${leaps} leap`);
});

test.run();
