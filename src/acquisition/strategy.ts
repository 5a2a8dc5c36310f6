/**
 * What a strategy is: a way to draw batches from a posterior, the most informative of which is proposed. A strategy
 * differs from the others in how it draws; what is said about the draws, and what stands beside them, is the same for
 * all (summary.ts).
 */
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import type { TrainedModel } from '../gflownet/model-file.js';
import type { ScoredBatch } from '../reward/exact.js';
import type { Certificate } from '../gibbs/certificate.js';
import type { Reward } from '../reward/utility.js';
import type { Posterior } from '../surrogate/posterior.js';
import type { WithinLimits } from './batch-limits.js';
import type { SettingName, StrategySettings } from './settings.js';

/** How far a stage has come. */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly note: string;
}

/** What a strategy is asked for. */
export interface StrategyOptions extends StrategySettings {
  readonly batchSize: number;
  readonly seed: number;
  /** Batches to draw, at least one. */
  readonly draws: number;
  /**
   * A policy that training goes on from, made for this batch size and number of features, of a pool of any size; strategies
   * that train none ignore it. A quarter of the usual iterations are run unless a number is given.
   */
  readonly start?: TrainedModel;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** log Z of the target in nats, by what it is known, and the bounds by a policy's trajectories. */
export interface LogPartition {
  readonly estimate: number;
  /** Of the estimate; 0 where it is exact. Infinity where draws that are not certified tell nothing of it: a mode may be missed. */
  readonly standardError: number;
  /**
   * Exact; by annealing or by bridge sampling from draws that follow the target; or by importance from the strategy's own
   * draws alone, which cannot see what is never drawn.
   */
  readonly method: 'exact' | 'annealing' | 'bridge' | 'importance';
  /** Mean log weight of the strategy's own trajectories, at most log Z in expectation; null where it draws none. */
  readonly elbo: number | null;
  /** Mean log weight of the target's draws, at least log Z in expectation; null where there are none. */
  readonly eubo: number | null;
}

/**
 * What was proposed, and what it is measured by. Information in nats, time in seconds; utilities U in the reward's unit,
 * which are the information where no other reward was asked for.
 */
export interface Proposal {
  /** The batch that is proposed: the drawn one of largest utility, or what became of it (`improvement`). */
  readonly best: ScoredBatch;
  /**
   * Of strategies that mean to propose the best: it came from a draw or from the greedy batch, by so many exchanges of one
   * point. Its utility is never below greedy's. Null where the best draw is proposed as it is.
   */
  readonly improvement: { readonly from: 'drawn' | 'greedy'; readonly exchanges: number } | null;
  /** The greedy batch on the same posterior: greedy BatchBALD. */
  readonly greedy: ScoredBatch;
  /** The mean U over uniform random batches. */
  readonly random: { readonly mean: number };
  readonly drawn: {
    /** U. */
    readonly mean: number;
    readonly best: number;
    readonly count: number;
    readonly jointMutualInformation: readonly number[];
    /** Pool indices of each, in the order in which they were drawn. */
    readonly batches: readonly (readonly number[])[];
  };
  /** The reward, where it is not joint mutual information. */
  readonly reward?: Pick<Reward, 'name' | 'unit'>;
  /**
   * How far draws are from the target at most, in total variation, by pairs of chains (gibbs/certificate.ts). Null where the
   * draws are as the strategy made them.
   */
  readonly certificate: Certificate | null;
  /**
   * Of the strategy's own trajectories, before any correction, as a fraction of them, in (0, 1]; 1 where they are exact. Null where
   * it draws none, or has no target.
   */
  readonly effectiveSampleSize: number | null;
  /** T of the target, which is ∝ exp(U / T). */
  readonly temperature: number | null;
  readonly logPartition: LogPartition | null;
  /** Of training; 0 where nothing is trained, and so are its seconds. */
  readonly iterations: number;
  /** Where the draws were from a part of the pool (on-candidates.ts). */
  readonly candidates?: {
    /** M. */
    readonly count: number;
    /**
     * U that a second greedy batch, of points that are not in the first, loses by them. The first loses nothing:
     * its points are candidates. Just below 0 now and then, as greedy is not the best; all of it where M = b.
     */
    readonly cost: number;
  };
  /** Where a batch had limits. */
  readonly limits?: WithinLimits;
  /**
   * Of class labels: log S nats, the most that any batch tells of S parameter draws, and the part of it that the batch proposed tells.
   * Batches near it are hardly told apart by their information ({@link saturated}).
   */
  readonly informationBound?: { readonly nats: number; readonly share: number };
  /** The policy, where one was trained. */
  readonly trained?: TrainedModel;
  readonly seconds: { readonly train: number; readonly draw: number };
}

/** The part of log S from which on batches are not ranked by their information: what is left is less than what sampling misses. */
export const saturated = 0.9;

/** A way to draw batches. */
export interface Strategy {
  /**
   * Whether it is of class labels alone, by their probabilities: those of one model are enough, as it does not ask what labels would
   * teach. Of numbers and classes if left out.
   */
  readonly ofClasses?: true;
  /** The settings that it takes; a reward is taken by all. */
  readonly takes: readonly SettingName[];
  /** The temperature of its draws, where it knows only one. */
  readonly temperature?: number;
  /** Whether all of its work is done on the host, in f64, so that it leaves the engine alone. */
  readonly onHost: boolean;
  /** How many batches a run draws, of which it labels the best; 1, which is proposed as drawn, if left out. */
  readonly drawsOfRun?: number;
  /**
   * Proposes the batch to label next. Fails as the strategy does; with Interrupted once `signal` is aborted. Throws a
   * RangeError where the batch is larger than the pool.
   */
  readonly propose: (
    engine: Engine,
    posterior: Posterior,
    options: StrategyOptions,
  ) => TaskEither<Failure, Proposal>;
}
