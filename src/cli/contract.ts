/**
 * What the command line asks of the rooms behind it: engines, and a batch for a posterior. An argument of every
 * command, so that a spec can run a command without training anything.
 */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { Posterior } from '../surrogate/posterior.js';

/** Which engine the user asks for; `auto` takes a hardware adapter if there is one, the CPU otherwise. */
export const ENGINE_CHOICES = ['auto', 'cpu', 'webgpu'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** Forward policies (src/gflownet/policies). */
export const POLICIES = ['gain', 'pointer', 'deepSets'] as const;
export type PolicyName = (typeof POLICIES)[number];

/** Training objectives (src/gflownet/objectives). */
export const OBJECTIVES = ['trajectoryBalance', 'logPartitionVariance'] as const;
export type ObjectiveName = (typeof OBJECTIVES)[number];

/** How far a stage has come. */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly note: string;
}

/** Settings of a proposal; what is left out is decided by the library. */
export interface ProposalOptions {
  readonly batchSize: number;
  readonly temperature?: number;
  readonly policy?: PolicyName;
  readonly objective?: ObjectiveName;
  readonly iterations?: number;
  readonly trajectories?: number;
  readonly seed: number;
  /** Batches to draw from the trained sampler. */
  readonly draws: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** A batch of pool indices and its joint mutual information in nats. */
export interface ScoredIndices {
  readonly indices: readonly number[];
  readonly jointMutualInformation: number;
}

/** What was proposed, and what it is measured by. Information in nats, time in seconds. */
export interface Proposal {
  readonly best: ScoredIndices;
  readonly greedy: ScoredIndices;
  readonly random: { readonly mean: number };
  readonly drawn: {
    readonly mean: number;
    readonly best: number;
    readonly count: number;
    readonly jointMutualInformation: readonly number[];
  };
  /** As a fraction of the draws, from 0 to 1. */
  readonly effectiveSampleSize: number;
  readonly temperature: number;
  readonly logPartition: { readonly elbo: number; readonly importance: number };
  readonly iterations: number;
  readonly seconds: { readonly train: number; readonly draw: number };
}

/** A machine that programs can run on. */
export interface Device {
  readonly engine: 'cpu' | 'webgpu';
  /** For people: `cpu`, or the adapter's name. */
  readonly description: string;
  readonly software: boolean;
}

/** The rooms behind the command line, as functions. */
export interface Machinery {
  readonly withEngine: <A>(
    choice: EngineChoice,
    use: (engine: Engine) => TaskEither<Failure, A>,
  ) => TaskEither<Failure, A>;
  readonly listDevices: TaskEither<Failure, readonly Device[]>;
  readonly proposeBatch: (
    engine: Engine,
    posterior: Posterior,
    options: ProposalOptions,
  ) => TaskEither<Failure, Proposal>;
}
