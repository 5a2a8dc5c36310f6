/**
 * What does a model elsewhere predict for the pool of select? `--predictions` and `--covariance` take the place of a table and of a
 * surrogate: rows are those of the array, from 0.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type AcquisitionName, strategies } from '../acquisition/index.js';
import { badInput, type Failure, type InputFailure } from '../failure.js';
import type { PredictedOf } from '../learning/session/events.js';
import { withStrategy } from '../learning/usual-strategy.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { present } from '../present.js';
import type { BatchProblem } from './batch-report.js';
import type { SamplerChoice } from './common-options.js';
import type { Fitted } from './fit-posterior.js';
import { longName } from './options.js';
import { type Predicted, readPredicted } from './predicted-posterior.js';
import type { PredictionsChoice } from './predictions-options.js';
import type { SurrogateChoice } from './surrogate-offers.js';
import { surrogateOptions } from './surrogate-options.js';

/** What is said of predictions in a report. */
export interface ReportedPredictions {
  readonly kind: 'predictions';
  readonly source: string;
  readonly of: PredictedOf;
  /** The shape of the array. */
  readonly shape: readonly number[];
  readonly noiseVariance?: number;
  readonly labelledCount: 0;
}

/** Options of a surrogate beside predictions, which take its place; `source` is the file or the option that says so. */
export const checkNoSurrogate = (options: SurrogateChoice, source: string): E.Either<InputFailure, void> => {
  const names = Object.keys(surrogateOptions) as readonly (keyof typeof surrogateOptions)[];
  const given = names.find((name) => options[name] !== undefined);
  return given === undefined
    ? E.right(undefined)
    : E.left(
        badInput(
          longName(given),
          `a surrogate is fitted to a table, and ${source} takes its place`,
          'Remove one of the two',
        ),
      );
};

/** An InputFailure where a strategy asks for more than class probabilities of one model. */
export const checkDraws = (
  { source, posterior: { classes } }: Pick<Predicted, 'source' | 'posterior'>,
  acquisition: AcquisitionName,
): E.Either<InputFailure, void> =>
  classes?.draws !== 1 || strategies[acquisition].ofClasses === true
    ? E.right(undefined)
    : E.left(
        badInput(
          source,
          `one model alone does not tell what its labels would teach, and --acquisition ${acquisition} goes by that`,
          'Give probabilities [S, N, C] under two draws of the parameters at least, or --acquisition margin or entropy',
        ),
      );

/** What is said of predictions. */
export const reportedPredictions = ({
  source,
  of,
  shape,
  noiseVariance,
}: Predicted): ReportedPredictions => ({
  ...{ kind: 'predictions', source, of, shape, labelledCount: 0 },
  ...present({ noiseVariance }),
});

/** The pool of predictions, and its posterior. */
export interface PredictedPool {
  readonly problem: BatchProblem;
  readonly fitted: Fitted;
  readonly remarks: readonly string[];
}

const emptyRows = (rows: number): Matrix => matrixFrom(rows, 0, () => NaN);

/** The pool by the options; its rows count from 0, as NumPy counts. An InputFailure that names the option or the entry. */
export const predictedPool = (
  options: PredictionsChoice & SurrogateChoice & SamplerChoice,
  source: string,
): TE.TaskEither<Failure, PredictedPool> => {
  const started = performance.now();
  return pipe(
    TE.fromEither(checkNoSurrogate(options, source)),
    TE.mapLeft((failure): Failure => failure),
    TE.chain(() => readPredicted(options, source)),
    TE.chainFirstEitherKW((predicted) => {
      const { classes, points } = predicted;
      const of = { ofClasses: classes !== undefined, several: false, limits: false, points, wide: true };
      return checkDraws(predicted, withStrategy(options, of).acquisition);
    }),
    TE.map((predicted) => {
      const { posterior, points, classes, names, remarks } = predicted;
      return {
        problem: {
          ...{ source, rowKind: 'row', targetName: 'label', featureNames: [] },
          ...(classes === undefined
            ? {}
            : { classNames: Array.from({ length: classes }, (_, c) => String(c)) }),
          labelled: { features: emptyRows(0), targets: new Float64Array(0) },
          pool: { rows: Array.from({ length: points }, (_, n) => n), features: emptyRows(points) },
          ...present({ names }),
        },
        fitted: {
          posterior,
          surrogate: reportedPredictions(predicted),
          fitSeconds: (performance.now() - started) / 1000,
        },
        remarks,
      };
    }),
  );
};
