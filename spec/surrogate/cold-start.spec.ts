/** Before the first label: the prior of the features, a batch that fills the pool, and the same model back from JSON. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyBatch } from '../../src/acquisition/greedy.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { rowGram } from '../../src/linear-algebra/product.js';
import { keyFromSeed, normals, split, uniforms } from '../../src/random/key.js';
import { uniformSubset } from '../../src/random/subset.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { fitBayesianLinear } from '../../src/surrogate/bayesian-linear.js';
import { defaultFeatureMap, featuresOf } from '../../src/surrogate/feature-map.js';
import { columnScalings, standardisedColumns } from '../../src/surrogate/standardise.js';
import { fitSurrogate, surrogateModelCodec, surrogateOf } from '../../src/surrogate/surrogate.js';
import { distance, right } from '../linear-algebra/arbitrary.js';
import { fail, succeed } from '../support/device.js';

const pool = { rows: 80, columns: 3, data: normals(keyFromSeed(1), 240).map((x) => 100 + 7 * x) };
const none = matrixFrom(0, 3, () => 0);
const noLabels = new Float64Array(0);

test('whatever surrogate is asked for, without labels it is the prior at the medians', async () => {
  // φ φᵀ / 0.2 at ℓ = √3 in standardised units, the prior variance 1.
  const inputs = standardisedColumns(pool, columnScalings([pool]));
  const phi = right(featuresOf(defaultFeatureMap, inputs))(Math.sqrt(3));
  const expected = rowGram(phi).data.map((x) => x / 0.2);
  for (const spec of [
    { kind: 'bayesian-linear', featureMap: { kind: 'linear' } },
    { kind: 'gaussian-process', kernel: { kind: 'rbf', lengthScales: 'shared' } },
  ] as const) {
    const fitted = await succeed(fitSurrogate(spec, none, noLabels, pool));
    assert.is(fitted.model.kind, 'bayesian-linear');
    const posterior = await succeed(fitted.posterior(pool));
    assert.ok(posterior.mean.every((mean) => mean === 0));
    // Principal axes drop a millionth of the noise a point.
    assert.ok(distance(rowGram(posterior.whitened).data, expected) < 1e-5);
    const model = right(surrogateModelCodec.decode(JSON.parse(JSON.stringify(fitted.model))));
    const again = await succeed(pipe(model, surrogateOf));
    assert.equal((await succeed(again.posterior(pool))).whitened, posterior.whitened);
  }
});

test('its greedy batch fills the pool: the points left are nearer to it than to 19 of 20 random ones, and it tells more than any', async () => {
  const plane = { rows: 300, columns: 2, data: uniforms(keyFromSeed(4), 600) };
  const spec = { kind: 'bayesian-linear', featureMap: defaultFeatureMap } as const;
  const fitted = await succeed(
    fitSurrogate(
      spec,
      matrixFrom(0, 2, () => 0),
      noLabels,
      plane,
    ),
  );
  const posterior = await succeed(fitted.posterior(plane));
  const furthest = (batch: readonly number[]): number => {
    let most = 0;
    for (let n = 0; n < plane.rows; n++) {
      const from = (m: number): number =>
        Math.hypot(
          (plane.data[2 * n] ?? NaN) - (plane.data[2 * m] ?? NaN),
          (plane.data[2 * n + 1] ?? NaN) - (plane.data[2 * m + 1] ?? NaN),
        );
      most = Math.max(most, Math.min(...batch.map(from)));
    }
    return most;
  };
  const { indices } = greedyBatch(posterior, 8);
  const random = Array.from({ length: 200 }, (_, i) => uniformSubset(split(keyFromSeed(5), i), 300, 8));
  const nearer = random.filter((batch) => furthest(batch) < furthest(indices)).length;
  assert.ok(nearer <= 10, `${nearer} of 200`);
  const information = jointMutualInformation(posterior.whitened, indices);
  assert.ok(random.every((batch) => jointMutualInformation(posterior.whitened, batch) < information));
});

test('without a pool, or with a hyperparameter left open, no labels are a failure', async () => {
  const spec = { kind: 'bayesian-linear', featureMap: defaultFeatureMap } as const;
  assert.is((await fail(fitSurrogate(spec, none, noLabels)))._tag, 'InputFailure');
  const open = fitBayesianLinear(none, noLabels, {
    ...{ featureMap: defaultFeatureMap, noiseVariance: 0.2, priorVariance: 1, pool },
  });
  assert.ok(E.isLeft(open));
});

test.run();
