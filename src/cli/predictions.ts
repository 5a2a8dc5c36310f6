/**
 * What does a model elsewhere predict for the pool? `--predictions` and `--covariance` take the place of a surrogate: arrays of
 * NumPy or lines of numbers (array-file.ts), and a posterior of them (src/surrogate/from-predictions.ts).
 */
import { readFile } from 'node:fs/promises';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { NumberArray } from '../data/npy.js';
import { type Failure, type InputFailure, inputFailure } from '../failure.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import {
  posteriorOfCovariance,
  posteriorOfDraws,
  posteriorOfProbabilities,
} from '../surrogate/from-predictions.js';
import type { Posterior } from '../surrogate/posterior.js';
import { readArrayFile } from './array-file.js';
import type { BatchProblem } from './batch-report.js';
import { filePath, positiveNumber } from './decoders.js';
import { fileTrouble } from './file-trouble.js';
import type { Fitted } from './fit-posterior.js';
import { longName, optional } from './options.js';
import { surrogateOptions, type SurrogateChoice } from './surrogate-options.js';

/** Decoded options of predictions. */
export interface PredictionsChoice {
  readonly predictions: string | undefined;
  readonly covariance: string | undefined;
  readonly noise: number | undefined;
  readonly ids: string | undefined;
}

const array = filePath('a file of an array', 'Give draws.npy for instance, or model.npz:draws');

/** The options with their help. */
export const predictionsOptions = {
  predictions: optional(
    {
      long: 'predictions',
      placeholder: 'FILE',
      description:
        'in place of FILE, what your model predicts (.npy, .npz, .csv): draws [S, N], or probabilities [S, N, C]',
    },
    array,
  ),
  covariance: optional(
    {
      long: 'covariance',
      placeholder: 'FILE',
      description: 'the same, by the covariance [N, N] of the noise-free values',
    },
    array,
  ),
  noise: optional(
    {
      long: 'noise',
      placeholder: 'VARIANCE',
      description: 'with draws or a covariance, the variance of the noise of a label',
    },
    positiveNumber(0.01),
  ),
  ids: optional(
    {
      long: 'ids',
      placeholder: 'FILE',
      description: 'with predictions, the names of the N points, one a line',
    },
    filePath('a file', 'Give a text file with a name a line'),
  ),
};

const fault = (source: string, problem: string, remedy: string): InputFailure =>
  inputFailure({ source, problem, remedy });

const matrixOf = ({ shape: [rows = 0, columns = 0], data }: NumberArray): Matrix => ({
  ...{ rows, columns },
  data: Float64Array.from(data),
});

/** What is said of predictions in a report. */
export interface ReportedPredictions {
  readonly kind: 'predictions';
  readonly source: string;
  readonly of: 'draws' | 'probabilities' | 'covariance';
  /** The shape of the array. */
  readonly shape: readonly number[];
  readonly noiseVariance?: number;
  readonly labelledCount: 0;
}

interface Predicted {
  readonly posterior: Posterior;
  readonly of: ReportedPredictions['of'];
  readonly points: number;
  readonly classes?: number;
}

const needsNoise = (source: string): InputFailure =>
  fault(
    '--noise',
    'the option is missing',
    `Add --noise VARIANCE, the variance of the noise of a label, which ${source} does not tell`,
  );

/** Faults of an array name its file. */
const named =
  (source: string) =>
  (failure: Failure): Failure => {
    if (failure._tag !== 'InputFailure') return failure;
    const [first, ...rest] = failure.faults.map((one) => ({ ...one, source: `${source}, ${one.source}` }));
    return first === undefined ? failure : inputFailure(first, ...rest);
  };

const byCovariance = (
  source: string,
  values: NumberArray,
  noise: number | undefined,
): E.Either<Failure, Predicted> => {
  const [rows, columns] = values.shape;
  if (values.shape.length !== 2 || rows === undefined || rows !== columns)
    return E.left(
      fault(source, `its shape is [${values.shape.join(', ')}]`, 'Give a covariance of N × N points'),
    );
  if (noise === undefined) return E.left(needsNoise(source));
  return pipe(
    posteriorOfCovariance(matrixOf(values), { noiseVariance: noise }),
    E.map((posterior) => ({ posterior, of: 'covariance', points: rows })),
  );
};

const byPredictions = (
  source: string,
  values: NumberArray,
  noise: number | undefined,
): E.Either<Failure, Predicted> => {
  const { shape, data } = values;
  const [draws = 0, points = 0, classes] = shape;
  if (shape.length < 2 || shape.length > 3)
    return E.left(
      fault(
        source,
        `its shape is [${shape.join(', ')}]`,
        'Give draws of N numbers, [S, N], or probabilities of C classes, [S, N, C]',
      ),
    );
  if (classes === undefined)
    return noise === undefined
      ? E.left(needsNoise(source))
      : pipe(
          posteriorOfDraws(matrixOf(values), { noiseVariance: noise }),
          E.map((posterior) => ({ posterior, of: 'draws', points })),
        );
  if (noise !== undefined)
    return E.left(fault('--noise', 'probabilities of classes have no noise beside them', 'Remove it'));
  if (draws < 2 || classes < 1)
    return E.left(
      fault(
        source,
        `its shape is [${shape.join(', ')}]: one model alone does not tell what its labels would teach`,
        'Give probabilities under two draws of the parameters at least',
      ),
    );
  return pipe(
    posteriorOfProbabilities([draws, points, classes], data),
    E.map((posterior) => ({ posterior, of: 'probabilities', points, classes })),
  );
};

/** Options of a surrogate beside predictions, which take its place. */
const checkAlone = (
  options: PredictionsChoice & SurrogateChoice,
  source: string,
): E.Either<InputFailure, void> => {
  const names = Object.keys(surrogateOptions) as readonly (keyof typeof surrogateOptions)[];
  const given = names.find((name) => options[name] !== undefined);
  if (options.predictions !== undefined && options.covariance !== undefined)
    return E.left(fault('--covariance', 'predictions are given too', 'Remove one of the two'));
  return given === undefined
    ? E.right(undefined)
    : E.left(
        fault(
          longName(given),
          `a surrogate is fitted to a table, and ${source} takes its place`,
          'Remove one of the two',
        ),
      );
};

const readNames = (
  file: string | undefined,
  points: number,
): TE.TaskEither<InputFailure, readonly string[] | undefined> =>
  file === undefined
    ? TE.right(undefined)
    : pipe(
        TE.tryCatch(() => readFile(file, 'utf8'), fileTrouble(file, 'read')),
        TE.map((content) =>
          content
            .replace(/^\ufeff/u, '')
            .replace(/\r?\n$/u, '')
            .split(/\r?\n/u),
        ),
        TE.filterOrElse(
          (names) => names.length === points,
          (names) =>
            fault(file, `it names ${names.length} points, and ${points} are predicted`, 'Give a name a line'),
        ),
      );

/** The pool of predictions, and its posterior. */
export interface PredictedPool {
  readonly problem: BatchProblem;
  readonly fitted: Fitted;
}

const emptyRows = (rows: number): Matrix => matrixFrom(rows, 0, () => NaN);

/** The pool by the options; its rows count from 0, as NumPy counts. An InputFailure that names the option or the entry. */
export const predictedPool = (
  options: PredictionsChoice & SurrogateChoice,
  source: string,
): TE.TaskEither<Failure, PredictedPool> => {
  const started = performance.now();
  const { noise, ids, covariance } = options;
  return pipe(
    TE.fromEither(checkAlone(options, source)),
    TE.chain(() => readArrayFile(source)),
    TE.mapLeft((failure): Failure => failure),
    TE.bindTo('values'),
    TE.bind('predicted', ({ values }) =>
      TE.fromEither(
        pipe(
          covariance === undefined
            ? byPredictions(source, values, noise)
            : byCovariance(source, values, noise),
          E.mapLeft(named(source)),
        ),
      ),
    ),
    TE.bindW('names', ({ predicted }) => readNames(ids, predicted.points)),
    TE.map(({ values, predicted: { posterior, of, points, classes }, names }) => ({
      problem: {
        ...{ source, rowKind: 'row', targetName: 'label', featureNames: [] },
        ...(classes === undefined
          ? {}
          : { classNames: Array.from({ length: classes }, (_, c) => String(c)) }),
        labelled: { features: emptyRows(0), targets: new Float64Array(0) },
        pool: { rows: Array.from({ length: points }, (_, n) => n), features: emptyRows(points) },
        ...(names === undefined ? {} : { names }),
      },
      fitted: {
        posterior,
        surrogate: {
          ...{ kind: 'predictions', source, of, shape: values.shape, labelledCount: 0 },
          ...(noise === undefined ? {} : { noiseVariance: noise }),
        },
        fitSeconds: (performance.now() - started) / 1000,
      },
    })),
  );
};
