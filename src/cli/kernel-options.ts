/** Which feature map and which kernel do the options ask for? */
import * as E from '#fp-ts/Either';
import { badInput, type InputFailure } from '../failure.js';
import type { FeatureMap } from '../surrogate/feature-map.js';
import type { KernelKind } from '../surrogate/kernels.js';

/** The kernels that the command line offers; every kind, by type. `ard`: a length-scale for each feature. */
export const kernelChoices = {
  matern52: { kind: 'matern52', lengthScales: 'shared' },
  'matern52-ard': { kind: 'matern52', lengthScales: 'perFeature' },
  rbf: { kind: 'rbf', lengthScales: 'shared' },
  'rbf-ard': { kind: 'rbf', lengthScales: 'perFeature' },
  periodic: { kind: 'periodic' },
  linear: { kind: 'linear' },
} as const satisfies Readonly<Record<KernelKind['kind'] | `${string}-ard`, KernelKind>>;

/** The name of one of them. */
export type KernelName = keyof typeof kernelChoices;

/** What they are if left out. */
export const DEFAULT_FEATURE_MAP = 'fourier';
export const DEFAULT_KERNEL: KernelName = 'matern52';
export const DEFAULT_DEGREE = 2;
export const DEFAULT_FOURIER_FEATURES = 128;

/** Decoded options of a feature map. */
export interface FeatureMapChoice {
  readonly featureMap: FeatureMap['kind'] | undefined;
  readonly degree: number | undefined;
  readonly fourierFeatures: number | undefined;
}

/** The InputFailure of an option that means nothing as the others are. */
export const idle = (option: string, unless: string, instead: string): E.Either<InputFailure, never> =>
  E.left(badInput(option, `the option has no meaning unless the ${unless}`, `Remove it, or add ${instead}`));

/** Numbers that feature maps are made of. */
interface FeatureNumbers {
  readonly degree: number;
  readonly count: number;
  readonly seed: number;
}

/** The feature maps that the command line offers: every kind, by type. */
export const featureMaps: Readonly<Record<FeatureMap['kind'], (numbers: FeatureNumbers) => FeatureMap>> = {
  linear: () => ({ kind: 'linear' }),
  polynomial: ({ degree }) => ({ kind: 'polynomial', degree }),
  fourier: ({ count, seed }) => ({ kind: 'fourier', count, seed }),
};

const unlessMap = (option: string, map: string) =>
  idle(option, `feature map is ${map}`, `--feature-map ${map}`);

/** The feature map of the options. An InputFailure for an option that belongs to another one. */
export const featureMapOf = (
  { featureMap: kind = DEFAULT_FEATURE_MAP, degree, fourierFeatures }: FeatureMapChoice,
  seedOfFeatures: number,
): E.Either<InputFailure, FeatureMap> => {
  if (degree !== undefined && kind !== 'polynomial') return unlessMap('--degree', 'polynomial');
  if (fourierFeatures !== undefined && kind !== 'fourier') return unlessMap('--fourier-features', 'fourier');
  return E.right(
    featureMaps[kind]({
      degree: degree ?? DEFAULT_DEGREE,
      count: fourierFeatures ?? DEFAULT_FOURIER_FEATURES,
      seed: seedOfFeatures,
    }),
  );
};
