/** Which feature map and which kernel do the options ask for? */
import * as E from '#fp-ts/Either';
import { inputFailure, type InputFailure } from '../failure.js';
import type { FeatureMap } from '../surrogate/feature-map.js';
import type { KernelKind } from '../surrogate/kernels.js';

/** The feature maps that the command line offers. */
export const FEATURE_MAPS = ['linear', 'polynomial', 'fourier'] as const;

/** The kernels that the command line offers. `ard`: a length-scale for each feature. */
export const KERNELS = ['matern52', 'matern52-ard', 'rbf', 'rbf-ard', 'periodic', 'linear'] as const;

/** What they are if left out. */
export const DEFAULT_FEATURE_MAP = 'fourier';
export const DEFAULT_KERNEL = 'matern52';
export const DEFAULT_DEGREE = 2;
export const DEFAULT_FOURIER_FEATURES = 128;

/** Decoded options of a feature map. */
export interface FeatureMapChoice {
  readonly featureMap: (typeof FEATURE_MAPS)[number] | undefined;
  readonly degree: number | undefined;
  readonly fourierFeatures: number | undefined;
}

/** The InputFailure of an option that means nothing as the others are. */
export const idle = (option: string, unless: string, instead: string): E.Either<InputFailure, never> =>
  E.left(
    inputFailure({
      source: option,
      problem: `the option has no meaning unless the ${unless}`,
      remedy: `Remove it, or add ${instead}`,
    }),
  );

const unlessMap = (option: string, map: string) =>
  idle(option, `feature map is ${map}`, `--feature-map ${map}`);

/** The feature map of the options. An InputFailure for an option that belongs to another one. */
export const featureMapOf = (
  { featureMap: kind = DEFAULT_FEATURE_MAP, degree, fourierFeatures }: FeatureMapChoice,
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

/** The kernel under its name on the command line. */
export const kernelKindOf = (kernel: (typeof KERNELS)[number]): KernelKind => {
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
