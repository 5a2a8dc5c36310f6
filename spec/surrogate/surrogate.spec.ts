/** Every surrogate that can be named: fitted by its specification, it is the one fitted directly, and survives JSON. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitBayesianLinear, posteriorOver } from '../../src/surrogate/bayesian-linear.js';
import { fitGaussianProcess, gaussianProcessPosterior } from '../../src/surrogate/gaussian-process-fit.js';
import {
  fitSurrogate,
  surrogateModelCodec,
  surrogateOf,
  type SurrogateSpec,
  surrogateSpecCodec,
} from '../../src/surrogate/surrogate.js';
import { normalMatrix, right } from '../linear-algebra/arbitrary.js';

const inputs = normalMatrix(9, 2, 1);
const targets = normalMatrix(9, 1, 2).data;
const pool = normalMatrix(15, 2, 3);

const featureMap = { kind: 'fourier', count: 12, seed: 4 } as const;
const kernel = { kind: 'matern52', lengthScales: 'perFeature' } as const;
const specs: readonly SurrogateSpec[] = [
  { kind: 'bayesian-linear', featureMap },
  { kind: 'gaussian-process', kernel },
];

const direct = (spec: SurrogateSpec) =>
  spec.kind === 'bayesian-linear'
    ? right(posteriorOver(right(fitBayesianLinear(inputs, targets, { featureMap, pool })), pool))
    : right(gaussianProcessPosterior(right(fitGaussianProcess(inputs, targets, { kernel, pool })), pool));

for (const spec of specs)
  test(`${spec.kind}: fitted by its specification, and again out of JSON`, async () => {
    assert.equal(right(surrogateSpecCodec.decode(JSON.parse(JSON.stringify(spec)))), spec);
    const fitted = right(await fitSurrogate(spec, inputs, targets, pool)());
    const { mean, whitened, noiseVariance } = right(await fitted.posterior(pool)());
    const expected = direct(spec);
    assert.equal([mean, whitened, noiseVariance], [expected.mean, expected.whitened, expected.noiseVariance]);
    const decoded = right(surrogateModelCodec.decode(JSON.parse(JSON.stringify(fitted.model))));
    const again = right(await right(await surrogateOf(decoded)()).posterior(pool)());
    assert.equal([again.mean, again.whitened], [mean, whitened]);
    // The pool takes part in standardising.
    const without = right(await right(await fitSurrogate(spec, inputs, targets)()).posterior(pool)());
    assert.not.equal(without.mean, mean);
  });

test('an unknown surrogate is no specification', () => {
  assert.is(surrogateSpecCodec.decode({ kind: 'forest' })._tag, 'Left');
});

test.run();
