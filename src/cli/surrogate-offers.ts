/**
 * Which surrogates does the command line offer, under which names, and which of the options belong to each? A table that is total over
 * the kinds of surrogate-specifications by type.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { badInput, type InputFailure } from '../failure.js';
import type { NetworkSpec } from '../surrogate/network/model.js';
import type { SurrogateSpec } from '../surrogate/surrogate.js';
import type { AUTO } from './auto-surrogate.js';
import { keyOf, positiveInteger, sizeList } from './decoders.js';
import {
  DEFAULT_DEGREE,
  DEFAULT_FEATURE_MAP,
  DEFAULT_FOURIER_FEATURES,
  DEFAULT_KERNEL,
  type FeatureMapChoice,
  featureMapOf,
  featureMaps,
  kernelChoices,
  type KernelName,
} from './kernel-options.js';
import { naming, optional } from './options.js';

/** What labels are: numbers, or names of classes. */
export const TASKS = ['regression', 'classes'] as const;

/** One of them. */
export type Task = (typeof TASKS)[number];

/** What is fitted where nothing is said. */
export const DEFAULT_SURROGATE = { regression: 'bayesian-linear', classes: 'gaussian-process' } as const;
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

/** Options that belong to some surrogates, whatever the task. */
export const ownOptions = {
  featureMap: optional(
    {
      long: 'feature-map',
      placeholder: 'MAP',
      description: naming(
        'what the model is linear in: ',
        Object.keys(featureMaps),
        ` (${DEFAULT_FEATURE_MAP} if left out)`,
      ),
    },
    keyOf(featureMaps),
  ),
  kernel: optional(
    {
      long: 'kernel',
      placeholder: 'KERNEL',
      description: naming('of the process: ', Object.keys(kernelChoices), ` (${DEFAULT_KERNEL} if left out)`),
    },
    keyOf(kernelChoices),
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
};

/** `--posterior-draws`, of some surrogates and tasks. */
export const drawsOption = optional(
  {
    long: 'posterior-draws',
    placeholder: 'N',
    description: `networks of an ensemble (${DEFAULT_NETWORKS} if left out); masks, or draws behind classes (${DEFAULT_DRAWS})`,
  },
  positiveInteger(DEFAULT_DRAWS, 10_000),
);

/** Decoded options of the surrogate. */
export interface SurrogateChoice extends FeatureMapChoice {
  readonly surrogate: SurrogateName | typeof AUTO | undefined;
  readonly kernel: KernelName | undefined;
  readonly hidden: readonly number[] | undefined;
  readonly fitIterations: number | undefined;
  readonly posteriorDraws: number | undefined;
  /** Regression if left out. */
  readonly task?: Task;
}

/** Draws of a posterior: of one alone all batches have no information. */
const enoughDraws = (draws: number): E.Either<InputFailure, number> =>
  draws >= 2
    ? E.right(draws)
    : E.left(
        badInput(
          '--posterior-draws',
          'one draw has no spread',
          `Give 2 at least, ${DEFAULT_NETWORKS} for instance`,
        ),
      );

/** The name of one of {@link ownOptions}. */
export type OwnOption = keyof typeof ownOptions;

type Kind = SurrogateSpec['kind'];

/** What the command line offers of a kind of surrogate, under a name. */
interface Offer<K extends Kind = Kind> {
  readonly tasks: readonly Task[];
  readonly options: readonly OwnOption[];
  /** Of which tasks the posterior is one of draws. */
  readonly draws: readonly Task[];
  /** The surrogate of the options, which are its own ones and of one of its tasks. */
  readonly spec: (
    options: SurrogateChoice,
    task: Task,
    seed: number,
  ) => E.Either<InputFailure, Extract<SurrogateSpec, { readonly kind: K }>>;
}

const networkOffer = (head: NetworkSpec['head'], defaults: NetworkDefaults): Offer<'network'> => ({
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

/** What the command line offers of every kind of surrogate, by its name there; total by type, so that each is offered. */
const offers = {
  'bayesian-linear': {
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
  },
  'gaussian-process': {
    'gaussian-process': {
      tasks: ['regression'],
      options: ['kernel'],
      draws: [],
      spec: ({ kernel = DEFAULT_KERNEL }) =>
        E.right({ kind: 'gaussian-process', kernel: kernelChoices[kernel] }),
    },
  },
  'gaussian-process-classes': {
    'gaussian-process': {
      tasks: ['classes'],
      options: ['kernel'],
      draws: ['classes'],
      spec: ({ kernel = DEFAULT_KERNEL, posteriorDraws }, _, seed) =>
        pipe(
          enoughDraws(posteriorDraws ?? DEFAULT_DRAWS),
          E.map((draws) => ({
            ...{ kind: 'gaussian-process-classes', kernel: kernelChoices[kernel] },
            ...{ seed, draws },
          })),
        ),
    },
  },
  network: {
    'last-layer': networkOffer('last-layer', NETWORK_DEFAULTS['last-layer']),
    ensemble: networkOffer('ensemble', NETWORK_DEFAULTS.ensemble),
    dropout: networkOffer('dropout', NETWORK_DEFAULTS.dropout),
  },
} satisfies { readonly [K in Kind]: Readonly<Record<string, Offer<K>>> };

type NameIn<Offers> = Offers extends unknown ? keyof Offers : never;

/** A name under which surrogates are offered. */
export type SurrogateName = NameIn<(typeof offers)[Kind]>;

/** What is offered, each with its name. */
export const offered = Object.values(offers).flatMap(
  (ofKind) => Object.entries(ofKind) as readonly (readonly [SurrogateName, Offer])[],
);

/** The names, each once. */
export const surrogateNames: readonly SurrogateName[] = Array.from(new Set(offered.map(([name]) => name)));

/** Whether something holds for what is offered under a name, for one task at least. */
export const isOffered = (name: SurrogateName, holds: (offer: Offer) => boolean): boolean =>
  offered.some(([other, offer]) => other === name && holds(offer));
