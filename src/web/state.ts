/**
 * What does the page hold? One record, which every picture is made from. What a reader sets is told by the address (address.ts); what
 * the worker found stands beside it and is never told.
 */
import type {
  EngineName,
  GreedySeen,
  Measured,
  PairSeen,
  ProblemSettings,
  RaceNews,
  RoundNews,
  TableBatch,
  TableHead,
  TableRequest,
  TargetView,
  TrainingSettings,
  View,
} from './protocol.js';

/** What a reader sets, and what an address tells. */
export interface Settings extends Omit<ProblemSettings, 'labelled' | 'pool'>, TrainingSettings {
  readonly labelled: readonly (readonly [number, number])[];
  readonly pool: readonly number[];
  readonly engine: EngineName;
  readonly theme: 'auto' | 'light' | 'dark';
  /** The batch that is made by hand, by places in the pool. */
  readonly batch: readonly number[];
}

/** A training as it is seen. */
export interface TrainingSeen {
  readonly done: number;
  readonly running: boolean;
  readonly engine: string | undefined;
  /** By step. */
  readonly losses: readonly (readonly [step: number, loss: number])[];
  readonly bounds: readonly (readonly [step: number, elbo: number, eubo: number])[];
  readonly measured: Measured | undefined;
  readonly variations: readonly (readonly [step: number, variation: number])[];
  /** Points of each trajectory that are shown by now. */
  readonly grown: number;
}

/** A race as it is seen. */
export interface RaceSeen {
  readonly running: boolean;
  readonly points: readonly RaceNews[];
  readonly pair: PairSeen | undefined;
}

/** None yet. */
export const unraced: RaceSeen = { running: false, points: [], pair: undefined };

/** Active learning of all strategies, as it is seen. */
export interface RoundsSeen {
  readonly running: boolean;
  readonly points: readonly RoundNews[];
}

/** None yet. */
export const unlearned: RoundsSeen = { running: false, points: [] };

/** A file that was dropped. */
export interface TableSeen extends Omit<TableRequest, 'engine'> {
  readonly head: TableHead | undefined;
  readonly busy: boolean;
  readonly batch: TableBatch | undefined;
  /** Where the browser has the chosen rows as a file. */
  readonly download: string | undefined;
}

/** The scenes that have something of their own that may fail. */
export type Place = 'view' | 'target' | 'training' | 'pretrained' | 'race' | 'rounds' | 'table';

/** All of it. */
export interface State {
  readonly settings: Settings;
  /** Of the last answer; the settings may be ahead of it for a moment. */
  readonly view: View | undefined;
  readonly greedy: GreedySeen | undefined;
  /** By Gibbs draws, where they were asked for. */
  readonly drawnTarget: TargetView | undefined;
  readonly drawing: boolean;
  readonly training: TrainingSeen;
  readonly pretrained: Measured | 'asked' | undefined;
  readonly race: RaceSeen;
  readonly rounds: RoundsSeen;
  /** The error by the number of labels, as the reader gave them. */
  readonly own: readonly (readonly [labels: number, error: number])[];
  readonly table: TableSeen | undefined;
  readonly failures: Readonly<Partial<Record<Place, string>>>;
  /** A sentence for who listens to the page. */
  readonly said: string;
  /** Whether it says why something was not done, so that everybody should see it. */
  readonly refused: boolean;
  /** Width of the page, in pixels. */
  readonly width: number;
}

/** A training that has not begun. */
export const untrained: TrainingSeen = {
  ...{ done: 0, running: false, engine: undefined, losses: [], bounds: [], measured: undefined },
  ...{ variations: [], grown: 0 },
};

/** What of the settings the target is of; where it is another, what was trained is of no use. */
export const problemIn = ({
  labelled,
  pool,
  kernel,
  lengthScale,
  noise,
  temperature,
  batchSize,
  seed,
}: Settings): ProblemSettings => ({
  ...{ labelled, pool, kernel, lengthScale, noise, temperature, batchSize, seed },
});

/** What of them the curves of active learning are of; each strategy labels points of its own. */
export const roundsIn = ({ kernel, lengthScale, noise, temperature, batchSize, engine, seed }: Settings) => ({
  ...{ kernel, lengthScale, noise, temperature, batchSize, engine, seed },
});

/** Whether labels are those of before and others behind them. */
export const goesOn = (before: Settings['labelled'], after: Settings['labelled']): boolean =>
  JSON.stringify(after.slice(0, before.length)) === JSON.stringify(before);

/** What of them is of training alone. */
export const trainingIn = ({ policy, objective, iterations, teacher }: Settings): TrainingSettings => ({
  ...{ policy, objective, iterations, teacher },
});

/** The target that is known. */
export const targetOf = ({ view, drawnTarget }: State): TargetView | undefined => view?.target ?? drawnTarget;
