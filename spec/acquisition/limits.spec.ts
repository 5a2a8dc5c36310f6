// Where draws cannot be trusted: what is said of log Z then, and of features that 64 bits cannot tell apart.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type AcquisitionName, proposeBatch } from '../../src/acquisition/index.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { fail, succeed } from '../support/device.js';
import type { Posterior } from '../../src/surrogate/posterior.js';

const engine = cpuEngine();
const pool = (rows: readonly (readonly number[])[]): Posterior => ({
  whitened: matrixFrom(rows.length, rows[0]?.length ?? 0, (i, j) => rows[i]?.[j] ?? NaN),
  mean: new Float64Array(rows.length),
  noiseVariance: 1,
});

/**
 * Two points that are by far the best pair together, and n copies each of two others that are a little less: the best pair has
 * e^extra times the mass of all n² others, and single exchanges hardly ever find it.
 */
const trap = (n: number, temperature: number, extra: number) => {
  const s = 1000 * Math.exp((temperature * (2 * Math.log(n) + extra)) / 2);
  const r = 1000 * Math.SQRT1_2;
  const copies = (row: readonly number[]) => Array.from({ length: n }, () => row);
  return pool([[s, 0], [0, s], ...copies([r, r]), ...copies([r, -r])]);
};

test('a mode that the chains miss: not certified, and log Z a lower bound of unknown error, at least that of the greedy batch', async () => {
  const temperature = 0.001;
  const { logPartition, certificate, greedy } = await succeed(
    proposeBatch(engine, trap(60, temperature, 5), {
      ...{ acquisition: 'annealed', batchSize: 2, seed: 0, draws: 64, temperature },
    }),
  );
  assert.is(certificate?.totalVariation, 1);
  assert.ok(
    logPartition !== null && logPartition.estimate >= greedy.jointMutualInformation / temperature - 1e-6,
  );
  assert.equal([logPartition.standardError, logPartition.eubo], [Infinity, null]);
});

/** Every point twice. */
const twins = (scale: number) => pool(Array.from({ length: 12 }, (_, i) => [scale * (1 + (i % 6))]));

for (const acquisition of ['annealed', 'gflownet', 'greedy', 'kdpp'] satisfies readonly AcquisitionName[])
  test(`points that are there twice, ever larger: ${acquisition} gives numbers or a failure that says why`, async () => {
    const options = {
      ...{ acquisition, batchSize: 3, seed: 0, draws: 32 },
      ...(acquisition === 'gflownet' ? { iterations: 2 } : {}),
      ...(acquisition === 'greedy' ? {} : { temperature: 0.5 }),
    };
    const { best, logPartition } = await succeed(proposeBatch(engine, twins(100), options));
    assert.ok(Number.isFinite(best.jointMutualInformation) && Number.isFinite(logPartition?.estimate ?? 0));
    const failure = await fail(proposeBatch(engine, twins(1e7), options));
    assert.is(failure._tag, 'NumericalFailure');
    assert.match(JSON.stringify(failure), /not finite.*repeated points/);
  });

test.run();
