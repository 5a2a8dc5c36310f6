/**
 * The fitted Gaussian process: the independent reference, the maximum over hyperparameters, labels that arrive
 * later, and what cannot be fitted.
 */
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { rowGram, rowOf } from '../../src/linear-algebra/product.js';
import { jointMutualInformation } from '../../src/reward/exact.js';
import {
  logMarginalLikelihood,
  posteriorOfProcess,
  unconditioned,
  withLabelled,
} from '../../src/surrogate/gaussian-process.js';
import { type KernelKind, kernelOf } from '../../src/surrogate/kernels.js';
import { likelihoodAt } from '../../src/surrogate/marginal-likelihood.js';
import { closeTo, distance, right } from '../linear-algebra/arbitrary.js';
import { matrixOfRows, readReference, vectorOfNumbers } from '../support/reference.js';

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
    const at = likelihoodAt({
      kernel: kind,
      inputs: trainX,
      targets: trainY,
      priors: 'none',
      fixed: [undefined, undefined, undefined],
      mean: 0,
    })(Float64Array.of(noiseVariance, outputScale, lengthScale).map(Math.log));
    closeTo(right(at).logLikelihood, expected.logMarginalLikelihood, 1e-11);
    const [noise, scale, length] = right(at).slopes;
    assert.ok(distance([length ?? NaN, scale ?? NaN, noise ?? NaN], expected.gradient) < 1e-10);
  }
});

test.run();
