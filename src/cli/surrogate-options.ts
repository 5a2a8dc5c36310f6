/** Which options has the surrogate, and which feature map do they ask for? */
import * as E from '#fp-ts/Either';
import { inputFailure, type InputFailure } from '../failure.js';
import type { FeatureMap } from '../surrogate/feature-map.js';
import { oneOf, positiveInteger } from './decoders.js';
import { optional, withDefault } from './options.js';

/** The feature maps that the command line offers. */
export const FEATURE_MAPS = ['linear', 'polynomial', 'fourier'] as const;

const SURROGATES = ['bayesian-linear'] as const;

const DEFAULT_SURROGATE = 'bayesian-linear';
const DEFAULT_FEATURE_MAP = 'fourier';
const DEFAULT_DEGREE = 2;
const DEFAULT_FOURIER_FEATURES = 128;

const surrogate = { long: 'surrogate', placeholder: 'NAME', description: 'the model of the labels' };

const featureMap = {
  long: 'feature-map',
  placeholder: 'MAP',
  description: 'what the model is linear in: linear, polynomial or fourier',
};

const ofOneMap = {
  degree: optional(
    {
      long: 'degree',
      placeholder: 'N',
      description: `degree of the polynomial feature map (${DEFAULT_DEGREE} if left out)`,
    },
    positiveInteger(DEFAULT_DEGREE, 10),
  ),
  fourierFeatures: optional(
    {
      long: 'fourier-features',
      placeholder: 'N',
      description: `how many random Fourier features (${DEFAULT_FOURIER_FEATURES} if left out)`,
    },
    positiveInteger(DEFAULT_FOURIER_FEATURES),
  ),
};

/** Options of the surrogate. */
export const surrogateOptions = {
  surrogate: withDefault(surrogate, oneOf(SURROGATES), DEFAULT_SURROGATE),
  featureMap: withDefault(featureMap, oneOf(FEATURE_MAPS), DEFAULT_FEATURE_MAP),
  ...ofOneMap,
};

const orElse = (doc: typeof surrogate, value: string) => ({
  ...doc,
  description: `${doc.description} (${value} if left out)`,
});

/** The same where a surrogate may be missing altogether: what is left out is undefined. */
export const surrogateOptionsIfAny = {
  surrogate: optional(orElse(surrogate, DEFAULT_SURROGATE), oneOf(SURROGATES)),
  featureMap: optional(orElse(featureMap, DEFAULT_FEATURE_MAP), oneOf(FEATURE_MAPS)),
  ...ofOneMap,
};

/** Decoded options of the surrogate. */
export interface SurrogateChoice {
  readonly featureMap: (typeof FEATURE_MAPS)[number] | undefined;
  readonly degree: number | undefined;
  readonly fourierFeatures: number | undefined;
}

const idle = (option: string, map: string): E.Either<InputFailure, never> =>
  E.left(
    inputFailure({
      source: option,
      problem: `the option has no meaning unless the feature map is ${map}`,
      remedy: `Remove it, or add --feature-map ${map}`,
    }),
  );

/** The feature map of the options. An InputFailure for an option that belongs to another map. */
export const featureMapOf = (
  { featureMap: kind = DEFAULT_FEATURE_MAP, degree, fourierFeatures }: SurrogateChoice,
  seedOfFeatures: number,
): E.Either<InputFailure, FeatureMap> => {
  if (degree !== undefined && kind !== 'polynomial') return idle('--degree', 'polynomial');
  if (fourierFeatures !== undefined && kind !== 'fourier') return idle('--fourier-features', 'fourier');
  switch (kind) {
    case 'linear':
      return E.right({ kind });
    case 'polynomial':
      return E.right({ kind, degree: degree ?? DEFAULT_DEGREE });
    case 'fourier':
      return E.right({ kind, count: fourierFeatures ?? DEFAULT_FOURIER_FEATURES, seed: seedOfFeatures });
  }
};
