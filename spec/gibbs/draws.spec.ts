/**
 * Certified draws and annealing against enumeration: distance of many draws as near as that of independent ones, log Z within
 * 0.02, and the bound of the certificate above what is left.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { annealed } from '../../src/gibbs/annealing.js';
import { certifiedDraws } from '../../src/gibbs/draws.js';
import { atOnce, inTurns } from '../../src/work.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { gaussianInformation } from '../../src/reward/gaussian-information.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { perfectSamplerTotalVariation } from '../../src/verify/goodness-of-fit.js';
import { succeed } from '../support/device.js';
import { maternPool, randomPool } from '../support/pools.js';
import { cases, countsOf, listed, type Listed } from './cases.js';

const key = keyFromSeed(5);
const COUNT = 4000;

const all: readonly Listed[] = [
  ...cases,
  ...[0.02, 0.2, 5].map((temperature) =>
    listed(`Matérn pool of 15, T = ${temperature}`, {
      ...{ whitened: maternPool(15, 0), batchSize: 3, temperature },
    }),
  ),
  listed('one dominating point, T = 0.05', {
    whitened: {
      ...randomPool(15, 4, 1),
      data: randomPool(15, 4, 1).data.map((x, i) => (i < 4 ? 1000 * x : x)),
    },
    ...{ batchSize: 3, temperature: 0.05 },
  }),
];

for (const of of all)
  test(`${of.name}: draws and log Z`, () => {
    const { batches, certificate } = atOnce(certifiedDraws(of.target, of.beta, { count: COUNT, key }));
    assert.is(batches.length, COUNT);
    const frequencies = countsOf(of, batches).map((count) => count / COUNT);
    const distance = totalVariation(frequencies, of.exact.probabilities);
    // Draws of a chain resemble each other: twice what independent ones show is beyond chance.
    const usual = perfectSamplerTotalVariation(of.exact.probabilities, COUNT);
    assert.ok(distance < 2 * usual + 1e-3, `TV ${distance}, of independent draws ${usual}`);
    assert.ok(certificate.totalVariation < 0.05 && certificate.updates > 0, JSON.stringify(certificate));
    const { logPartition, standardError } = atOnce(
      annealed(of.target, of.beta, { key: split(key, 1), updates: 400 }),
    );
    const error = logPartition - of.exact.logZ;
    assert.ok(
      Math.abs(error) < Math.max(0.02, 5 * standardError),
      `log Z off by ${error} ± ${standardError}`,
    );
    assert.ok(standardError < 0.03, `standard error ${standardError}`);
  });

test('in turns as at once, with progress; an aborted signal ends it', async () => {
  const [{ target, beta }] = all as readonly [Listed];
  const options = { count: 50, key };
  const stages = new Set<string>();
  const turned = await succeed(
    inTurns(() => certifiedDraws(target, beta, options), { onProgress: ({ stage }) => stages.add(stage) }),
  );
  assert.equal(turned, atOnce(certifiedDraws(target, beta, options)));
  assert.equal([...stages], ['certifying', 'drawing']);
  const stopped = await inTurns(() => certifiedDraws(target, beta, options), {
    signal: AbortSignal.abort(),
  })();
  assert.is(stopped._tag, 'Left');
});

test('of large pools eight chains give the draws, a sweep apart, and all pairs certify', () => {
  const utility = gaussianInformation(randomPool(1100, 3, 1));
  const draw = (count: number) =>
    atOnce(certifiedDraws({ utility, batchSize: 10 }, 0, { count, key, pairs: 12 }));
  const { batches, certificate } = draw(12);
  assert.is(certificate.pairs, 12);
  assert.equal(draw(12).batches, batches);
  assert.equal(draw(8).batches, batches.slice(0, 8));
  // A sweep leaves a position as it is with probability 0.9^10: 14 of 40 by mean, below 4 with probability 2e-5; batches of other
  // chains share 0.4 by mean, 4 or more with probability 5e-4.
  const shared = (i: number, j: number): number =>
    batches[i]?.filter((n) => batches[j]?.includes(n)).length ?? NaN;
  const later = (by: number): number => [0, 1, 2, 3].reduce((sum, i) => sum + shared(i, i + by), 0);
  assert.ok(later(8) >= 4 && later(4) < 4, `${later(8)} and ${later(4)} shared`);
});

test('a policy that leaves the best batches out is found out, and its draws are mended', () => {
  const of = listed('all chains begin at the worst batch', {
    whitened: maternPool(15, 3),
    batchSize: 3,
    temperature: 0.05,
  });
  const worst = of.order.batchAt(of.exact.probabilities.indexOf(Math.min(...of.exact.probabilities)));
  const given = { count: COUNT, key, starts: [worst] };
  const { batches } = atOnce(certifiedDraws(of.target, of.beta, given));
  const distance = totalVariation(
    countsOf(of, batches).map((count) => count / COUNT),
    of.exact.probabilities,
  );
  assert.ok(
    distance < 2 * perfectSamplerTotalVariation(of.exact.probabilities, COUNT) + 1e-3,
    `TV ${distance}`,
  );
});

test.run();
