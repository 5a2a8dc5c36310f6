/** Entropies of all points at once are those of each by itself, to what f32 leaves; so are the gains of large pools. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyIndices } from '../../src/acquisition/greedy.js';
import { keyFromSeed, uniforms } from '../../src/random/key.js';
import { chooseLabel, gainOfLabel, noLabels } from '../../src/reward/categorical/exact.js';
import { addedEntropies } from '../../src/reward/categorical/joint-entropies.js';
import { labelsOf, likelihoodsOf } from '../../src/reward/categorical/likelihoods.js';
import { chooseSampledLabel, noSampledLabels, sampledGain } from '../../src/reward/categorical/sampled.js';
import { labelUtility } from '../../src/reward/categorical/utility.js';
import { scannedAtOnce, scannedOn, type Scans } from '../../src/reward/scan.js';
import { closeTo } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';
import { eagerEngine, requireSameBits, threadCounts } from '../support/shadows.js';
import { randomLabels } from './categorical-cases.js';

test('entropies by their definition', () =>
  fc.assert(
    fc.property(
      fc.nat(999),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 5 }),
      (seed, rows, draws) => {
        const likelihoods = likelihoodsOf(randomLabels([draws, 7, 3], seed));
        const weights = uniforms(keyFromSeed(seed), rows * draws);
        const found = scannedAtOnce(addedEntropies(likelihoods, weights));
        for (let n = 0; n < 7; n++) {
          const labels = labelsOf(likelihoods, n);
          let entropy = 0;
          for (let q = 0; q < rows; q++)
            for (let c = 0; c < 3; c++) {
              let p = 0;
              for (let s = 0; s < draws; s++)
                p += (weights[q * draws + s] ?? 0) * (labels[c * draws + s] ?? 0);
              entropy -= p * Math.log(p);
            }
          closeTo(found[n] ?? NaN, entropy, 1e-5);
        }
      },
    ),
    runs(30),
  ));

test('gains of a large pool, enumerated and sampled, are those of each point', () => {
  // 10 × 400 × 10 labels: beyond 2²⁴ products from the fourth point enumerated (10³ rows), and with 600 samples.
  const posterior = randomLabels([10, 400, 10], 5);
  const likelihoods = likelihoodsOf(posterior);
  const sampling = { key: keyFromSeed(2), samples: 600 };
  const unseen = { rows: 400, columns: 0, data: new Float64Array(0) };
  const chosen = [3, 250, 17, 99, 301];
  let state = labelUtility(posterior, unseen, sampling).empty;
  chosen.forEach((next, k) => {
    const gains = state.gains();
    const before = chosen.slice(0, k);
    const one =
      k < 4
        ? (n: number) => gainOfLabel(before.reduce(chooseLabel, noLabels(likelihoods)), n)
        : (n: number) =>
            sampledGain(before.reduce(chooseSampledLabel, noSampledLabels(likelihoods, sampling)), n);
    for (const n of [0, 40, 399]) closeTo(gains[n] ?? NaN, one(n), 1e-5, `point ${n} after ${k}`);
    assert.is(gains.length, 400);
    state = state.with(next);
  });
});

test('gains of a large pool have the same bits at once and with 1, 2, 3 and 8 threads, and so does greedy', async () => {
  const posterior = randomLabels([10, 400, 10], 6);
  const unseen = { rows: 400, columns: 0, data: new Float64Array(0) };
  const utility = labelUtility(posterior, unseen, { key: keyFromSeed(2), samples: 600 });
  const chosen = [3, 250, 17, 99];
  const all = function* (): Scans<Record<string, Float64Array>> {
    const seen: Record<string, Float64Array> = {};
    let state = utility.empty;
    for (const next of chosen) {
      state = state.with(next);
      if (state.gainScans !== undefined) seen[next] = yield* state.gainScans();
    }
    return seen;
  };
  const seen = scannedAtOnce(all());
  assert.is(Object.keys(seen).length, 4);
  const greedy = scannedAtOnce(greedyIndices(utility, 5));
  for (const threads of threadCounts) {
    const engine = eagerEngine(threads);
    requireSameBits(await succeed(scannedOn(engine, all, {})), seen, `${threads} threads`);
    assert.equal(await succeed(scannedOn(engine, () => greedyIndices(utility, 5), {})), greedy);
    assert.ok(engine.counters().dispatches > 0);
    assert.is(engine.counters().buffers, 0);
    await engine.close();
  }
});

test.run();
