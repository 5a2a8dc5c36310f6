/** How is a fitted surrogate told in words? A row for each kind, by type. */
import { printableLine } from '../printable.js';
import type { ReportedSurrogate } from './reported-surrogate.js';

type Kind = ReportedSurrogate['kind'];
type Reported<K> = Extract<ReportedSurrogate, { readonly kind: K }>;

const short = (value: number): string => String(Number(value.toPrecision(4)));

const noise = (variance: number): string => `noise variance ${short(variance)}`;

const scales = (lengthScales: readonly number[]): readonly string[] =>
  lengthScales.length === 0
    ? []
    : [`length-scale${lengthScales.length === 1 ? '' : 's'} ${lengthScales.map(short).join(', ')}`];

type Process = Reported<'gaussian-process' | 'gaussian-process-classes'>;

const ofProcess = ({ kernel, noiseVariance, lengthScales }: Process): readonly string[] => [
  `${kernel.kind} kernel`,
  noise(noiseVariance),
  ...scales(lengthScales),
];

const heads: { readonly [K in Reported<'network'>['head']]: (draws: number) => string } = {
  'last-layer': () => 'last layer',
  ensemble: (draws) => `${draws} networks`,
  dropout: (draws) => `${draws} masks`,
};

const words: { readonly [K in Kind]: (surrogate: Reported<K>) => readonly string[] } = {
  'bayesian-linear': ({ featureMap, noiseVariance, lengthScale }) => [
    `${featureMap.kind} features`,
    noise(noiseVariance),
    ...scales(lengthScale === undefined ? [] : [lengthScale]),
  ],
  'gaussian-process': (surrogate) => [
    ...ofProcess(surrogate),
    ...(surrogate.inducing === undefined ? [] : [`sparse, by at most ${surrogate.inducing} inducing points`]),
  ],
  'gaussian-process-classes': ofProcess,
  predictions: ({ source, of, shape, noiseVariance }) => [
    `${of} [${shape.join(', ')}] of ${printableLine(source)}`,
    ...(noiseVariance === undefined ? [] : [noise(noiseVariance)]),
  ],
  network: (surrogate) => [
    heads[surrogate.head](surrogate.draws),
    `hidden ${surrogate.hidden.join(', ')}`,
    ...('noiseVariance' in surrogate ? [noise(surrogate.noiseVariance)] : []),
  ],
};

/** A surrogate by its kind, what it is made of, and its hyperparameters, in words. */
export const surrogateWords = (surrogate: ReportedSurrogate): string =>
  [
    surrogate.kind,
    // The row of a kind is for surrogates of that kind.
    ...(words[surrogate.kind] as (surrogate: ReportedSurrogate) => readonly string[])(surrogate),
  ].join(', ');
