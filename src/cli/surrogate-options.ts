/** Which options has the surrogate, and which feature map do they ask for? */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { inputFailure, type InputFailure } from '../failure.js';
import type { FeatureMap } from '../surrogate/feature-map.js';
import type { KernelKind } from '../surrogate/kernels.js';
import type { SurrogateSpec } from '../surrogate/surrogate.js';
import { oneOf, positiveInteger, sizeList } from './decoders.js';
import { longName, optional, withDefault } from './options.js';

/** The feature maps that the command line offers. */
export const FEATURE_MAPS = ['linear', 'polynomial', 'fourier'] as const;

const NETWORKS = ['last-layer', 'ensemble', 'dropout'] as const;

const SURROGATES = ['bayesian-linear', 'gaussian-process', ...NETWORKS] as const;

/** The kernels that the command line offers. `ard`: a length-scale for each feature. */
const KERNELS = ['matern52', 'matern52-ard', 'rbf', 'rbf-ard', 'periodic', 'linear'] as const;

const TASKS = ['regression', 'classes'] as const;

const DEFAULT_SURROGATE = { regression: 'bayesian-linear', classes: 'gaussian-process' } as const;
const DEFAULT_FEATURE_MAP = 'fourier';
const DEFAULT_KERNEL = 'matern52';
const DEFAULT_DEGREE = 2;
const DEFAULT_FOURIER_FEATURES = 128;

/** Of networks: enough for tables of hundreds of labels, and a fit in seconds. */
const DEFAULT_HIDDEN: readonly number[] = [128];
/** Masks that change at every step make for slower training. */
const DEFAULT_ITERATIONS = { 'last-layer': 300, ensemble: 300, dropout: 600 } as const;
const DEFAULT_NETWORKS = 16;
/** Of class labels: functions, masks or weights under which probabilities are taken. */
const DEFAULT_DRAWS = 64;

const surrogate = {
  long: 'surrogate',
  placeholder: 'NAME',
  description: `model: ${SURROGATES.join(', ')}`,
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
      description: `of the process: ${KERNELS.join(', ')} (${DEFAULT_KERNEL} if left out)`,
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
  hidden: optional(
    {
      long: 'hidden',
      placeholder: 'N,M',
      description: `units of each hidden layer of the network (${DEFAULT_HIDDEN.join(',')} if left out)`,
    },
    sizeList,
  ),
  fitIterations: optional(
    {
      long: 'fit-iterations',
      placeholder: 'N',
      description: `training steps of the network (${DEFAULT_ITERATIONS.ensemble}, with dropout ${DEFAULT_ITERATIONS.dropout}, if left out)`,
    },
    positiveInteger(DEFAULT_ITERATIONS.ensemble),
  ),
  posteriorDraws: optional(
    {
      long: 'posterior-draws',
      placeholder: 'N',
      description: `networks of an ensemble (${DEFAULT_NETWORKS} if left out); masks, or draws behind classes (${DEFAULT_DRAWS})`,
    },
    positiveInteger(DEFAULT_DRAWS, 10_000),
  ),
};

/** `--task`, of commands that can do with class labels. */
export const task = withDefault(
  {
    long: 'task',
    placeholder: 'TASK',
    description: 'regression, or classes where the target holds labels of classes: any text, two at least',
  },
  oneOf(TASKS),
  'regression',
);

const orElse = (doc: typeof surrogate, value: string) => ({
  ...doc,
  description: `${doc.description} (${value} if left out)`,
});

/** Options of the surrogate; what is left out is undefined, for there are commands that may do without one. */
export const surrogateOptions = {
  surrogate: optional(orElse(surrogate, DEFAULT_SURROGATE.regression), oneOf(SURROGATES)),
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
  readonly hidden: readonly number[] | undefined;
  readonly fitIterations: number | undefined;
  readonly posteriorDraws: number | undefined;
  /** Regression if left out. */
  readonly task?: (typeof TASKS)[number];
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

/** Which surrogates an option belongs to, in the order of the faults. */
const owners: Readonly<
  Record<
    'kernel' | 'featureMap' | 'degree' | 'fourierFeatures' | 'hidden' | 'fitIterations',
    readonly (typeof SURROGATES)[number][]
  >
> = {
  kernel: ['gaussian-process'],
  featureMap: ['bayesian-linear'],
  degree: ['bayesian-linear'],
  fourierFeatures: ['bayesian-linear'],
  hidden: NETWORKS,
  fitIterations: NETWORKS,
};

/** An InputFailure for the first option that belongs to another surrogate than `kind`. */
const ownOptions = (
  options: SurrogateChoice,
  kind: (typeof SURROGATES)[number],
): E.Either<InputFailure, void> => {
  const names = Object.keys(owners) as (keyof typeof owners)[];
  const name = names.find((own) => options[own] !== undefined && !owners[own].includes(kind));
  if (name === undefined) return E.right(undefined);
  const [first = kind] = owners[name];
  return idle(longName(name), `surrogate is ${owners[name].join(' or ')}`, `--surrogate ${first}`);
};

/** Draws of a posterior: of one alone all batches have no information. */
const enoughDraws = (draws: number): E.Either<InputFailure, number> =>
  draws >= 2
    ? E.right(draws)
    : E.left(
        inputFailure({
          source: '--posterior-draws',
          problem: 'one draw has no spread',
          remedy: `Give 2 at least, ${DEFAULT_NETWORKS} for instance`,
        }),
      );

/** The surrogate of the options. An InputFailure for an option that belongs to another surrogate, feature map or task. */
export const surrogateSpecOf = (
  options: SurrogateChoice,
  seed: number,
): E.Either<InputFailure, SurrogateSpec> => {
  const { task: aim = 'regression', hidden = DEFAULT_HIDDEN, fitIterations, posteriorDraws } = options;
  const { surrogate: kind = DEFAULT_SURROGATE[aim] } = options;
  const kernel = kernelKindOf(options.kernel ?? DEFAULT_KERNEL);
  const idleDraws = idle('--posterior-draws', 'posterior is one of draws', '--surrogate ensemble');
  return pipe(
    ownOptions(options, kind),
    E.chain((): E.Either<InputFailure, SurrogateSpec> => {
      switch (kind) {
        case 'bayesian-linear':
          if (aim === 'classes')
            return E.left(
              inputFailure({
                source: '--surrogate',
                problem: 'bayesian-linear is a model of numbers and not of classes',
                remedy: 'Leave it out, or give gaussian-process, last-layer, ensemble or dropout',
              }),
            );
          return posteriorDraws === undefined
            ? pipe(
                featureMapOf(options, seed),
                E.map((featureMap) => ({ kind, featureMap })),
              )
            : idleDraws;
        case 'gaussian-process':
          if (aim === 'classes')
            return pipe(
              enoughDraws(posteriorDraws ?? DEFAULT_DRAWS),
              E.map((draws) => ({ kind: 'gaussian-process-classes', kernel, seed, draws })),
            );
          return posteriorDraws === undefined ? E.right({ kind, kernel }) : idleDraws;
        case 'last-layer':
        case 'ensemble':
        case 'dropout':
          if (kind === 'last-layer' && aim === 'regression' && posteriorDraws !== undefined) return idleDraws;
          return pipe(
            enoughDraws(posteriorDraws ?? (kind === 'ensemble' ? DEFAULT_NETWORKS : DEFAULT_DRAWS)),
            E.map((draws) => ({
              ...{ kind: 'network', head: kind, task: aim, hidden, draws, seed },
              iterations: fitIterations ?? DEFAULT_ITERATIONS[kind],
            })),
          );
      }
    }),
  );
};
