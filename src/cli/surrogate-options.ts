/** Which options has the surrogate, and which feature map do they ask for? */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { inputFailure, type InputFailure } from '../failure.js';
import type { FeatureMap } from '../surrogate/feature-map.js';
import type { KernelKind } from '../surrogate/kernels.js';
import type { SurrogateSpec } from '../surrogate/surrogate.js';
import { oneOf, positiveInteger } from './decoders.js';
import { optional } from './options.js';

/** The feature maps that the command line offers. */
export const FEATURE_MAPS = ['linear', 'polynomial', 'fourier'] as const;

const SURROGATES = ['bayesian-linear', 'gaussian-process'] as const;

/** The kernels that the command line offers. `ard`: a length-scale for each feature. */
const KERNELS = ['matern52', 'matern52-ard', 'rbf', 'rbf-ard', 'periodic', 'linear'] as const;

const DEFAULT_SURROGATE = 'bayesian-linear';
const DEFAULT_FEATURE_MAP = 'fourier';
const DEFAULT_KERNEL = 'matern52';
const DEFAULT_DEGREE = 2;
const DEFAULT_FOURIER_FEATURES = 128;

const surrogate = {
  long: 'surrogate',
  placeholder: 'NAME',
  description: 'the model of the labels: bayesian-linear or gaussian-process',
};

const featureMap = {
  long: 'feature-map',
  placeholder: 'MAP',
  description: 'what the model is linear in: linear, polynomial or fourier',
};

const ofOneSurrogate = {
  kernel: optional(
    {
      long: 'kernel',
      placeholder: 'KERNEL',
      description: `of the Gaussian process: ${KERNELS.join(', ')} (${DEFAULT_KERNEL} if left out)`,
    },
    oneOf(KERNELS),
  ),
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

const orElse = (doc: typeof surrogate, value: string) => ({
  ...doc,
  description: `${doc.description} (${value} if left out)`,
});

/** Options of the surrogate; what is left out is undefined, for there are commands that may do without one. */
export const surrogateOptions = {
  surrogate: optional(orElse(surrogate, DEFAULT_SURROGATE), oneOf(SURROGATES)),
  featureMap: optional(orElse(featureMap, DEFAULT_FEATURE_MAP), oneOf(FEATURE_MAPS)),
  ...ofOneSurrogate,
};

/** Decoded options of the surrogate. */
export interface SurrogateChoice {
  readonly surrogate: (typeof SURROGATES)[number] | undefined;
  readonly kernel: (typeof KERNELS)[number] | undefined;
  readonly featureMap: (typeof FEATURE_MAPS)[number] | undefined;
  readonly degree: number | undefined;
  readonly fourierFeatures: number | undefined;
}

const idle = (option: string, unless: string, instead: string): E.Either<InputFailure, never> =>
  E.left(
    inputFailure({
      source: option,
      problem: `the option has no meaning unless the ${unless}`,
      remedy: `Remove it, or add ${instead}`,
    }),
  );

const unlessMap = (option: string, map: string) =>
  idle(option, `feature map is ${map}`, `--feature-map ${map}`);

const featureMapOf = (
  { featureMap: kind = DEFAULT_FEATURE_MAP, degree, fourierFeatures }: SurrogateChoice,
  seedOfFeatures: number,
): E.Either<InputFailure, FeatureMap> => {
  if (degree !== undefined && kind !== 'polynomial') return unlessMap('--degree', 'polynomial');
  if (fourierFeatures !== undefined && kind !== 'fourier') return unlessMap('--fourier-features', 'fourier');
  switch (kind) {
    case 'linear':
      return E.right({ kind });
    case 'polynomial':
      return E.right({ kind, degree: degree ?? DEFAULT_DEGREE });
    case 'fourier':
      return E.right({ kind, count: fourierFeatures ?? DEFAULT_FOURIER_FEATURES, seed: seedOfFeatures });
  }
};

const kernelKindOf = (kernel: (typeof KERNELS)[number]): KernelKind => {
  switch (kernel) {
    case 'matern52':
    case 'rbf':
      return { kind: kernel, lengthScales: 'shared' };
    case 'matern52-ard':
      return { kind: 'matern52', lengthScales: 'perFeature' };
    case 'rbf-ard':
      return { kind: 'rbf', lengthScales: 'perFeature' };
    case 'periodic':
    case 'linear':
      return { kind: kernel };
  }
};

/** The surrogate of the options. An InputFailure for an option that belongs to another surrogate or feature map. */
export const surrogateSpecOf = (
  options: SurrogateChoice,
  seedOfFeatures: number,
): E.Either<InputFailure, SurrogateSpec> => {
  const { surrogate: kind = DEFAULT_SURROGATE, kernel, featureMap: map, degree, fourierFeatures } = options;
  if (kind === 'bayesian-linear')
    return kernel === undefined
      ? pipe(
          featureMapOf(options, seedOfFeatures),
          E.map((chosen) => ({ kind, featureMap: chosen })),
        )
      : idle('--kernel', 'surrogate is gaussian-process', '--surrogate gaussian-process');
  const ofLinear = Object.entries({
    '--feature-map': map,
    '--degree': degree,
    '--fourier-features': fourierFeatures,
  }).find(([, value]) => value !== undefined);
  return ofLinear === undefined
    ? E.right({ kind, kernel: kernelKindOf(kernel ?? DEFAULT_KERNEL) })
    : idle(ofLinear[0], 'surrogate is bayesian-linear', '--surrogate bayesian-linear');
};
