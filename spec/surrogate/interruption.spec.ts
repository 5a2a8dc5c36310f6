/**
 * Fits that take long tell how far they have come and can be stopped: at any place an abort ends them with Interrupted before
 * anything more is told, and no stretch between two such places is a large part of the whole, whatever the machine's speed.
 */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { cholesky, choleskyInSteps, inverseInSteps } from '../../src/linear-algebra/cholesky.js';
import { keyFromSeed, uniforms } from '../../src/random/key.js';
import { fitBayesianLinear, posteriorOverInSteps } from '../../src/surrogate/bayesian-linear.js';
import { categoricalPosteriorInSteps } from '../../src/surrogate/categorical-posterior.js';
import { evidenceSpectrumInSteps } from '../../src/surrogate/evidence.js';
import { softmaxDraws } from '../../src/surrogate/network/laplace.js';
import { fitSurrogate, type SurrogateSpec } from '../../src/surrogate/surrogate.js';
import { weightPosteriorInSteps } from '../../src/surrogate/weight-posterior.js';
import type { Work, WorkProgress } from '../../src/work.js';
import { right } from '../linear-algebra/arbitrary.js';

const kernel = { kind: 'rbf', lengthScales: 'perFeature' } as const;

const specs: Readonly<Record<string, SurrogateSpec>> = {
  'bayesian linear': { kind: 'bayesian-linear', featureMap: { kind: 'fourier', count: 64, seed: 1 } },
  'Gaussian process': { kind: 'gaussian-process', kernel },
  'Gaussian process of classes': { kind: 'gaussian-process-classes', kernel, draws: 50, seed: 1, classes: 3 },
  network: {
    ...{ kind: 'network', head: 'ensemble', task: 'regression', hidden: [16, 16] },
    ...{ iterations: 100, draws: 4, seed: 5 },
  },
  'last layer': {
    ...{ kind: 'network', head: 'last-layer', task: 'regression', hidden: [16, 16] },
    ...{ iterations: 50, draws: 4, seed: 5 },
  },
  'last layer of classes': {
    ...{ kind: 'network', head: 'last-layer', task: 'classes', hidden: [16], classes: 3 },
    ...{ iterations: 50, draws: 20, seed: 5 },
  },
};

const [labelled, points, columns] = [60, 200, 3];
const u = uniforms(keyFromSeed(3), (labelled + points) * columns);
const inputs = matrixFrom(labelled, columns, (i, j) => u[i * columns + j] ?? 0);
const pool = matrixFrom(points, columns, (i, j) => u[(labelled + i) * columns + j] ?? 0);
const targets = Float64Array.from({ length: labelled }, (_, i) => Math.floor(3 * (u[i * columns] ?? 0)));

/** Fits and predicts; what was told until it ended, and how. */
const watched = async (spec: SurrogateSpec, stopAfter = Infinity) => {
  const controller = new AbortController();
  const told: WorkProgress[] = [];
  const control = {
    signal: controller.signal,
    onProgress: (progress: WorkProgress) => {
      told.push(progress);
      if (told.length >= stopAfter) controller.abort();
    },
  };
  const fitted = await fitSurrogate(spec, inputs, targets, pool, undefined, control)();
  const posterior = E.isLeft(fitted) ? fitted : await fitted.right.posterior(pool)();
  return { told, posterior };
};

for (const [name, spec] of Object.entries(specs)) {
  test(`a fit tells how far it is and stops where it is told to: ${name}`, async () => {
    const { told, posterior } = await watched(spec);
    assert.ok(E.isRight(posterior));
    assert.ok(told.length > 5, `${told.length} told`);
    for (const { stage, done, total } of told) {
      assert.match(stage, /^(fitting|fitting the last layer|predicting|training networks)$/);
      assert.ok(done >= 0 && done <= total && total > 0);
    }
    // How many steps of training come between two words hangs on the machine.
    const network = spec.kind === 'network';
    for (const at of network ? [1, 2, 3] : [1, 2, Math.ceil(told.length / 2), told.length - 1]) {
      const stopped = await watched(spec, at);
      if (network) assert.is(stopped.told.length, at);
      else assert.equal(stopped.told, told.slice(0, at));
      assert.ok(
        E.isLeft(stopped.posterior) && stopped.posterior.left._tag === 'Interrupted',
        `stopped at ${at}`,
      );
    }
    const controller = new AbortController();
    controller.abort();
    const never = await fitSurrogate(spec, inputs, targets, pool, undefined, { signal: controller.signal })();
    assert.ok(E.isLeft(never) && never.left._tag === 'Interrupted');
    assert.match(never.left.during, /fitting|training networks/);
  });
}

/** The most CPU time between two places where work can be stopped, as a part of all, and how many there are. */
const stretches = (work: Iterator<unknown>): { readonly longest: number; readonly count: number } => {
  const spans: number[] = [];
  for (let done = false; !done;) {
    const started = process.cpuUsage();
    done = work.next().done === true;
    spans.push(process.cpuUsage(started).user);
  }
  return { longest: Math.max(...spans) / spans.reduce((sum, x) => sum + x, 0), count: spans.length };
};

test('large matrices are factored and inverted in many steps, none of which is most of the work', () => {
  const n = 700;
  const a = matrixFrom(n, n, (i, j) => Math.exp(-Math.abs(i - j) / 9) + (i === j ? 0.1 : 0));
  const factoring = stretches(choleskyInSteps(a));
  assert.ok(factoring.count > 5 && factoring.longest < 0.5, JSON.stringify(factoring));
  const inverting = stretches(inverseInSteps(right(cholesky(a))));
  assert.ok(inverting.count > 10 && inverting.longest < 0.5, JSON.stringify(inverting));
});

test('spectra and posteriors of many rows are made in many steps, none of which is most of the work', () => {
  const [n, rows] = [600, 6000];
  const featuresOf = (width: number) => matrixFrom(n, width, (i, j) => Math.cos((i * (j + 1)) / 99 + j));
  const y = Float64Array.from({ length: n }, (_, i) => Math.sin(i / 20));
  const variances = { noiseVariance: 0.1, priorVariance: 1 };
  const classes = matrixFrom(300, 3, (i, j) => Math.sin(i + j) / 9);
  const model = right(
    fitBayesianLinear(inputs, targets, {
      ...{ featureMap: { kind: 'fourier', count: 256, seed: 1 }, lengthScale: 1 },
      ...variances,
    }),
  );
  const many = matrixFrom(rows, columns, (i, j) => Math.sin(i + 9 * j));
  const draws = new Float64Array(100 * rows * 4).fill(-Math.log(4));
  const work: Readonly<Record<string, Work<E.Either<unknown, unknown>>>> = {
    spectrum: evidenceSpectrumInSteps(featuresOf(n), y),
    weights: weightPosteriorInSteps(featuresOf(300), y, variances),
    'last layer of classes': softmaxDraws(featuresOf(300), classes, 8, keyFromSeed(1)),
    posterior: posteriorOverInSteps(model, many),
    'class probabilities': categoricalPosteriorInSteps([100, rows, 4], draws),
  };
  for (const [name, own] of Object.entries(work)) {
    const { longest, count } = stretches(own);
    assert.ok(count > 4 && longest < 0.5, `${name}: ${longest} of all in one of ${count} steps`);
  }
});

test.run();
