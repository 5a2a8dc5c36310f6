/** Every surrogate that can be named: fitted by its specification, it is the one fitted directly, and survives JSON. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { fitBayesianLinear, posteriorOver } from '../../src/surrogate/bayesian-linear.js';
import { fitGaussianProcess, gaussianProcessPosterior } from '../../src/surrogate/gaussian-process-fit.js';
import {
  fitGaussianProcessClasses,
  gaussianProcessClassesOf,
} from '../../src/surrogate/gaussian-process-classes.js';
import { fitNetwork } from '../../src/surrogate/network/fit.js';
import { networkPosterior } from '../../src/surrogate/network/posterior.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
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
const ofKinds: { readonly [K in SurrogateSpec['kind']]: readonly Extract<SurrogateSpec, { kind: K }>[] } = {
  'bayesian-linear': [{ kind: 'bayesian-linear', featureMap }],
  'gaussian-process': [{ kind: 'gaussian-process', kernel }],
  'gaussian-process-classes': [{ kind: 'gaussian-process-classes', kernel, draws: 5, seed: 1, classes: 3 }],
  network: (['last-layer', 'ensemble', 'dropout'] as const).flatMap((head) =>
    (['regression', 'classes'] as const).map((task) => ({
      ...{ kind: 'network' as const, head, task, hidden: [5], iterations: 4, draws: 6, seed: 2, classes: 3 },
    })),
  ),
};
const specs: readonly SurrogateSpec[] = Object.values(ofKinds).flat();

const labels = Float64Array.from(inputs.data.subarray(0, 9), (x) => (x > 0 ? 2 : 0));

const isOfClasses = (spec: SurrogateSpec): boolean =>
  spec.kind === 'gaussian-process-classes' || (spec.kind === 'network' && spec.task === 'classes');

const engine = cpuEngine();

const nameOf = (spec: SurrogateSpec): string =>
  spec.kind === 'network' ? `${spec.kind}, ${spec.head}, ${spec.task}` : spec.kind;

const direct = async (spec: SurrogateSpec): Promise<Posterior> => {
  switch (spec.kind) {
    case 'bayesian-linear':
      return right(posteriorOver(right(fitBayesianLinear(inputs, targets, { featureMap, pool })), pool));
    case 'gaussian-process':
      return right(
        gaussianProcessPosterior(right(fitGaussianProcess(inputs, targets, { kernel, pool })), pool),
      );
    case 'gaussian-process-classes':
      return right(
        right(gaussianProcessClassesOf(right(fitGaussianProcessClasses(inputs, labels, { ...spec, pool }))))(
          pool,
        ),
      );
    case 'network': {
      const known = isOfClasses(spec) ? labels : targets;
      const model = right(await fitNetwork(engine, inputs, known, spec, pool)());
      return right(await networkPosterior(engine, model)(pool)());
    }
  }
};

for (const spec of specs)
  test(`${nameOf(spec)}: fitted by its specification, and again out of JSON`, async () => {
    assert.equal(right(surrogateSpecCodec.decode(JSON.parse(JSON.stringify(spec)))), spec);
    const known = isOfClasses(spec) ? labels : targets;
    const fitted = right(await fitSurrogate(spec, inputs, known, pool)());
    const { mean, whitened, noiseVariance, classes } = right(await fitted.posterior(pool)());
    const expected = await direct(spec);
    assert.equal(
      [mean, whitened, noiseVariance, classes],
      [expected.mean, expected.whitened, expected.noiseVariance, expected.classes],
    );
    const decoded = right(surrogateModelCodec.decode(JSON.parse(JSON.stringify(fitted.model))));
    const again = right(await right(await surrogateOf(decoded)()).posterior(pool)());
    assert.equal([again.mean, again.whitened, again.classes], [mean, whitened, classes]);
    // The pool takes part in standardising.
    const without = right(await right(await fitSurrogate(spec, inputs, known)()).posterior(pool)());
    assert.not.equal(without.whitened, whitened);
  });

test('an unknown surrogate is no specification', () => {
  assert.is(surrogateSpecCodec.decode({ kind: 'forest' })._tag, 'Left');
});

test.run();
