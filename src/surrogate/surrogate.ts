/**
 * The surrogates by name, and the one way to fit one: a specification (what to fit, as plain data), labelled rows, and
 * out of them a model (plain data, survives JSON) that gives its posterior over any rows. A new surrogate is a record in
 * records/, its codecs in the two unions and a line in the table, which is total by type; the command line offers it by a row of
 * src/cli/surrogate-offers.ts, which does not compile without. Where targets are class labels they are whole numbers from 0.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import { cpuEngine } from '../engine/cpu/index.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { requireKind, requireLabelled } from '../misuse.js';
import { present } from '../present.js';
import { answeredInTurns, type WorkControl } from '../work.js';
import { bayesianLinearModelCodec } from './bayesian-linear.js';
import { coldStartInSteps } from './cold-start.js';
import { gaussianProcessClassesModelCodec } from './gaussian-process-classes-model.js';
import { gaussianProcessModelCodec } from './gaussian-process-fit.js';
import { networkModelCodec, networkSpecCodec } from './network/model.js';
import { bayesianLinear, bayesianLinearSpecCodec } from './records/bayesian-linear.js';
import { gaussianProcess, gaussianProcessSpecCodec } from './records/gaussian-process.js';
import {
  gaussianProcessClasses,
  gaussianProcessClassesSpecCodec,
} from './records/gaussian-process-classes.js';
import { network } from './records/network.js';
import type { Fitted, SurrogateRecord } from './records/record.js';

/** Decodes a {@link SurrogateSpec}. Marked pure, as the next: a bundle that decodes none drops it. */
export const surrogateSpecCodec = /* @__PURE__ */ (() =>
  t.union(
    [bayesianLinearSpecCodec, gaussianProcessSpecCodec, gaussianProcessClassesSpecCodec, networkSpecCodec],
    'SurrogateSpec',
  ))();

/** What to fit. */
export type SurrogateSpec = t.TypeOf<typeof surrogateSpecCodec>;

/** Decodes a {@link SurrogateModel}. */
export const surrogateModelCodec = /* @__PURE__ */ (() =>
  t.union(
    [
      bayesianLinearModelCodec,
      gaussianProcessModelCodec,
      gaussianProcessClassesModelCodec,
      networkModelCodec,
    ],
    'SurrogateModel',
  ))();

/** What was fitted, as plain data. */
export type SurrogateModel = t.TypeOf<typeof surrogateModelCodec>;

/** A fitted surrogate: its model, and the posterior over any rows. */
export type FittedSurrogate = Fitted<SurrogateModel>;

type Kind = SurrogateSpec['kind'];
type OfKind<All, K> = Extract<All, { readonly kind: K }>;

/** The surrogates. */
const surrogates: {
  readonly [K in Kind]: SurrogateRecord<OfKind<SurrogateSpec, K>, OfKind<SurrogateModel, K>>;
} = {
  'bayesian-linear': bayesianLinear,
  'gaussian-process': gaussianProcess,
  'gaussian-process-classes': gaussianProcessClasses,
  network,
};

/** The record of a kind, which specifications and models of that kind are given to. */
const recordOf = (kind: Kind): SurrogateRecord<SurrogateSpec, SurrogateModel> =>
  surrogates[kind] as unknown as SurrogateRecord<SurrogateSpec, SurrogateModel>;

/** The kinds whose specification may say a number of classes. */
type ClassKind = {
  readonly [K in Kind]: 'classes' extends keyof OfKind<SurrogateSpec, K> ? K : never;
}[Kind];

/** Whether its labels are classes. */
export const isOfClasses = (spec: SurrogateSpec): spec is OfKind<SurrogateSpec, ClassKind> =>
  recordOf(spec.kind).isOfClasses(spec);

/** The same of so many classes, however many the labels name; of numbers, or where `classes` is undefined, as it is. */
export const ofClasses = (spec: SurrogateSpec, classes: number | undefined): SurrogateSpec =>
  classes !== undefined && isOfClasses(spec) ? { ...spec, classes } : spec;

/**
 * The surrogate that a model stands for, a decoded one for one; networks run on the engine, which must stay open. The same model
 * on the same engine gives the same bits. The work, that of its posteriors too, is watched and stopped by `control`. Fails as
 * gaussianProcessOf does, and with Interrupted.
 */
export const surrogateOf = (
  model: SurrogateModel,
  engine: Engine = cpuEngine(),
  control: WorkControl = {},
): TE.TaskEither<Failure, FittedSurrogate> => recordOf(model.kind).restore(model, engine, control);

/**
 * The prior of numbers over the pool (N×d, N ≥ 1) given where labels were taken, inputs n×d, whatever they were (cold-start.ts). Fails
 * as fitBayesianLinear does; with Interrupted once the signal is aborted.
 */
export const fitColdStart = (
  inputs: Matrix,
  pool: Matrix,
  engine: Engine = cpuEngine(),
  control: WorkControl = {},
): TE.TaskEither<Failure, FittedSurrogate> =>
  pipe(
    answeredInTurns(() => coldStartInSteps(pool, inputs), control, 'fitting'),
    TE.chain((model) => recordOf(model.kind).restore(model, engine, control)),
  );

/**
 * Fits a surrogate on labelled inputs (n×d, raw units) and their n targets; the pool's rows (N×d) take part in
 * standardising alone. Networks are trained on the engine, which must stay open for their posterior. The work, that of its
 * posteriors too, is watched and stopped by `control`. Without any label it is the prior (cold-start.ts), of numbers, whatever
 * was asked for. Fails and throws as fitBayesianLinear, fitGaussianProcess,
 * fitGaussianProcessClasses and fitNetwork do; with Interrupted once the signal is aborted.
 */
export const fitSurrogate = (
  spec: SurrogateSpec,
  inputs: Matrix,
  targets: Float64Array,
  pool?: Matrix,
  engine: Engine = cpuEngine(),
  control: WorkControl = {},
): TE.TaskEither<Failure, FittedSurrogate> => {
  requireKind('fitSurrogate', 'spec', spec, Object.keys(surrogates));
  requireLabelled('fitSurrogate', inputs, targets, present({ pool }), {});
  if (targets.length === 0 && pool !== undefined && pool.rows > 0)
    return fitColdStart(inputs, pool, engine, control);
  return recordOf(spec.kind).fit(spec, { inputs, targets, ...present({ pool }) }, engine, control);
};
