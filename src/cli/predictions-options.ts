/** How does the user say what a model elsewhere predicts? The options of select and ask, and what goes together of them. */
import * as E from '#fp-ts/Either';
import { badInput, type InputFailure } from '../failure.js';
import { filePath, oneOf, positiveNumber } from './decoders.js';
import { optional } from './options.js';

const kinds = ['draws', 'probabilities'] as const;

/** Decoded options of predictions. */
export interface PredictionsChoice {
  readonly predictions: string | undefined;
  readonly predictionsKind: (typeof kinds)[number] | undefined;
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
        'what your model predicts (.npy, .npz, .csv): draws [S, N], or class probabilities [S, N, C] or [N, C]',
    },
    array,
  ),
  predictionsKind: optional(
    {
      long: 'predictions-kind',
      placeholder: 'KIND',
      description:
        'what an array of two dimensions is: draws, or probabilities of one model (found if left out)',
    },
    oneOf(kinds),
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

/** The options that predictions have beside them. */
const beside = { noise: '--noise', ids: '--ids', predictionsKind: '--predictions-kind' } as const;

/**
 * The file of predictions; undefined where there is none. An InputFailure where there are two, and for options that go with
 * predictions where there are none.
 */
export const sourceOf = (options: PredictionsChoice): E.Either<InputFailure, string | undefined> => {
  const source = options.predictions ?? options.covariance;
  if (options.predictions !== undefined && options.covariance !== undefined)
    return E.left(badInput('--covariance', 'predictions are given too', 'Remove one of the two'));
  if (options.covariance !== undefined && options.predictionsKind !== undefined)
    return E.left(badInput('--predictions-kind', 'a covariance is of no other kind', 'Remove it'));
  const idle = (['noise', 'ids', 'predictionsKind'] as const).find((name) => options[name] !== undefined);
  return source === undefined && idle !== undefined
    ? E.left(
        badInput(
          beside[idle],
          'it goes with predictions, and there are none',
          'Remove it, or add --predictions',
        ),
      )
    : E.right(source);
};
