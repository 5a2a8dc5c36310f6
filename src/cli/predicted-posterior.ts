/**
 * What posterior do predictions in a file make? By the shape of the array, or as the user says it: draws [S, N] of a number,
 * probabilities [S, N, C] of classes, those of one model [N, C], or a covariance [N, N] (src/surrogate/from-predictions.ts).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { NumberArray } from '../data/npy.js';
import { badInput, type Failure, type InputFailure, inputFailure } from '../failure.js';
import { readTextLines } from './text-lines.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import type { PredictedOf } from '../learning/session/events.js';
import {
  isDistributions,
  posteriorOfCovariance,
  posteriorOfDraws,
  posteriorOfProbabilities,
} from '../surrogate/from-predictions.js';
import type { Posterior } from '../surrogate/posterior.js';
import { type ArrayInFile, readArrayInFile } from './array-file.js';
import type { PredictionsChoice } from './predictions-options.js';

/** A posterior of N points, and what it was made of. */
export interface Predicted {
  readonly source: string;
  readonly posterior: Posterior;
  readonly of: PredictedOf;
  /** The shape of the array. */
  readonly shape: readonly number[];
  readonly noiseVariance: number | undefined;
  readonly points: number;
  readonly classes?: number;
  /** The names of the points, where they were given. */
  readonly names: readonly string[] | undefined;
  /** What there is to say of how the array was understood. */
  readonly remarks: readonly string[];
  /** The file that the array is in. */
  readonly file: Uint8Array;
}

type Made = Pick<Predicted, 'posterior' | 'of' | 'points' | 'remarks'> & { readonly classes?: number };

const matrixOf = ({ shape: [rows = 0, columns = 0], data }: NumberArray): Matrix => ({
  ...{ rows, columns },
  data: Float64Array.from(data),
});

const shapeOf = ({ shape }: NumberArray): string => `its shape is [${shape.join(', ')}]`;

const needsNoise = (source: string): InputFailure =>
  badInput(
    '--noise',
    'the option is missing',
    `Add --noise VARIANCE, the variance of the noise of a label, which ${source} does not tell`,
  );

/** Faults of an array name its file. */
const named =
  (source: string) =>
  (failure: Failure): Failure => {
    if (failure._tag !== 'InputFailure') return failure;
    const [first, ...rest] = failure.faults.map((one) =>
      one.source.startsWith('--') || one.source === source
        ? one
        : { ...one, source: `${source}, ${one.source}` },
    );
    return first === undefined ? failure : inputFailure(first, ...rest);
  };

const byCovariance = (
  source: string,
  values: NumberArray,
  noise: number | undefined,
): E.Either<Failure, Made> => {
  const [rows, columns] = values.shape;
  if (values.shape.length !== 2 || rows === undefined || rows !== columns)
    return E.left(badInput(source, shapeOf(values), 'Give a covariance [N, N] of N points'));
  if (noise === undefined) return E.left(needsNoise(source));
  return pipe(
    posteriorOfCovariance(matrixOf(values), { noiseVariance: noise }),
    E.map((posterior) => ({ posterior, of: 'covariance', points: rows, remarks: [] })),
  );
};

const byDraws = (source: string, values: NumberArray, noise: number | undefined): E.Either<Failure, Made> => {
  const [, points = 0] = values.shape;
  if (values.shape.length !== 2)
    return E.left(badInput(source, shapeOf(values), 'Give draws of N numbers, [S, N]'));
  return noise === undefined
    ? E.left(needsNoise(source))
    : pipe(
        posteriorOfDraws(matrixOf(values), { noiseVariance: noise }),
        E.map((posterior) => ({ posterior, of: 'draws', points, remarks: [] })),
      );
};

const byProbabilities = (
  source: string,
  values: NumberArray,
  noise: number | undefined,
): E.Either<Failure, Made> => {
  const { shape, data } = values;
  const [draws = 0, points = 0, classes = 0] = shape.length === 2 ? [1, ...shape] : shape;
  if (draws < 1 || classes < 1)
    return E.left(badInput(source, shapeOf(values), 'Give probabilities [S, N, C], S and C from 1 up'));
  if (noise !== undefined)
    return E.left(badInput('--noise', 'probabilities of classes have no noise beside them', 'Remove it'));
  return pipe(
    posteriorOfProbabilities([draws, points, classes], data),
    E.map((posterior) => ({ posterior, of: 'probabilities', points, classes, remarks: [] })),
  );
};

/** What an array is where nobody says it: of two dimensions draws, unless it cannot be, and each of its rows is a distribution. */
const byPredictions = (
  source: string,
  values: NumberArray,
  { noise, predictionsKind: kind }: PredictionsChoice,
): E.Either<Failure, Made> => {
  const { shape, data } = values;
  if (shape.length === 0 || shape.length === 1 || shape.length > 3)
    return E.left(
      badInput(
        source,
        shapeOf(values),
        'Give draws of N numbers, [S, N], or probabilities of C classes, [S, N, C] or of one model [N, C]',
      ),
    );
  if (shape.length === 3 && kind === 'draws')
    return E.left(
      badInput(
        '--predictions-kind',
        shapeOf(values),
        'Give draws of N numbers, [S, N], or leave the option out',
      ),
    );
  if (kind === 'probabilities' || shape.length === 3) return byProbabilities(source, values, noise);
  const [, classes = 0] = shape;
  return kind === undefined && noise === undefined && isDistributions(data, classes)
    ? pipe(
        byProbabilities(source, values, noise),
        E.map((made) => ({
          ...made,
          remarks: [
            `${source}: each of its ${made.points} rows has a sum of one, so it was taken for class probabilities of one model (--predictions-kind draws and --noise say otherwise).`,
          ],
        })),
      )
    : byDraws(source, values, noise);
};

const madeOf = (
  source: string,
  { array }: ArrayInFile,
  options: PredictionsChoice,
): E.Either<Failure, Made> =>
  pipe(
    options.covariance === undefined
      ? byPredictions(source, array, options)
      : byCovariance(source, array, options.noise),
    E.mapLeft(named(source)),
  );

/** Names of points, one a line, each once. */
const namesIn = (file: string, points: number): TE.TaskEither<InputFailure, readonly string[]> =>
  pipe(
    readTextLines(file),
    TE.filterOrElse(
      (names) => names.length === points,
      (names) =>
        badInput(file, `it names ${names.length} points, and ${points} are predicted`, 'Give a name a line'),
    ),
    TE.filterOrElse(
      (names) => new Set(names).size === names.length,
      (names) => {
        const first = new Map<string, number>();
        const again = names.findIndex((name, i) => {
          const known = first.has(name);
          if (!known) first.set(name, i);
          return known;
        });
        return inputFailure({
          ...{ source: file, line: again + 1 },
          problem: `the name ${names[again] ?? ''} is already that of line ${(first.get(names[again] ?? '') ?? NaN) + 1}`,
          remedy: 'Give each point a name of its own',
        });
      },
    ),
  );

/** The predictions in the file that the options name, `source`. An InputFailure that names the option, the file or the entry. */
export const readPredicted = (
  options: PredictionsChoice,
  source: string,
): TE.TaskEither<Failure, Predicted> =>
  pipe(
    readArrayInFile(source),
    TE.mapLeft((failure): Failure => failure),
    TE.bindTo('found'),
    TE.bind('made', ({ found }) => TE.fromEither(madeOf(source, found, options))),
    TE.bindW('names', ({ made }) =>
      options.ids === undefined ? TE.right(undefined) : namesIn(options.ids, made.points),
    ),
    TE.map(({ found: { array, file }, made, names }) => ({
      ...made,
      ...{ source, names, file, shape: array.shape, noiseVariance: options.noise },
    })),
  );
