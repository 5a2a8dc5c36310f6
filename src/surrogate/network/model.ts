/** What a neural surrogate is asked for, and what of it is kept: plain data with decoders, marked pure as all of them are. */
import * as t from '#io-ts';
import { whole, wholeIn } from '../../data/ranges.js';
import { plainWeightsCodec } from '../bayesian-linear.js';
import { scalingCodec } from '../standardise.js';

const numbers = /* @__PURE__ */ (() => t.readonlyArray(t.number))();

/** Decodes a {@link NetworkSpec}. */
export const networkSpecCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.intersection([
      t.type({
        kind: t.literal('network'),
        /** Where draws come from: the weights of the last layer, members of an ensemble, or masks of dropout. */
        head: t.union([t.literal('last-layer'), t.literal('ensemble'), t.literal('dropout')]),
        task: t.union([t.literal('regression'), t.literal('classes')]),
        /** Units of each hidden layer, one layer at least. */
        hidden: t.readonlyArray(wholeIn(1, 2 ** 16)),
        /** Steps of training. */
        iterations: wholeIn(0, 1e9),
        /** Draws or members, 2 at least. Of no matter to regression on the last layer, whose posterior is exact. */
        draws: wholeIn(1, 2 ** 24),
        seed: whole,
      }),
      /** C of class labels; the largest label and one more if left out. */
      t.partial({ classes: wholeIn(1, 2 ** 20) }),
    ]),
    'NetworkSpec',
  ))();

/** What to fit. */
export type NetworkSpec = t.TypeOf<typeof networkSpecCodec>;

/** Decodes a {@link NetworkModel}. */
export const networkModelCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.intersection([
      t.type({
        kind: t.literal('network'),
        hidden: numbers,
        iterations: t.number,
        draws: t.number,
        seed: t.number,
        labelledCount: t.number,
        inputs: t.readonlyArray(scalingCodec),
        /** Flat, of one network after another (layers.ts): one, or the members of an ensemble. */
        parameters: numbers,
      }),
      t.union([
        t.type({
          task: t.literal('regression'),
          head: t.union([t.literal('ensemble'), t.literal('dropout')]),
          /** σ², in squared units of the target. */
          noiseVariance: t.number,
          target: scalingCodec,
        }),
        t.type({
          task: t.literal('regression'),
          head: t.literal('last-layer'),
          /** σ², and p of the weights of the last features, in squared units of the target. */
          noiseVariance: t.number,
          priorVariance: t.number,
          /** Of the centred targets in their own units, nats. */
          logEvidence: t.number,
          target: scalingCodec,
          weights: plainWeightsCodec,
        }),
        t.type({
          task: t.literal('classes'),
          head: t.union([t.literal('ensemble'), t.literal('dropout')]),
          classes: t.number,
          inverseTemperature: t.number,
        }),
        t.type({
          task: t.literal('classes'),
          head: t.literal('last-layer'),
          classes: t.number,
          inverseTemperature: t.number,
          /** τ of laplace.ts, and the drawn weights [S, H + 1, C], the last of H + 1 the biases. */
          priorPrecision: t.number,
          weightDraws: numbers,
        }),
      ]),
    ]),
    'NetworkModel',
  ))();

/** A fitted neural surrogate, as plain data. */
export type NetworkModel = t.TypeOf<typeof networkModelCodec>;
