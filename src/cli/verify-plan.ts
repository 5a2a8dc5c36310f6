/** What does `batchgfn verify` check: which options go together, and what do they say of the pool and the sizes of batches? */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { EngineChoice } from '../engine/index.js';
import { type Fault, type InputFailure, noneOf } from '../failure.js';
import type { BackwardName } from '../gflownet/backward.js';
import type { ObjectiveName } from '../gflownet/objectives/index.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { RewardName } from '../reward/index.js';
import { tooFewCandidates } from './common-options.js';
import { longName } from './options.js';
import { targetDoc } from './pool-file.js';
import type { SurrogateChoice } from './surrogate-offers.js';
import { type TableChoice, tableOptionNames } from './table-options.js';

/** Points of the generated pool where `--pool-size` is left out. */
export const defaultPoolSize = 15;

/** Points in a batch where `--batch-size` is left out: of the generated pool, and of a file. */
export const defaultBatchSize = { generated: 3, file: 10 } as const;

/** Decoded options of verify; undefined where they are left out and have no default of their own. */
export interface VerifyOptions extends SurrogateChoice, TableChoice {
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly poolSize: number | undefined;
  readonly candidates: number | undefined;
  readonly reward: RewardName | undefined;
  readonly batchSize: number | undefined;
  readonly smallestBatch: number | undefined;
  readonly pointCost: number;
  readonly temperature: number;
  readonly policy: PolicyName | 'all';
  readonly objective: ObjectiveName | 'all';
  readonly backward: BackwardName;
  readonly plainFlows: boolean;
  readonly teacher: number;
  readonly iterations: number;
  readonly trajectories: number;
  readonly replay: number | undefined;
  readonly draws: number;
  readonly seed: number;
  readonly engine: EngineChoice;
  readonly threads?: number | undefined;
  readonly maxTv: number | undefined;
  readonly minP: number | undefined;
  readonly plot: string | undefined;
  readonly json: boolean;
}

/** What they say of the pool: a file, or how many points are generated. */
export type PoolChoice =
  | { readonly kind: 'file'; readonly file: string; readonly target: string }
  | { readonly kind: 'matern'; readonly poolSize: number };

/** What they come to. */
export interface VerifyPlan {
  readonly pool: PoolChoice;
  readonly batchSize: number;
  readonly smallestBatch: number;
}

const withoutFile = (options: VerifyOptions): readonly Fault[] =>
  (
    [
      ...(['target', ...tableOptionNames] as const),
      ...(['surrogate', 'kernel', 'featureMap', 'degree', 'fourierFeatures'] as const),
    ] as const
  )
    .filter((name) => options[name] !== undefined)
    .map((name) => ({
      source: longName(name),
      problem: 'the option has no meaning without a file',
      remedy: 'Remove it, or give a CSV file: batchgfn verify FILE --target COLUMN',
    }));

const withFile = ({ poolSize, target }: VerifyOptions): readonly Fault[] => [
  ...(poolSize === undefined
    ? []
    : [
        {
          source: '--pool-size',
          problem: 'the pool is the rows of the file whose target is empty, however many they are',
          remedy: 'Remove the option, or the file for a generated pool',
        },
      ]),
  ...(target === undefined
    ? [
        {
          source: '--target',
          problem: 'the option is missing',
          remedy: `Add --target COLUMN: ${targetDoc.description}`,
        },
      ]
    : []),
];

const ofSizes = ({ pointCost }: VerifyOptions, smallest: number, largest: number): readonly Fault[] => [
  ...(smallest > largest
    ? [
        {
          source: '--smallest-batch',
          problem: `a smallest batch of ${smallest} is larger than the largest of ${largest} (--batch-size)`,
          remedy: `Give at most ${largest}, or a larger --batch-size`,
        },
      ]
    : []),
  ...(pointCost > 0 && smallest === largest
    ? [
        {
          source: '--point-cost',
          problem: `a cost changes nothing while all batches have ${largest} point${largest === 1 ? '' : 's'}`,
          remedy: 'Remove it, or let sizes vary with --smallest-batch',
        },
      ]
    : []),
];

/** The pool and the sizes of batches. An InputFailure with a fault for each option that does not go with the others. */
export const planOf = (options: VerifyOptions): E.Either<InputFailure, VerifyPlan> => {
  const { file, target, poolSize = defaultPoolSize } = options;
  const { batchSize = defaultBatchSize[file === undefined ? 'generated' : 'file'] } = options;
  const { smallestBatch = batchSize } = options;
  const faults = [
    ...(file === undefined ? withoutFile(options) : withFile(options)),
    ...ofSizes(options, smallestBatch, batchSize),
    ...tooFewCandidates(options.candidates, batchSize),
  ];
  return pipe(
    noneOf(faults),
    E.map(() => ({
      pool:
        file === undefined || target === undefined
          ? { kind: 'matern', poolSize }
          : { kind: 'file', file, target },
      batchSize,
      smallestBatch,
    })),
  );
};
