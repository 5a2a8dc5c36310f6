/**
 * Which model is a batch chosen by? The one that was asked for; with `auto`, the one of several that predicts held-out labels
 * best. Where labels say nothing yet (there are none, or all name one class), the prior given where they were taken
 * (surrogate/cold-start.ts).
 *
 * The score of a model is the mean log density, or log probability, of labels that it was not fitted on, nats a label: each fifth
 * of the labels is predicted from the others, or, of more than {@link oneFoldFrom} labels, one fifth alone. The score is strictly
 * proper, and all kinds of model have it; networks have no evidence.
 *
 * Source: Geisser and Eddy, A predictive approach to model selection (1979).
 */
import { requireMatrix, requireNumbers, requireObjects } from '../misuse.js';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { rowsAt } from '../linear-algebra/matrix.js';
import { keyFromSeed, permutation } from '../random/key.js';
import type { LabelledRows } from '../surrogate/records/record.js';
import {
  fitColdStart,
  type FittedSurrogate,
  fitSurrogate,
  isOfClasses,
  ofClasses,
  type SurrogateSpec,
  surrogateSpecCodec,
} from '../surrogate/surrogate.js';
import type { WorkControl } from '../work.js';
import { metricsOf } from './experiment/score.js';

/** Decodes a {@link BatchSurrogate}. Marked pure: a bundle that decodes none drops it. */
export const batchSurrogateCodec = /* @__PURE__ */ (() =>
  t.union(
    [
      surrogateSpecCodec,
      t.readonly(
        t.type({
          kind: t.literal('auto'),
          /** Of one task, one at least; of each the most labels that it is tried with. */
          of: t.readonlyArray(t.readonly(t.type({ spec: surrogateSpecCodec, most: t.number }))),
        }),
      ),
    ],
    'BatchSurrogate',
  ))();

/** What to fit, or from which to choose. */
export type BatchSurrogate = t.TypeOf<typeof batchSurrogateCodec>;

/** A surrogate, by how well it predicted held-out labels, nats a label; null where it could not be fitted. */
export interface HeldOut {
  readonly surrogate: SurrogateSpec;
  readonly score: number | null;
}

/** A surrogate fitted for a batch. */
export interface FittedForBatch extends FittedSurrogate {
  /** Where it was chosen: it and the others, the best first. */
  readonly chosen?: readonly HeldOut[];
  /** Whether no label has a say in it. */
  readonly coldStart: boolean;
}

const folds = 5;

/** Labels from which on one fifth alone is held out. */
const oneFoldFrom = 200;

const specsOf = (spec: BatchSurrogate): readonly SurrogateSpec[] =>
  spec.kind === 'auto' ? spec.of.map((one) => one.spec) : [spec];

/** Whether its labels are classes. */
export const isBatchSurrogateOfClasses = (spec: BatchSurrogate): boolean => specsOf(spec).some(isOfClasses);

/** The same of so many classes, as `ofClasses` of surrogate.ts. */
export const batchSurrogateOf = (spec: BatchSurrogate, classes: number | undefined): BatchSurrogate =>
  spec.kind === 'auto'
    ? { ...spec, of: spec.of.map((one) => ({ ...one, spec: ofClasses(one.spec, classes) })) }
    : ofClasses(spec, classes);

/** The number of classes that it is of, where it says so. */
export const classesOf = (spec: BatchSurrogate): number | undefined => {
  const [first] = specsOf(spec);
  return first !== undefined && isOfClasses(first) ? first.classes : undefined;
};

/** Whether labels say nothing: there are none, or all name one class. */
const saysNothing = (spec: BatchSurrogate, targets: Float64Array): boolean =>
  targets.length === 0 || (isBatchSurrogateOfClasses(spec) && targets.every((y) => y === targets[0]));

/** The engine of networks, the CPU's where it is left out, and who watches. */
export interface FitOptions {
  readonly engine?: Engine | undefined;
  readonly control?: WorkControl | undefined;
}

/** Labelled inputs (n×d, raw units), their n targets, and the pool's rows (N×d). */
type Rows = Required<LabelledRows>;

interface Given extends Rows, FitOptions {}

/** Mean score of one fold, of those whose place in a permutation is `fold` in fives. */
const foldScore = (
  spec: SurrogateSpec,
  { inputs, targets, pool, engine, control }: Given,
  order: readonly number[],
  fold: number,
): TE.TaskEither<Failure, number> => {
  const held = order.filter((_, i) => i % folds === fold);
  const rest = order.filter((_, i) => i % folds !== fold);
  const at = (rows: readonly number[]): Float64Array => Float64Array.from(rows, (i) => targets[i] ?? NaN);
  return pipe(
    fitSurrogate(spec, rowsAt(inputs, rest), at(rest), pool, engine, control),
    TE.chain(({ posterior }) => posterior(rowsAt(inputs, held))),
    TE.map((posterior) => {
      const metrics: Readonly<Record<string, number | undefined>> = metricsOf(posterior, at(held));
      return metrics['logScore'] ?? -(metrics['crossEntropy'] ?? NaN);
    }),
  );
};

/** The score of a surrogate; null where it could not be fitted. Fails where it was stopped. */
const heldOut =
  (given: Given) =>
  (surrogate: SurrogateSpec): TE.TaskEither<Failure, HeldOut> => {
    const { length } = given.targets;
    const order = Array.from(permutation(keyFromSeed(0), length));
    const count = length > oneFoldFrom ? 1 : folds;
    return pipe(
      Array.from({ length: count }, (_, fold) => fold),
      TE.traverseSeqArray((fold) => foldScore(surrogate, given, order, fold)),
      TE.map((scores): HeldOut => {
        const score = scores.reduce((sum, x) => sum + x / count, 0);
        return { surrogate, score: Number.isFinite(score) ? score : null };
      }),
      TE.orElse((failure) =>
        failure._tag === 'Interrupted' ? TE.left(failure) : TE.right({ surrogate, score: null }),
      ),
    );
  };

/** The surrogates that so many labels may be tried with, or the first where there is none, the best score first. */
const ranked = (
  { of }: Extract<BatchSurrogate, { kind: 'auto' }>,
  given: Given,
): TE.TaskEither<Failure, readonly HeldOut[]> => {
  const { length } = given.targets;
  const fitting = of.filter(({ most }) => length <= most).map(({ spec }) => spec);
  const tried = fitting.length > 0 ? fitting : of.slice(0, 1).map(({ spec }) => spec);
  // With fewer labels than folds nothing is held out, and the first is as good as any.
  return length < folds || tried.length === 1
    ? TE.right(tried.slice(0, 1).map((surrogate) => ({ surrogate, score: null })))
    : pipe(
        tried,
        TE.traverseSeqArray(heldOut(given)),
        TE.map((scores) => scores.toSorted((a, b) => (b.score ?? -Infinity) - (a.score ?? -Infinity))),
      );
};

/** Fits a surrogate, or the best of several. Fails and throws as fitSurrogate does; where one is chosen, as the best does. */
export const fitChosen = (
  spec: BatchSurrogate,
  rows: Rows,
  { engine, control }: FitOptions = {},
): TE.TaskEither<Failure, FittedForBatch> => {
  const { inputs, targets, pool } = rows;
  const fit = (one: SurrogateSpec): TE.TaskEither<Failure, FittedForBatch> =>
    pipe(
      fitSurrogate(one, inputs, targets, pool, engine, control),
      TE.map((fitted) => ({ ...fitted, coldStart: false })),
    );
  if (spec.kind !== 'auto') return fit(spec);
  return pipe(
    ranked(spec, { ...rows, engine, control }),
    TE.chain((chosen) => {
      const [best] = chosen;
      if (best === undefined) throw new RangeError('fitForBatch: auto of no surrogate');
      return pipe(
        fit(best.surrogate),
        TE.map((fitted) => ({ ...fitted, chosen })),
      );
    }),
  );
};

/** The same where batches are chosen: of labels that say nothing it is the prior. Fails and throws as {@link fitChosen} does. */
export const fitForBatch = (
  spec: BatchSurrogate,
  rows: Rows,
  options: FitOptions = {},
): TE.TaskEither<Failure, FittedForBatch> => {
  requireObjects('fitForBatch', { spec, rows, options });
  requireMatrix('fitForBatch', 'rows.inputs', rows.inputs);
  requireMatrix('fitForBatch', 'rows.pool', rows.pool);
  requireNumbers('fitForBatch', 'rows.targets', rows.targets);
  return saysNothing(spec, rows.targets) && rows.pool.rows > 0
    ? pipe(
        fitColdStart(rows.inputs, rows.pool, options.engine, options.control),
        TE.map((fitted) => ({ ...fitted, coldStart: true })),
      )
    : fitChosen(spec, rows, options);
};
