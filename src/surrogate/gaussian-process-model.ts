/** A fitted Gaussian process as plain data, which survives JSON; gaussian-process-fit.ts fits it and says what its numbers are. */
import * as t from '#io-ts';
import { wholeIn } from '../data/ranges.js';
import { kernelKindCodec } from './kernels.js';
import { scalingCodec } from './standardise.js';

const numbers = t.readonlyArray(t.number);

/** Decodes a {@link GaussianProcessModel}, from JSON for one. */
export const gaussianProcessModelCodec = t.readonly(
  t.intersection([
    t.type({
      kind: t.literal('gaussian-process'),
      kernel: kernelKindCodec,
      /** σ², in squared units of the target. */
      noiseVariance: t.number,
      /** s, in squared units of the target. */
      outputScale: t.number,
      /** ℓ, one or one a feature, in units of the standardised inputs; empty for the linear kernel. */
      lengthScales: numbers,
      /** m, in units of the target. */
      mean: t.number,
      /** log density of the targets in their own units, nats; a lower bound where there are inducing points. */
      logMarginalLikelihood: t.number,
      /** Centre and scale of each input. */
      inputs: t.readonlyArray(scalingCodec),
      /** The labelled rows, n of d, and their targets, all in their own units. */
      labelled: t.readonly(t.type({ inputs: t.readonlyArray(numbers), targets: numbers })),
    }),
    t.partial({
      /** p of the periodic kernel, in units of the standardised inputs. */
      period: t.number,
      /** The most inducing points (sparse-gaussian-process.ts); where it is missing the labels were taken in exactly. */
      inducing: wholeIn(1, 2 ** 20),
    }),
  ]),
  'GaussianProcessModel',
);

/** A fitted model, as plain data. */
export type GaussianProcessModel = t.TypeOf<typeof gaussianProcessModelCodec>;
