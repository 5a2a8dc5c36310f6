/**
 * What do the page and its worker say to each other? Requests with a number and answers with the same one, and news of training that
 * comes unasked. Plain data, as messages carry it; exact numbers are the library's and come from the worker alone.
 */

import type { MissingPolicy } from 'batchgfn/tables';

/** The model on the line and what batches are drawn for. */
export interface ProblemSettings {
  /** Labelled points, [x, y]. */
  readonly labelled: readonly (readonly [x: number, y: number])[];
  /** The pool. */
  readonly pool: readonly number[];
  readonly kernel: 'matern52' | 'rbf';
  readonly lengthScale: number;
  /** Standard deviation of labels about the function. */
  readonly noise: number;
  readonly temperature: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** Which engine trains, as `--engine` has it. */
export type EngineName = 'auto' | 'cpu' | 'webgpu';

/** How a policy is trained. */
export interface TrainingSettings {
  readonly policy: 'gain' | 'pointer' | 'deepSets' | 'messagePassing';
  readonly objective:
    | 'trajectoryBalance'
    | 'logPartitionVariance'
    | 'detailedBalance'
    | 'subTrajectoryBalance'
    | 'flowMatching';
  readonly iterations: number;
  /** Whether draws of the target are imitated beside the policy's own trajectories. */
  readonly teacher: boolean;
}

/** Mean and standard deviation of the function at some places. */
export interface Band {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** What batches of the target are known by. */
export interface TargetView {
  /** How: all are listed, by the k-DPP at T = ½, or by certified Gibbs draws. */
  readonly by: 'enumeration' | 'kdpp' | 'gibbs';
  /** How many batches there are. */
  readonly count: number;
  /** log Z in nats, and its standard error, 0 where exact. */
  readonly logZ: number;
  readonly standardError: number;
  /** P(n ∈ B) of the points of the pool. */
  readonly inclusion: Float64Array;
  /** Where they are listed: the most probable ones, largest first. */
  readonly best?: readonly { readonly batch: readonly number[]; readonly probability: number }[];
}

/** Greedy's batch by places in the pool, and its joint information in nats. */
export interface GreedySeen {
  readonly indices: readonly number[];
  readonly information: number;
}

/** All that is seen before anything is trained. */
export interface View {
  readonly grid: Band;
  readonly pool: Band;
  /** Of the batch that was clicked: its joint information, nats, and what each point would add to it. */
  readonly information: number;
  readonly gains: Float64Array;
  /** Left out where it would take Gibbs draws, which are made when asked for. */
  readonly target?: TargetView;
}

/** Where a training stands. */
export interface TrainingNews {
  /** As the request had it. */
  readonly run: number;
  readonly done: number;
  readonly total: number;
  readonly running: boolean;
  /** The engine, in its own words. */
  readonly engine: string;
  /** By step: the loss, and the ELBO in nats. */
  readonly loss?: number;
  readonly elbo?: number;
  /** What was measured at a step, on what the policy is there. */
  readonly measured?: Measured;
}

/** What a policy is measured by. */
export interface Measured {
  readonly step: number;
  /** Total variation from the target, exactly; left out where batches cannot be listed. */
  readonly totalVariation?: number;
  /** Of batches, in turns: the probability that the target has it with, and that with which the policy draws it. */
  readonly agreement?: Float64Array;
  readonly elbo: number;
  readonly eubo: number;
  /** Some trajectories: points of the pool in the order in which they joined. */
  readonly trajectories: readonly (readonly number[])[];
  /** The drawn batch of largest joint information, and that. */
  readonly best: { readonly batch: readonly number[]; readonly information: number };
}

/** What is asked of a table. */
export interface TableRequest {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly target: string | undefined;
  /** What labels are, as `--task` has it. */
  readonly task: 'regression' | 'classes';
  /** Columns that are passed over, as `--drop`. */
  readonly drop: readonly string[];
  /** What is done with rows that lack a feature, as `--missing`. */
  readonly missing: MissingPolicy;
  readonly batchSize: number;
  readonly seed: number;
  readonly engine: EngineName;
}

/** The header of a table, its first rows, and the target that it seems to have. */
export interface TableHead {
  readonly columns: readonly string[];
  readonly rows: number;
  /** Columns with empty cells, which may be targets. */
  readonly candidates: readonly string[];
}

/** The batch of a table. */
export interface TableBatch {
  /** Lines of the file of the chosen rows, as `batchgfn select -a gflownet` names them, in its order. */
  readonly rows: readonly number[];
  readonly labelled: number;
  readonly pool: number;
  readonly information: number;
  readonly greedy: number;
  readonly engine: string;
  /** Of labels of classes: the share that the information has of the most that draws of the posterior can tell. */
  readonly share: number | undefined;
  readonly remarks: readonly string[];
  /** The chosen rows as the file is written, as `--out` writes them. */
  readonly text: string;
}

/** The samplers that race. */
export type Racer = 'greedy' | 'stochasticBatchBald' | 'gibbs' | 'gflownet';

/** Where a sampler stands: the total variation of the frequencies of its draws so far from the target, at seconds of its own clock. */
export interface RaceNews {
  readonly racer: Racer;
  readonly seconds: number;
  /** Of them, those that went by before its first draw: a policy is trained. */
  readonly trained: number;
  /** None while it is trained: the next two are NaN then. */
  readonly draws: number;
  readonly variation: number;
  /** What draws of the target itself would be expected to have, so many of them. */
  readonly floor: number;
}

/** A pair of chains that are updated together, by places in the pool, and the update at which they were one. */
export interface PairSeen {
  readonly path: readonly { readonly x: readonly number[]; readonly y: readonly number[] }[];
  readonly met: number | undefined;
}

/** Strategies that learn side by side. */
export type Learner = 'random' | 'greedy' | 'stochasticBatchBald' | 'kdpp' | 'gflownet';

/** What a strategy has after a round: how many labels, and the root mean squared error of the mean over the line. */
export interface RoundNews {
  readonly learner: Learner;
  readonly repeat: number;
  readonly labels: number;
  readonly error: number;
}

/** Requests by their names, and what each is answered by. */
export interface Requests {
  readonly view: {
    readonly ask: {
      readonly problem: ProblemSettings;
      readonly batch: readonly number[];
      readonly grid: readonly number[];
    };
    readonly answer: View;
  };
  readonly greedy: { readonly ask: { readonly problem: ProblemSettings }; readonly answer: GreedySeen };
  readonly target: { readonly ask: { readonly problem: ProblemSettings }; readonly answer: TargetView };
  readonly train: {
    readonly ask: {
      readonly problem: ProblemSettings;
      readonly training: TrainingSettings;
      readonly engine: EngineName;
      /** Told again with all news of it. */
      readonly run: number;
      /** Whether it begins anew where it has begun. */
      readonly fresh: boolean;
      /** To the end if left out. */
      readonly steps?: number;
    };
    readonly answer: TrainingNews;
  };
  readonly pause: { readonly ask: null; readonly answer: null };
  readonly pretrained: {
    readonly ask: { readonly problem: ProblemSettings; readonly engine: EngineName };
    readonly answer: Measured;
  };
  readonly race: {
    readonly ask: {
      readonly problem: ProblemSettings;
      readonly training: TrainingSettings;
      readonly engine: EngineName;
      /** Told again with all news of it, as that of learning is. */
      readonly run: number;
      readonly seconds: number;
    };
    readonly answer: PairSeen;
  };
  readonly rounds: {
    readonly ask: {
      readonly problem: ProblemSettings;
      readonly engine: EngineName;
      readonly run: number;
      readonly rounds: number;
      readonly repeats: number;
      readonly grid: readonly number[];
    };
    readonly answer: null;
  };
  /** Ends what is at work, which then fails. */
  readonly stop: { readonly ask: 'race' | 'rounds'; readonly answer: null };
  readonly head: {
    readonly ask: { readonly name: string; readonly bytes: Uint8Array };
    readonly answer: TableHead;
  };
  readonly table: { readonly ask: TableRequest; readonly answer: TableBatch };
}

/** The name of a request. */
export type RequestName = keyof Requests;

/** A request as it is sent. */
export type Request = {
  readonly [Name in RequestName]: {
    readonly id: number;
    readonly name: Name;
    readonly ask: Requests[Name]['ask'];
  };
}[RequestName];

/** What the worker says: an answer, a failure in the library's words, or news of training. */
export type Reply =
  | { readonly id: number; readonly answer: Requests[RequestName]['answer'] }
  | { readonly id: number; readonly failure: string }
  | { readonly news: TrainingNews }
  | { readonly race: RaceNews; readonly run: number }
  | { readonly round: RoundNews; readonly run: number };
