/** Which options has the surrogate, and which feature map do they ask for? */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { inputFailure, type InputFailure } from '../failure.js';
import type { NetworkSpec } from '../surrogate/network/model.js';
import type { BatchSurrogate } from '../learning/fit-for-batch.js';
import type { SurrogateSpec } from '../surrogate/surrogate.js';
import { AUTO, triedSurrogates } from './auto-surrogate.js';
import { oneOf, positiveInteger, sizeList } from './decoders.js';
import {
  DEFAULT_DEGREE,
  DEFAULT_FEATURE_MAP,
  DEFAULT_FOURIER_FEATURES,
  DEFAULT_KERNEL,
  FEATURE_MAPS,
  type FeatureMapChoice,
  featureMapOf,
  idle,
  kernelKindOf,
  KERNELS,
} from './kernel-options.js';
import { longName, optional, withDefault } from './options.js';

const TASKS = ['regression', 'classes'] as const;

const DEFAULT_SURROGATE = { regression: 'bayesian-linear', classes: 'gaussian-process' } as const;
/** Of networks: enough for tables of hundreds of labels, and a fit in seconds. */
const DEFAULT_HIDDEN: readonly number[] = [128];
const DEFAULT_NETWORKS = 16;
/** Of class labels: functions, masks or weights under which probabilities are taken. */
const DEFAULT_DRAWS = 64;

interface NetworkDefaults {
  readonly iterations: number;
  readonly draws: number;
}

/** Masks that change at every step make for slower training. */
const NETWORK_DEFAULTS: Readonly<Record<NetworkSpec['head'], NetworkDefaults>> = {
  'last-layer': { iterations: 300, draws: DEFAULT_DRAWS },
  ensemble: { iterations: 300, draws: DEFAULT_NETWORKS },
  dropout: { iterations: 600, draws: DEFAULT_DRAWS },
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
      description: `training steps of the network (${NETWORK_DEFAULTS.ensemble.iterations}, with dropout ${NETWORK_DEFAULTS.dropout.iterations}, if left out)`,
    },
    positiveInteger(NETWORK_DEFAULTS.ensemble.iterations),
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

/** Decoded options of the surrogate. */
export interface SurrogateChoice extends FeatureMapChoice {
  readonly surrogate: SurrogateName | typeof AUTO | undefined;
  readonly kernel: (typeof KERNELS)[number] | undefined;
  readonly hidden: readonly number[] | undefined;
  readonly fitIterations: number | undefined;
  readonly posteriorDraws: number | undefined;
  /** Regression if left out. */
  readonly task?: (typeof TASKS)[number];
}

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

type Task = (typeof TASKS)[number];

/** Options that belong to some surrogates, whatever the task. */
type OwnOption = 'kernel' | 'featureMap' | 'degree' | 'fourierFeatures' | 'hidden' | 'fitIterations';

/** What the command line offers under a name. */
interface Offer {
  readonly tasks: readonly Task[];
  readonly options: readonly OwnOption[];
  /** Of which tasks the posterior is one of draws. */
  readonly draws: readonly Task[];
  /** The surrogate of the options, which are its own ones and of one of its tasks. */
  readonly spec: (
    options: SurrogateChoice,
    task: Task,
    seed: number,
  ) => E.Either<InputFailure, SurrogateSpec>;
}

const networkOffer = (head: NetworkSpec['head'], defaults: NetworkDefaults): Offer => ({
  tasks: TASKS,
  options: ['hidden', 'fitIterations'],
  draws: head === 'last-layer' ? ['classes'] : TASKS,
  spec: ({ hidden = DEFAULT_HIDDEN, fitIterations, posteriorDraws }, task, seed) =>
    pipe(
      enoughDraws(posteriorDraws ?? defaults.draws),
      E.map((draws) => ({
        ...{ kind: 'network', head, task, hidden, draws, seed },
        iterations: fitIterations ?? defaults.iterations,
      })),
    ),
});

/** Every surrogate that the command line offers, by its name there. A new one is a row here. */
const offers = {
  'bayesian-linear': {
    tasks: ['regression'],
    options: ['featureMap', 'degree', 'fourierFeatures'],
    draws: [],
    spec: (options, _, seed) =>
      pipe(
        featureMapOf(options, seed),
        E.map((featureMap) => ({ kind: 'bayesian-linear', featureMap })),
      ),
  },
  'gaussian-process': {
    tasks: TASKS,
    options: ['kernel'],
    draws: ['classes'],
    spec: ({ kernel: name = DEFAULT_KERNEL, posteriorDraws }, task, seed) => {
      const kernel = kernelKindOf(name);
      return task === 'regression'
        ? E.right({ kind: 'gaussian-process', kernel })
        : pipe(
            enoughDraws(posteriorDraws ?? DEFAULT_DRAWS),
            E.map((draws) => ({ kind: 'gaussian-process-classes', kernel, seed, draws })),
          );
    },
  },
  'last-layer': networkOffer('last-layer', NETWORK_DEFAULTS['last-layer']),
  ensemble: networkOffer('ensemble', NETWORK_DEFAULTS.ensemble),
  dropout: networkOffer('dropout', NETWORK_DEFAULTS.dropout),
} satisfies Readonly<Record<string, Offer>>;

type SurrogateName = keyof typeof offers;

const offerOf = (name: SurrogateName): Offer => offers[name];

const names = Object.keys(offers) as readonly SurrogateName[];

const choices: readonly (SurrogateName | typeof AUTO)[] = [...names, AUTO];

const orElse = <A extends { readonly description: string }>(doc: A, value: string): A => ({
  ...doc,
  description: `${doc.description} (${value} if left out)`,
});

/** Options of the surrogate; what is left out is undefined, for there are commands that may do without one. */
export const surrogateOptions = {
  surrogate: optional(
    orElse(
      { long: 'surrogate', placeholder: 'NAME', description: `model: ${choices.join(', ')}` },
      DEFAULT_SURROGATE.regression,
    ),
    oneOf(choices),
  ),
  featureMap: optional(orElse(featureMap, DEFAULT_FEATURE_MAP), oneOf(FEATURE_MAPS)),
  ...ofOneSurrogate,
};

/** An InputFailure for the first option that belongs to other surrogates than the one of this name. */
const requireOwn = (options: SurrogateChoice, name: SurrogateName): E.Either<InputFailure, void> => {
  const own: readonly string[] = offerOf(name).options;
  const all = [...new Set(names.flatMap((other) => offerOf(other).options))];
  const foreign = all.find((option) => options[option] !== undefined && !own.includes(option));
  if (foreign === undefined) return E.right(undefined);
  const owners = names.filter((other) => offerOf(other).options.includes(foreign));
  return idle(longName(foreign), `surrogate is ${owners.join(' or ')}`, `--surrogate ${owners[0] ?? name}`);
};

/** An InputFailure for an option that belongs to one surrogate. */
const autoOf = (
  options: SurrogateChoice,
  task: Task,
  seed: number,
): E.Either<InputFailure, BatchSurrogate> => {
  const foreign = names
    .flatMap((name) => offerOf(name).options)
    .find((option) => options[option] !== undefined);
  if (foreign !== undefined)
    return idle(longName(foreign), 'surrogate is named', `--surrogate ${DEFAULT_SURROGATE[task]}`);
  return pipe(
    triedSurrogates[task],
    E.traverseArray(({ most, ...choice }) =>
      pipe(
        surrogateSpecOf({ ...options, kernel: undefined, ...choice }, seed),
        E.map((spec) => ({ most, spec })),
      ),
    ),
    E.map((of) => ({
      kind: AUTO,
      of: of.flatMap(({ most, spec }) => (spec.kind === AUTO ? [] : [{ most, spec }])),
    })),
  );
};

/** The surrogate of the options. An InputFailure for an option that belongs to another surrogate, feature map or task. */
export const surrogateSpecOf = (
  options: SurrogateChoice,
  seed: number,
): E.Either<InputFailure, BatchSurrogate> => {
  const { task: aim = 'regression', posteriorDraws } = options;
  const { surrogate: name = DEFAULT_SURROGATE[aim] } = options;
  if (name === AUTO) return autoOf(options, aim, seed);
  const { tasks, draws, spec } = offerOf(name);
  return pipe(
    requireOwn(options, name),
    E.chain(() => {
      if (!tasks.includes(aim)) {
        const others = names.filter((other) => offerOf(other).tasks.includes(aim));
        return E.left(
          inputFailure({
            source: '--surrogate',
            problem: `${name} is a model of numbers and not of classes`,
            remedy: `Leave it out, or give ${others.slice(0, -1).join(', ')} or ${others.at(-1) ?? ''}`,
          }),
        );
      }
      return posteriorDraws !== undefined && !draws.includes(aim)
        ? idle('--posterior-draws', 'posterior is one of draws', '--surrogate ensemble')
        : spec(options, aim, seed);
    }),
  );
};
