/**
 * LCMD, k-centre, k-means' medoids, TypiClust and BAIT against a direct reading of their papers, on 200 random pools each, with twins
 * and points at the origin; k-means++ against its law.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { distancesOf } from '../../src/acquisition/distances.js';
import { plusPlusPoints } from '../../src/acquisition/k-means-plus-plus.js';
import { proposalKeys } from '../../src/acquisition/summary.js';
import { type AcquisitionName, proposeBatch } from '../../src/acquisition/index.js';
import { at } from '../../src/at.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { cholesky, solveLower } from '../../src/linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import { transpose } from '../../src/linear-algebra/product.js';
import { atOnce } from '../../src/work.js';
import { entry, normalMatrix, right } from '../linear-algebra/arbitrary.js';
import { posteriorOf } from '../reward/changed-batches.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const cpu = cpuEngine();

const batchBy = async (
  acquisition: AcquisitionName,
  whitened: Matrix,
  batchSize: number,
  seed = 0,
  draws = 1,
) =>
  (await succeed(proposeBatch(cpu, posteriorOf(whitened), { acquisition, batchSize, seed, draws }))).best
    .indices;

/** Rows of small whole numbers: distances are exact, and ties and twins are many. */
const pools = fc
  .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 3 }))
  .chain(([rows, columns]) =>
    fc.tuple(
      fc
        .array(fc.integer({ min: -4, max: 4 }), { minLength: rows * columns, maxLength: rows * columns })
        .map((data): Matrix => ({ rows, columns, data: Float64Array.from(data) })),
      fc.integer({ min: 1, max: rows }),
    ),
  );

/** |φ_n − φ_m|², m = −1 for the origin. */
const apart = (a: Matrix, n: number, m: number): number => {
  let sum = 0;
  for (let j = 0; j < a.columns; j++) sum += (entry(a, n, j) - (m < 0 ? 0 : entry(a, m, j))) ** 2;
  return sum;
};

/** The first free point of largest value. */
const furthest = (points: readonly number[], value: (n: number) => number): number =>
  points.reduce((best, n) => (value(n) > value(best) ? n : best));

const kCentreDirectly = (a: Matrix, size: number): readonly number[] => {
  const centres: number[] = [];
  while (centres.length < size) {
    const free = Array.from({ length: a.rows }, (_, n) => n).filter((n) => !centres.includes(n));
    centres.push(furthest(free, (n) => Math.min(...[-1, ...centres].map((m) => apart(a, n, m)))));
  }
  return centres;
};

const lcmdDirectly = (a: Matrix, size: number): readonly number[] => {
  const centres: number[] = [];
  const all = Array.from({ length: a.rows }, (_, n) => n);
  while (centres.length < size) {
    // A centre is its own cluster; of equally near ones the first to have become one.
    const home = all.map((n) =>
      centres.includes(n)
        ? n
        : [-1, ...centres].reduce((best, m) => (apart(a, n, m) < apart(a, n, best) ? m : best)),
    );
    const clusters = [-1, ...centres]
      .map((centre) => {
        const own = all.filter((n) => home[n] === centre);
        return {
          size: own.reduce((sum, n) => sum + apart(a, n, centre), 0),
          free: own.filter((n) => !centres.includes(n)),
          centre,
        };
      })
      .filter(({ free }) => free.length > 0);
    const [first] = clusters;
    if (first === undefined) throw new Error('nothing is free');
    const largest = clusters.reduce((best, one) => (one.size > best.size ? one : best), first);
    centres.push(furthest(largest.free, (n) => apart(a, n, largest.centre)));
  }
  return centres;
};

/** |φ_n − μ|² of a mean. */
const fromMean = (a: Matrix, n: number, mean: readonly number[]): number =>
  mean.reduce((sum, x, j) => sum + (entry(a, n, j) - x) ** 2, 0);

/** Clusters around b means and the origin: the points of each, the origin's first, and the means. */
const clustersDirectly = (a: Matrix, starts: readonly number[]) => {
  const all = Array.from({ length: a.rows }, (_, n) => n);
  const row = (n: number): readonly number[] => Array.from({ length: a.columns }, (_, j) => entry(a, n, j));
  let means: readonly (readonly number[])[] = [row(0).map(() => 0), ...starts.map(row)];
  for (let before = ''; ;) {
    const home = all.map((n) =>
      means.reduce((best, mean, k) => (fromMean(a, n, mean) < fromMean(a, n, at(means, best)) ? k : best), 0),
    );
    const members = means.map((_, k) => all.filter((n) => home[n] === k));
    if (home.join() === before) return { members, means };
    before = home.join();
    means = means.map((mean, k) => {
      const own = at(members, k);
      return k === 0 || own.length === 0
        ? mean
        : mean.map((_, j) => own.reduce((sum, n) => sum + entry(a, n, j), 0) / own.length);
    });
  }
};

const startsOf = (a: Matrix, size: number): readonly number[] =>
  atOnce(plusPlusPoints(distancesOf(a), size, proposalKeys(0).prepare));

const kMedoidsDirectly = (a: Matrix, size: number): readonly number[] => {
  const { members, means } = clustersDirectly(a, startsOf(a, size));
  const chosen = members.flatMap((own, k) =>
    k === 0 || own.length === 0 ? [] : [furthest(own, (n) => -fromMean(a, n, at(means, k)))],
  );
  while (chosen.length < size) {
    const free = Array.from({ length: a.rows }, (_, n) => n).filter((n) => !chosen.includes(n));
    chosen.push(furthest(free, (n) => Math.min(...[-1, ...chosen].map((m) => apart(a, n, m)))));
  }
  return chosen;
};

const typiClustDirectly = (a: Matrix, size: number): readonly number[] => {
  const { members } = clustersDirectly(a, startsOf(a, size));
  const spread = (own: readonly number[], n: number): number => {
    const near = own
      .filter((m) => m !== n)
      .map((m) => Math.sqrt(apart(a, n, m)))
      .toSorted((p, q) => p - q)
      .slice(0, 20);
    return near.reduce((sum, distance) => sum + distance / near.length, 0);
  };
  const ranked = members.map((own) => own.toSorted((n, m) => spread(own, n) - spread(own, m) || n - m));
  const [known = [], ...others] = ranked;
  const rounds = others
    .toSorted((p, q) => q.length - p.length)
    .flatMap((own) => own.map((n, place) => ({ n, place })))
    .toSorted((p, q) => p.place - q.place);
  return [...rounds.map(({ n }) => n), ...known].slice(0, size);
};

for (const [name, directly] of [
  ['kCentre', kCentreDirectly],
  ['lcmd', lcmdDirectly],
  ['kMedoids', kMedoidsDirectly],
  ['typiClust', typiClustDirectly],
] as const)
  test(`${name} is what its paper says, on 200 pools`, () =>
    fc.assert(
      fc.asyncProperty(pools, async ([whitened, size]) =>
        assert.equal(await batchBy(name, whitened, size), directly(whitened, size)),
      ),
      runs(200),
    ));

/** Σ_t φ_t · (I + Φ_Bᵀ Φ_B)⁻¹ φ_t. */
const varianceLeft = (a: Matrix, batch: readonly number[]): number => {
  const information = matrixFrom(
    ...([a.columns, a.columns] as const),
    (i, j) => batch.reduce((sum, n) => sum + entry(a, n, i) * entry(a, n, j), 0) + (i === j ? 1 : 0),
  );
  const { data } = solveLower(right(cholesky(information)), transpose(a));
  return data.reduce((sum, x) => sum + x * x, 0);
};

test('bait is what its paper says, on 200 pools', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 14 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(),
      async (rows, columns, most, seed) => {
        const whitened = normalMatrix(rows, columns, seed);
        const size = Math.min(most, rows);
        let batch: readonly number[] = [];
        while (batch.length < Math.min(2 * size, rows)) {
          const free = Array.from({ length: rows }, (_, n) => n).filter((n) => !batch.includes(n));
          batch = [...batch, furthest(free, (n) => -varianceLeft(whitened, [...batch, n]))];
        }
        while (batch.length > size) {
          const without = (n: number): readonly number[] => batch.filter((m) => m !== n);
          batch = without(furthest(batch, (n) => -varianceLeft(whitened, without(n))));
        }
        assert.equal(await batchBy('bait', whitened, size), batch);
      },
    ),
    runs(200),
  ));

test('bait takes back what later points have made idle', async () => {
  // Point 0 lies between points 1 and 2, and takes most of the variance at first.
  const whitened = matrixFrom(4, 2, (n, j) => [3, 3, 4, 0, 0, 4, 0.1, 0][2 * n + j] ?? 0);
  assert.is((await batchBy('bait', whitened, 1))[0], 0);
  assert.equal(await batchBy('bait', whitened, 2), [1, 2]);
});

test('distances are those of the points, and 0 of a point from itself', () =>
  fc.assert(
    fc.property(pools, ([whitened]) => {
      const { fromOrigin, from } = distancesOf(whitened);
      for (let n = 0; n < whitened.rows; n++) {
        assert.is(at(fromOrigin, n), apart(whitened, n, -1));
        assert.equal(
          Array.from(from(n)),
          Array.from({ length: whitened.rows }, (_, m) => apart(whitened, m, n)),
        );
      }
    }),
    runs(40),
  ));

test('k-means++ draws points in proportion to their squared distance from the centres before', async () => {
  // Squared distances from the origin 1, 4, 4, 9; a twin of the second point.
  const whitened = matrixFrom(4, 2, (n, j) => [1, 0, 0, 2, 0, 2, -3, 0][2 * n + j] ?? 0);
  const draws = 4000;
  const counts = new Map<string, number>();
  for (let seed = 0; seed < draws; seed++) {
    const name = (await batchBy('kMeansPlusPlus', whitened, 2, seed)).join();
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  let tested = 0;
  for (let n = 0; n < 4; n++)
    for (let m = 0; m < 4; m++) {
      if (n === m) continue;
      const near = (k: number): number => Math.min(apart(whitened, k, -1), apart(whitened, k, n));
      const rest = [0, 1, 2, 3].reduce((sum, k) => sum + (k === n ? 0 : near(k)), 0);
      const p = (apart(whitened, n, -1) / 18) * (near(m) / rest);
      const seen = counts.get(`${n},${m}`) ?? 0;
      // Five standard deviations of a binomial: twelve pairs together fail by chance in less than 10⁻⁵ of seeds.
      assert.ok(
        Math.abs(seen - draws * p) <= 5 * Math.sqrt(draws * p * (1 - p)),
        `${n}, ${m}: ${seen} of ${draws * p}`,
      );
      tested += seen;
    }
  assert.is(tested, draws);
});

test('outliers are what k-centre takes and LCMD does not', async () => {
  // Forty points around (0, 3), and one alone at (4, 0).
  const whitened = matrixFrom(41, 2, (n, j) =>
    n === 40 ? (j === 0 ? 4 : 0) : j === 0 ? Math.sin(n) / 4 : 3 + Math.cos(n) / 4,
  );
  assert.is((await batchBy('kCentre', whitened, 1))[0], 40);
  assert.ok(!(await batchBy('lcmd', whitened, 2)).slice(1).includes(40));
});

test.run();
