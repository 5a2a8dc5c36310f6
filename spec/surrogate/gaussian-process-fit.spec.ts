/**
 * The fitted Gaussian process: the independent reference, change of units, labels that arrive later.
 */
import * as fc from 'fast-check';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { rowGram, rowOf } from '../../src/linear-algebra/product.js';
import { keyFromSeed, normals } from '../../src/random/key.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import {
  logMarginalLikelihood,
  posteriorOfProcess,
  unconditioned,
  withLabelled,
} from '../../src/surrogate/gaussian-process.js';
import {
  fitGaussianProcess,
  type GaussianProcessFit,
  gaussianProcessModelCodec,
  gaussianProcessOf,
  type GaussianProcessOptions,
  gaussianProcessPosterior,
  withLabels,
} from '../../src/surrogate/gaussian-process-fit.js';
import { type KernelKind, kernelOf } from '../../src/surrogate/kernels.js';
import { likelihoodAt } from '../../src/surrogate/marginal-likelihood.js';
import { columnScalings } from '../../src/surrogate/standardise.js';
import {
  closeTo,
  distance,
  entry,
  normalMatrix,
  propertyOptions,
  right,
} from '../linear-algebra/arbitrary.js';
import { kernels } from './kernel-kinds.js';
import { matrixOfRows, readReference, vectorOfNumbers } from '../support/reference.js';
import { atOnce } from '../../src/work.js';

const ofKernel = t.type({
  logMarginalLikelihood: t.number,
  gradient: t.array(t.number),
  poolMean: vectorOfNumbers,
  poolCovariance: matrixOfRows,
  batch: t.array(t.number),
  jointMutualInformation: t.number,
});

const reference = readReference(
  'gaussian-process',
  t.type({
    trainX: matrixOfRows,
    trainY: vectorOfNumbers,
    poolX: matrixOfRows,
    lengthScale: t.number,
    outputScale: t.number,
    noiseVariance: t.number,
    kernels: t.type({ rbf: ofKernel, matern52: ofKernel }),
  }),
);

const rowsOf = (a: Matrix): readonly Float64Array[] => Array.from({ length: a.rows }, (_, i) => rowOf(a, i));

test('reference: marginal likelihood and its gradient, mean and covariance of the pool, and JMI', () => {
  const { trainX, trainY, poolX, lengthScale, outputScale, noiseVariance } = reference;
  for (const name of ['rbf', 'matern52'] as const) {
    const expected = reference.kernels[name];
    const kind: KernelKind = { kind: name, lengthScales: 'shared' };
    const kernel = kernelOf(kind, { outputScale, lengthScales: [lengthScale] });
    const labelled = rowsOf(trainX).map((input, i) => ({ input, target: trainY[i] ?? NaN }));
    const process = pipe(
      unconditioned({ kernel, noiseVariance, tolerance: 0 }),
      withLabelled(labelled),
      right,
    );
    closeTo(logMarginalLikelihood(process), expected.logMarginalLikelihood, 1e-11, 'log marginal likelihood');
    const posterior = right(posteriorOfProcess(process)(rowsOf(poolX)));
    assert.ok(distance(posterior.mean, expected.poolMean) < 1e-10);
    const covariance = rowGram(posterior.whitened).data.map((x) => noiseVariance * x);
    assert.ok(distance(covariance, expected.poolCovariance.data) < 1e-10);
    closeTo(
      jointMutualInformation(posterior.whitened, expected.batch),
      expected.jointMutualInformation,
      1e-10,
    );
    const at = atOnce(
      likelihoodAt({
        kernel: kind,
        inputs: trainX,
        targets: [trainY],
        priors: 'none',
        fixed: [undefined, undefined, undefined],
        mean: 0,
      })(Float64Array.of(noiseVariance, outputScale, lengthScale).map(Math.log)),
    );
    closeTo(right(at).logLikelihood, expected.logMarginalLikelihood, 1e-11);
    const [noise, scale, length] = right(at).slopes;
    assert.ok(distance([length ?? NaN, scale ?? NaN, noise ?? NaN], expected.gradient) < 1e-10);
  }
});

/** Labelled rows with targets and a pool, in units far from 1. */
const problems = fc
  .record({
    n: fc.integer({ min: 2, max: 14 }),
    d: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
    kernel: fc.constantFrom(...kernels),
  })
  .map(({ n, d, seed, kernel }) => {
    const all = normalMatrix(n + 9, d, seed);
    const inputs = { rows: n, columns: d, data: all.data.slice(0, n * d) };
    const pool = { rows: 9, columns: d, data: all.data.slice(n * d) };
    const noise = normals(keyFromSeed(seed + 1), n);
    const targets = noise.map((e, i) => 40 * Math.sin(2 * entry(inputs, i, 0)) + 5 * e + 300);
    return { inputs, targets, pool, options: { kernel, pool, starts: 2, seed } };
  });

const few = { ...propertyOptions, numRuns: 25 };

const outcome = (inputs: Matrix, targets: Float64Array, pool: Matrix, options: GaussianProcessOptions) => {
  const fit = right(fitGaussianProcess(inputs, targets, options));
  const posterior = right(gaussianProcessPosterior(fit, pool));
  return { fit, posterior, correlations: rowGram(posterior.whitened).data };
};

test('predictions follow a change of the unit and origin of targets and inputs', () => {
  fc.assert(
    fc.property(problems, fc.constantFrom(-3, 0.01, 1e6), ({ inputs, targets, pool, options }, a) => {
      // At hyperparameters that are given: two ascents end where the objective is level, not at the same bits.
      const { model } = outcome(inputs, targets, pool, options).fit;
      const given = (unit: number, mean: number): GaussianProcessOptions => ({
        ...options,
        noiseVariance: unit ** 2 * model.noiseVariance,
        outputScale: unit ** 2 * model.outputScale,
        lengthScales: model.lengthScales,
        ...(model.period === undefined ? {} : { period: model.period }),
        mean: unit * model.mean + mean,
      });
      const before = outcome(inputs, targets, pool, given(1, 0));
      const moved = (m: Matrix): Matrix => ({ ...m, data: m.data.map((x) => 250 * x - 3) });
      const after = outcome(
        moved(inputs),
        targets.map((y) => a * y + 5),
        moved(pool),
        { ...given(a, 5), pool: moved(pool) },
      );
      closeTo(before.fit.model.logMarginalLikelihood, model.logMarginalLikelihood, 1e-9, 'refitted');
      assert.ok(
        distance(
          after.posterior.mean.map((m) => (m - 5) / a),
          before.posterior.mean,
        ) < 1e-6,
      );
      const size = 1 + Math.max(...before.correlations);
      assert.ok(distance(after.correlations, before.correlations) < 1e-6 * size);
      closeTo(
        after.fit.model.logMarginalLikelihood + targets.length * Math.log(Math.abs(a)),
        before.fit.model.logMarginalLikelihood,
        1e-8,
        'log marginal likelihood',
      );
      const refitted = right(
        fitGaussianProcess(
          moved(inputs),
          targets.map((y) => a * y + 5),
          { ...options, pool: moved(pool) },
        ),
      );
      closeTo(refitted.model.noiseVariance / a ** 2, model.noiseVariance, 1e-3, 'fitted noise variance');
    }),
    few,
  );
});

test('the same seed gives the same bits, and the model survives JSON', () => {
  fc.assert(
    fc.property(problems, ({ inputs, targets, pool, options }) => {
      const { fit, posterior } = outcome(inputs, targets, pool, options);
      assert.equal(right(fitGaussianProcess(inputs, targets, options)).model, fit.model);
      const decoded = right(gaussianProcessModelCodec.decode(JSON.parse(JSON.stringify(fit.model))));
      assert.equal(decoded, fit.model);
      assert.equal(right(gaussianProcessPosterior(right(gaussianProcessOf(decoded)), pool)), posterior);
      closeTo(logMarginalLikelihood(fit.process), fit.model.logMarginalLikelihood, 1e-9);
      assert.equal(fit.model.inputs, columnScalings([inputs, pool]), 'the pool takes part in standardising');
    }),
    few,
  );
});

test('labels that arrive in parts: the fit of all with the same hyperparameters, to 1e-10', () => {
  fc.assert(
    fc.property(problems, fc.nat({ max: 13 }), ({ inputs, targets, pool, options }, cut) => {
      const whole = right(fitGaussianProcess(inputs, targets, options));
      const { rows: n, columns: d } = inputs;
      const part = (from: number, to: number): readonly [Matrix, Float64Array] => [
        { rows: to - from, columns: d, data: inputs.data.slice(from * d, to * d) },
        targets.slice(from, to),
      ];
      const [first, second] = [1 + (cut % (n - 1)), n];
      const begun: GaussianProcessFit = right(
        gaussianProcessOf({
          ...whole.model,
          logMarginalLikelihood: NaN,
          labelled: {
            inputs: whole.model.labelled.inputs.slice(0, first),
            targets: whole.model.labelled.targets.slice(0, first),
          },
        }),
      );
      const grown = right(withLabels(begun, ...part(first, second)));
      const size = Math.sqrt(whole.model.outputScale + whole.model.noiseVariance);
      assert.ok(distance(grown.process.factor.data, whole.process.factor.data) < 1e-10 * size);
      assert.equal(grown.model.labelled, whole.model.labelled);
      closeTo(grown.model.logMarginalLikelihood, whole.model.logMarginalLikelihood, 1e-10);
      const [a, b] = [grown, whole].map((fit) => right(gaussianProcessPosterior(fit, pool)));
      assert.ok(distance(a?.mean ?? [], b?.mean ?? [NaN]) < 1e-10 * 350);
      const correlations = [a, b].map((p) => (p === undefined ? [] : rowGram(p.whitened).data));
      assert.ok(distance(correlations[0] ?? [], correlations[1] ?? [NaN]) < 1e-9);
    }),
    few,
  );
});

test('hyperparameters that are given stay as they are', () => {
  const inputs = normalMatrix(6, 2, 4);
  const y = normals(keyFromSeed(5), 6);
  const kernel: KernelKind = { kind: 'rbf', lengthScales: 'perFeature' };
  const given = { noiseVariance: 1e-5, outputScale: 3, lengthScales: [0.3, 70], mean: 2 };
  const { model } = right(fitGaussianProcess(inputs, y, { kernel, ...given }));
  const { noiseVariance, outputScale, lengthScales, mean } = model;
  assert.equal({ noiseVariance, outputScale, lengthScales, mean }, given);
  const partly = right(fitGaussianProcess(inputs, y, { kernel, noiseVariance: 0.3 })).model;
  assert.is(partly.noiseVariance, 0.3);
  assert.ok(new Set([...partly.lengthScales, 1]).size === 3, 'the others are fitted');
});

test.run();
