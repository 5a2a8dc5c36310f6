/** What is kept of a Gaussian process that was fitted to class labels (gaussian-process-classes.ts), as plain data. */
import * as t from '#io-ts';
import { kernelKindCodec } from './kernels.js';
import { scalingCodec } from './standardise.js';

/** Decodes a {@link GaussianProcessClassesModel}, from JSON for one. Marked pure: a bundle that decodes none drops it. */
export const gaussianProcessClassesModelCodec = /* @__PURE__ */ (() => {
  const numbers = t.readonlyArray(t.number);
  return t.readonly(
    t.intersection([
      t.type({
        kind: t.literal('gaussian-process-classes'),
        kernel: kernelKindCodec,
        /** C. */
        classes: t.number,
        /** S, and the seed that the draws hang on. */
        draws: t.number,
        seed: t.number,
        /** σ² and s, in squared units of a one-hot label. */
        noiseVariance: t.number,
        outputScale: t.number,
        /** ℓ, one or one a feature, in units of the standardised inputs; empty for the linear kernel. */
        lengthScales: numbers,
        /** m, C − 1 of them. */
        means: numbers,
        /** β. */
        inverseTemperature: t.number,
        /** log density of the labels' contrasts, nats. */
        logMarginalLikelihood: t.number,
        /** Centre and scale of each input. */
        inputs: t.readonlyArray(scalingCodec),
        /** The labelled rows, n of d in their own units, and their classes from 0. */
        labelled: t.readonly(t.type({ inputs: t.readonlyArray(numbers), targets: numbers })),
      }),
      t.partial({
        /** p of the periodic kernel, in units of the standardised inputs. */
        period: t.number,
      }),
    ]),
    'GaussianProcessClassesModel',
  );
})();

/** A fitted model, as plain data. */
export type GaussianProcessClassesModel = t.TypeOf<typeof gaussianProcessClassesModelCodec>;
