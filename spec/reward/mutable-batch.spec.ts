/**
 * A batch that is changed in place is worth what its members are, and its gains are differences of that, after any changes:
 * the law of every utility's batches, held against evaluations of U. And that it stays so over long chains, where rounding
 * errors of changes might add up.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { updates } from '../../src/gibbs/update.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed } from '../../src/random/key.js';
import { uniformStream } from '../../src/random/stream.js';
import { labelUtility } from '../../src/reward/categorical/utility.js';
import { epig } from '../../src/reward/epig.js';
import { rewards } from '../../src/reward/index.js';
import { information, informationOfBatches } from '../../src/reward/information.js';
import { batchFromSource, type MutableBatch } from '../../src/reward/mutable-batch.js';
import { predictiveVariance } from '../../src/reward/predictive-variance.js';
import { reward } from '../../src/reward/programmed.js';
import { restrictedTo } from '../../src/reward/restricted.js';
import type { Utility } from '../../src/reward/utility.js';
import { classPosterior } from '../../src/surrogate/class-posterior.js';
import { gather, sub, sum } from '../../src/tensor/operations.js';
import { closeTo, entry, right } from '../linear-algebra/arbitrary.js';
import { outputsUtility } from '../../src/learning/outputs.js';
import { randomPool } from '../support/pools.js';
import { runs } from '../support/property.js';
import { randomLabels } from './categorical-cases.js';
import { posteriorOf, scaledRows } from './changed-batches.js';

const POINTS = 9;

/** Information less the number of the point, by a tenth. */
const priced = reward(
  'priced',
  ({ whitened }) => ({
    features: whitened,
    price: Float64Array.from({ length: whitened.rows }, (_, n) => 0.1 * n),
  }),
  ({ features, price }, batches) =>
    sub(informationOfBatches(features, batches), sum(gather(price, batches), [1])),
);

const labels = (seed: number, classes: number): Utility => {
  const posterior = randomLabels([6, POINTS, classes], seed, 3, seed % 2 === 0 ? -Infinity : -1);
  const proxy = right(classPosterior(posterior)).whitened;
  return labelUtility(posterior, proxy, { key: keyFromSeed(3), samples: 18 });
};

/** Point 5 is point 1 again, and point 3 says nothing. */
const odd = (seed: number): Matrix =>
  matrixFrom(POINTS, 3, (n, j) => (n === 3 ? 0 : entry(randomPool(POINTS, 3, seed), n === 5 ? 1 : n, j)));

const dominated = (whitened: Matrix): Matrix => scaledRows(whitened, (n) => (n === 4 ? 1e3 : 1));

interface Case {
  readonly at: (seed: number) => Utility;
  /** b; all points if left out. */
  readonly most?: number;
}

/** Every reward that can be named. */
const named = Object.fromEntries(
  Object.entries(rewards).flatMap(([name, { utilityFor }]): readonly (readonly [string, Case])[] => [
    [name, { at: (seed) => utilityFor(posteriorOf(randomPool(POINTS, 3, seed, 2))) }],
    [`${name} of odd points`, { at: (seed) => utilityFor(posteriorOf(odd(seed))) }],
  ]),
);

const cases: Readonly<Record<string, Case>> = {
  ...named,
  'predictive variance where one point dominates': {
    at: (seed) => predictiveVariance().utilityFor(posteriorOf(dominated(randomPool(POINTS, 3, seed)))),
  },
  'predictive variance at targets': {
    at: (seed) =>
      predictiveVariance(randomPool(4, 12, seed + 1)).utilityFor(posteriorOf(randomPool(POINTS, 12, seed))),
  },
  'predictive information at targets': {
    at: (seed) => epig(randomPool(4, 12, seed + 1)).utilityFor(posteriorOf(randomPool(POINTS, 12, seed))),
  },
  'predictive information of class labels': {
    at: (seed) => epig().utilityFor(right(classPosterior(randomLabels([4, POINTS, 7], seed)))),
    most: 3,
  },
  'several outputs': {
    at: (seed) => outputsUtility([randomPool(POINTS, 3, seed, 2), randomPool(POINTS, 2, seed + 1)]),
  },
  'one of our own': { at: (seed) => priced.utilityFor(posteriorOf(randomPool(POINTS, 3, seed))), most: 6 },
  'class labels': { at: (seed) => labels(seed, 3), most: 5 },
  'sampled class labels': { at: (seed) => labels(seed, 145), most: 4 },
  'class labels, sampled from three points on': { at: (seed) => labels(seed, 28), most: 4 },
};

const part = [7, 1, 8, 3, 0, 5];
const restricted = Object.fromEntries(
  Object.entries(cases).flatMap(([name, { at, most = POINTS }]): readonly [string, Case][] => [
    [`${name}, of some points`, { at: (seed) => restrictedTo(at(seed), part), most: Math.min(6, most) }],
    [
      `${name}, of some of some points`,
      { at: (seed) => restrictedTo(restrictedTo(at(seed), part), [4, 0, 2, 5]), most: Math.min(4, most) },
    ],
  ]),
);

/** Utility and gains at every position as evaluations of U give them, and points deeper than `depth` alone hidden. */
const holds = (utility: Utility, batch: MutableBatch, tolerance: number, depth: number): void => {
  const { value: of, points } = utility;
  const { members } = batch;
  closeTo(batch.utility(), of(members), tolerance, `U of ${members.join()}`);
  for (let position = members.length === points ? 0 : -1; position < members.length; position++) {
    const others = members.filter((_, i) => i !== position);
    const own = of(others);
    const expected = Array.from({ length: points }, (_, n) =>
      others.includes(n) ? -Infinity : of([...others, n]) - own,
    );
    const gains = new Float64Array(points);
    batch.gains(position, gains);
    const near = new Float64Array(points);
    batch.gains(position, near, depth);
    expected.forEach((gain, n) => {
      const what = `gain of ${n} at ${position} of ${members.join()}`;
      if (gain === -Infinity) assert.is(gains[n], -Infinity, what);
      else closeTo(gains[n] ?? NaN, gain, tolerance, what);
      if (gain >= Math.max(...expected) - depth + 1e-9)
        assert.is(near[n], gains[n], `${what}, depth ${depth}`);
      else assert.ok(near[n] === gains[n] || near[n] === -Infinity, `${what}, depth ${depth}`);
    });
  }
};

/** One change, whose numbers are taken as they fit; at most `most` members. */
const change = (batch: MutableBatch, points: number, most: number, [kind, p, q]: readonly number[]): void => {
  const { members } = batch;
  const size = members.length;
  const position = (p ?? 0) % Math.max(1, size);
  const free = Array.from({ length: points }, (_, n) => n).filter((n) => !members.includes(n));
  const joining = free[(q ?? 0) % Math.max(1, free.length)];
  if (kind === 0 && size < most && joining !== undefined) batch.add(joining);
  else if (kind === 1 && size > 0) batch.remove(position);
  else if (kind === 2) batch.set([...free.slice(0, 2), ...members].slice((p ?? 0) % 2, most));
  else if (kind === 3 && size > 0) batch.replace(position, members[position] ?? 0);
  else if (size > 0 && joining !== undefined) batch.replace(position, joining);
};

const changes = fc.array(fc.tuple(fc.nat(7), fc.nat(99), fc.nat(99)), { minLength: 1, maxLength: 8 });

for (const [name, { at, most = POINTS }] of Object.entries({ ...cases, ...restricted }))
  test(`changed batches are worth what their members are: ${name}`, () =>
    fc.assert(
      fc.property(fc.nat(99), changes, fc.constantFrom(0.01, 0.3, 2), (seed, steps, depth) => {
        const utility = at(seed);
        const batch = utility.batchFrom([2, 0].slice(0, Math.min(2, most)));
        holds(utility, batch, 1e-10, depth);
        for (const step of steps) {
          change(batch, utility.points, Math.min(most, utility.points), step);
          assert.is(new Set(batch.members).size, batch.members.length);
        }
        holds(utility, batch, 1e-10, depth);
      }),
      runs(12),
    ));

test('a batch has room beyond eight positions, and fewer again', () => {
  const utility = information.utilityFor(posteriorOf(randomPool(24, 4, 5)));
  const batch = utility.batchFrom([3, 1, 4, 15, 9, 2, 6]);
  const held = () => {
    holds(utility, batch, 1e-10, 1);
  };
  // The eighth, and the ninth, for which there is no room yet.
  for (const n of [5, 8, 7]) {
    batch.add(n);
    held();
  }
  batch.set([20, 11]);
  held();
  batch.add(0);
  held();
});

test('a reward of our own is evaluated once for each point that may join, and what is known is not evaluated again', () => {
  const utility = priced.utilityFor(posteriorOf(randomPool(POINTS, 3, 1)));
  const batch = utility.batchFrom([4, 1, 6]);
  const out = new Float64Array(POINTS);
  batch.gains(1, out);
  // Seven points beside two others, and the two.
  assert.is(batch.evaluations(), 8);
  batch.replace(1, 8);
  const worth = batch.utility();
  batch.gains(1, out);
  assert.is(batch.evaluations(), 8);
  closeTo(worth, utility.value([4, 8, 6]), 1e-12);
  batch.gains(-1, out);
  assert.is(batch.evaluations(), 8 + 6 + 1);
  const within = restrictedTo(utility, part).batchFrom([0, 1]);
  within.gains(0, out.subarray(0, part.length));
  assert.is(within.evaluations(), 5 + 1);
});

test('of class labels only those that are sampled count as evaluations', () => {
  const out = new Float64Array(POINTS);
  for (const [classes, counted] of [
    [3, 0],
    [145, POINTS - 1],
  ] as const) {
    const batch = labels(2, classes).batchFrom([4, 1]);
    batch.gains(0, out);
    assert.is(batch.evaluations(), counted);
  }
});

test('of a large pool the eight batches last asked about are remembered, and none before them', () => {
  const points = 2 ** 12;
  let asked = 0;
  const batch = batchFromSource(
    Array.from({ length: points }, (_, n) => n),
    {
      of: () => 0,
      utilities: (_, joining) => ({ own: ++asked, joined: new Float64Array(joining.length) }),
      evaluations: () => asked,
    },
    [],
  );
  const out = new Float64Array(points);
  const ask = (n: number): number => {
    batch.set([n]);
    batch.gains(-1, out);
    return batch.evaluations();
  };
  assert.equal([0, 1, 2, 3, 4, 5, 6, 7, 8].map(ask), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal([8, 1, 0].map(ask), [9, 9, 10]);
});

const chains: Readonly<Record<string, readonly [utility: Utility, size: number, beta: number]>> = {
  information: [information.utilityFor(posteriorOf(randomPool(14, 3, 1))), 5, 2],
  'information where one point dominates': [
    information.utilityFor(posteriorOf(dominated(randomPool(14, 3, 2)))),
    5,
    0.3,
  ],
  'predictive variance': [predictiveVariance().utilityFor(posteriorOf(randomPool(14, 3, 3))), 5, 4],
  'predictive variance where one point dominates': [
    predictiveVariance().utilityFor(posteriorOf(dominated(randomPool(14, 3, 4)))),
    5,
    0.3,
  ],
  'predictive information': [epig().utilityFor(posteriorOf(randomPool(14, 3, 5))), 5, 4],
  'predictive information where one point dominates': [
    epig().utilityFor(posteriorOf(dominated(randomPool(14, 3, 6)))),
    5,
    0.3,
  ],
};

for (const [name, [utility, size, beta]] of Object.entries(chains))
  test(`rounding errors do not add up over 100,000 updates: ${name}`, () => {
    const batch = utility.batchFrom(Array.from({ length: size }, (_, n) => n));
    const target = { utility, batchSize: size, smallestBatch: size - 2 };
    const scratch = new Float64Array(utility.points);
    const uniform = uniformStream(keyFromSeed(7));
    for (let part_ = 0; part_ < 100; part_++) {
      updates(target, batch, beta, { from: 1000 * part_, count: 1000 }, uniform, scratch);
      holds(utility, batch, 1e-10, 1);
    }
  });

test.run();
