/** Margin and entropy: by hand, against all points, and a named failure on numbers. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as E from '#fp-ts/Either';
import { proposeBatch } from '../../src/acquisition/index.js';
import { margins } from '../../src/acquisition/label-uncertainty.js';
import { at } from '../../src/at.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { classPosterior, classPredictions } from '../../src/surrogate/class-posterior.js';
import { posteriorOfProbabilities } from '../../src/surrogate/from-predictions.js';
import { normalMatrix, right } from '../linear-algebra/arbitrary.js';
import { randomLabels } from '../reward/categorical-cases.js';
import { posteriorOf } from '../reward/changed-batches.js';
import { fail, succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const cpu = cpuEngine();
const options = { batchSize: 3, seed: 0, draws: 2 };

test('by hand: the two differ where a third class is likely', async () => {
  // Probabilities of three classes, of two draws whose means are .5 .5 0, .4 .3 .3, .9 .1 0 and .98 .01 .01.
  const probabilities = [
    [0.6, 0.4, 0, 0.4, 0.3, 0.3, 0.9, 0.1, 0, 0.98, 0.01, 0.01],
    [0.4, 0.6, 0, 0.4, 0.3, 0.3, 0.9, 0.1, 0, 0.98, 0.01, 0.01],
  ].flat();
  const posterior = right(posteriorOfProbabilities([2, 4, 3], probabilities));
  const by = async (acquisition: 'margin' | 'entropy') =>
    (await succeed(proposeBatch(cpu, posterior, { ...options, acquisition }))).best.indices;
  assert.equal(await by('margin'), [0, 1, 2]);
  assert.equal(await by('entropy'), [1, 0, 2]);
});

test('every point left out is surer than every point taken', () =>
  fc.assert(
    fc.asyncProperty(fc.nat(99), fc.constantFrom('margin', 'entropy'), async (seed, acquisition) => {
      const points = 12;
      const labels = randomLabels([5, points, 4], seed);
      const posterior = right(classPosterior(labels));
      const { best, drawn } = await succeed(proposeBatch(cpu, posterior, { ...options, acquisition }));
      const doubt = (n: number): number => {
        const means = [0, 1, 2, 3].map((c) =>
          [0, 1, 2, 3, 4].reduce(
            (sum, s) => sum + Math.exp(at(labels.logProbabilities, (s * points + n) * 4 + c)) / 5,
            0,
          ),
        );
        const [first = NaN, second = NaN] = means.toSorted((a, b) => b - a);
        return acquisition === 'margin'
          ? second - first
          : -means.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
      };
      const least = Math.min(...best.indices.map(doubt));
      for (let n = 0; n < points; n++)
        if (!best.indices.includes(n)) assert.ok(doubt(n) <= least + 1e-12, `${n} is less sure`);
      assert.is(new Set(best.indices).size, 3);
      assert.equal(drawn.jointMutualInformation, Array(2).fill(best.jointMutualInformation));
    }),
    runs(30),
  ));

test('power-margin: the smallest margins where β is large, each point as likely as its doubt where it is 1', async () => {
  const posterior = right(classPosterior(randomLabels([5, 12, 4], 7)));
  const by = async (seed: number, coldness?: number) =>
    (
      await succeed(
        proposeBatch(cpu, posterior, {
          ...{ ...options, draws: 1, seed, batchSize: 1, acquisition: 'powerMargin' },
          ...(coldness === undefined ? {} : { coldness }),
        }),
      )
    ).best.indices[0] ?? NaN;
  const { best } = await succeed(proposeBatch(cpu, posterior, { ...options, acquisition: 'margin' }));
  assert.is(await by(3, 1e6), best.indices[0]);
  const doubts = margins(classPredictions(right(E.fromNullable(0)(posterior.classes))).probabilities, 4).map(
    (m) => 1 - m,
  );
  const total = doubts.reduce((sum, x) => sum + x);
  const draws = 3000;
  const counts = new Float64Array(12);
  for (let seed = 0; seed < draws; seed++) {
    const n = await by(seed);
    counts[n] = at(counts, n) + 1;
  }
  // Five standard deviations of a binomial: twelve points together fail by chance in less than 10⁻⁵ of seeds.
  doubts.forEach((doubt, n) => {
    const p = doubt / total;
    assert.ok(Math.abs(at(counts, n) - draws * p) <= 5 * Math.sqrt(draws * p * (1 - p)), `${n}`);
  });
});

test('greedy or margin: by information while it tells batches at random apart, by the margin where it does not', async () => {
  const points = 30;
  // Draws that agree on nothing: a few labels tell them apart. Draws that differ a little: none does.
  const posteriorAt = (sureness: number) => right(classPosterior(randomLabels([4, points, 6], 5, sureness)));
  for (const [sureness, other] of [
    [0.5, 'greedy'],
    [60, 'margin'],
  ] as const) {
    const by = async (acquisition: 'greedyOrMargin' | 'greedy' | 'margin') =>
      succeed(proposeBatch(cpu, posteriorAt(sureness), { ...options, batchSize: 9, acquisition }));
    const { best, random, informationBound } = await by('greedyOrMargin');
    assert.is(random.mean < 0.8 * (informationBound?.nats ?? NaN), other === 'greedy', `${random.mean}`);
    assert.equal(best.indices, (await by(other)).best.indices);
    assert.not.equal((await by('greedy')).best.indices, (await by('margin')).best.indices);
  }
});

test('numbers have neither: a failure that names the strategy and what to take', async () => {
  for (const acquisition of ['margin', 'entropy', 'powerMargin', 'greedyOrMargin'] as const) {
    const failure = await fail(
      proposeBatch(cpu, posteriorOf(normalMatrix(9, 2, 0)), { ...options, acquisition }),
    );
    assert.match(JSON.stringify(failure), new RegExp(`${acquisition}.*of class labels.*Take greedy`));
  }
});

test.run();
