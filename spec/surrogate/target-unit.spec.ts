// The batch does not depend on the unit of the target: y → a y + c gives the same batch and the same joint mutual
// information for every surrogate of numbers, as far as squares of the unit can be held; beyond, the target is refused.
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { fitSurrogate, type SurrogateSpec } from '../../src/surrogate/surrogate.js';
import { fail, succeed } from '../support/device.js';

const inputs = matrixFrom(8, 1, (i) => ((i * 5) % 8) / 2 - 2);
const targets = Float64Array.from(
  { length: 8 },
  (_, i) => Math.sin(inputs.data[i] ?? 0) + 0.05 * ((i * 3) % 4),
);
const pool = matrixFrom(12, 1, (i) => i / 2.7 - 2.2);
const engine = cpuEngine();

const specs: readonly SurrogateSpec[] = [
  { kind: 'bayesian-linear', featureMap: { kind: 'fourier', count: 16, seed: 0 } },
  { kind: 'bayesian-linear', featureMap: { kind: 'polynomial', degree: 2 } },
  { kind: 'gaussian-process', kernel: { kind: 'rbf', lengthScales: 'shared' } },
  ...(['ensemble', 'dropout', 'last-layer'] as const).map((head): SurrogateSpec => ({
    ...{ kind: 'network', task: 'regression', head, hidden: [8], iterations: 60, draws: 8, seed: 0 },
  })),
];

const batchOf = async (spec: SurrogateSpec, a: number, c: number) => {
  const fitted = await succeed(
    fitSurrogate(
      spec,
      inputs,
      targets.map((y) => a * y + c),
      pool,
      engine,
    ),
  );
  const posterior = await succeed(fitted.posterior(pool));
  return { posterior, batch: greedyBatch(posterior, 3) };
};

for (const spec of specs)
  test(`the batch in any unit: ${JSON.stringify(spec)}`, async () => {
    const first = await batchOf(spec, 1, 0);
    // What a network begins with has a sign: turned targets are another problem to it.
    const turned = spec.kind === 'network' ? 3 : -3;
    for (const [a, c] of [
      [1e135, 0],
      [1e-135, 0],
      [1e60, 1e60],
      [1e-8, 0.125],
      [turned, 7],
    ] as const) {
      const other = await batchOf(spec, a, c);
      assert.equal(other.batch.indices, first.batch.indices, `${a} y + ${c}`);
      const apart = other.batch.jointMutualInformation / first.batch.jointMutualInformation - 1;
      assert.ok(Math.abs(apart) < 2e-3, `${a} y + ${c}: ${other.batch.jointMutualInformation}`);
      assert.ok(other.posterior.noiseVariance > 0 && other.posterior.noiseVariance < Infinity);
    }
  });

test('a target whose square cannot be held is refused by every surrogate, with the unit to give it in', async () => {
  for (const spec of specs)
    for (const a of [1e155, 1e160, 1e300, 1e-160, 1e-162, 1e-300]) {
      const failure = await fail(
        fitSurrogate(
          spec,
          inputs,
          targets.map((y) => a * y),
          pool,
          engine,
        ),
      );
      assert.is(failure._tag, 'InputFailure', `${spec.kind}, ${a}`);
      assert.match(JSON.stringify(failure), /targets.*another unit/);
    }
  const one = targets.map((y, i) => (i === 3 ? 1e300 : y));
  for (const spec of specs)
    assert.match(JSON.stringify(await fail(fitSurrogate(spec, inputs, one, pool, engine))), /1e\+300/);
});

test('one value for all rows has no unit, however small', async () => {
  const spec = specs[0];
  if (spec === undefined) throw new Error('no surrogate');
  const same = await fitSurrogate(
    spec,
    inputs,
    targets.map(() => 1e-300),
    pool,
    engine,
  )();
  assert.ok(E.isRight(same));
});

test('nothing is left on the engine', () => engine.close());
test.run();
