/**
 * What does a command report about a batch? The object that --json prints, and from which the text for people is made.
 * Information in nats, time in seconds.
 */
import type { AcquisitionName } from '../acquisition/index.js';
import type { Proposal } from '../acquisition/strategy.js';
import type { Engine } from '../engine/index.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { type Expectation, expectationInSteps } from '../learning/expectation.js';
import type { ScoredBatch } from '../reward/exact.js';
import { information } from '../reward/information.js';
import type { Reward } from '../reward/utility.js';
import type { Posterior } from '../surrogate/posterior.js';
import { atOnce, type Work } from '../work.js';
import { present } from '../present.js';
import { labelsTellScale } from './expected-words.js';
import type { ReportedSurrogate } from './reported-surrogate.js';
import { type Predictions, predictions, standardDeviations } from './row-predictions.js';

/** Labelled points and a pool, whatever they came from. */
export interface BatchProblem {
  /** For people: the file, or what was generated. */
  readonly source: string;
  /** What a number in `rows` counts: `line` of a file, `point` of a generated pool, `row` of an array, from 0. */
  readonly rowKind: 'line' | 'point' | 'row';
  readonly targetName: string;
  readonly featureNames: readonly string[];
  /** Of class labels: the names of classes 0, 1, … */
  readonly classNames?: readonly string[];
  readonly labelled: { readonly features: Matrix; readonly targets: Float64Array };
  readonly pool: {
    /** The number by which people know each point of the pool: its 1-based line, or its 1-based place. */
    readonly rows: readonly number[];
    readonly features: Matrix;
  };
  /** The names of the pool's points, where they have some, */
  readonly names?: readonly string[];
  /** or the column that names them. */
  readonly id?: PoolTexts;
  /** Columns whose texts are shown with the rows: by the place of a point in the pool. */
  readonly texts?: readonly PoolTexts[];
}

/** A column of texts: its name, and the text of point n of the pool. */
export interface PoolTexts {
  readonly column: string;
  readonly textAt: (n: number) => string;
}

/** What is told of rows beside their numbers. */
export interface RowWords {
  /** Their names, where they have some, and the column that names them. */
  readonly names?: readonly string[];
  readonly idColumn?: string;
  /** The texts of each row that tell more than its features, by column. */
  readonly texts?: readonly Readonly<Record<string, string>>[];
}

/** A batch as the user knows it. */
export interface ReportedBatch {
  readonly rows: readonly number[];
  readonly jointMutualInformation: number;
  /** By the reward, where that is another one. */
  readonly utility?: number;
}

/** The machine that did the work. */
export type ReportedEngine = Pick<Engine, 'kind' | 'description' | 'software'>;

/** One of several targets, and what is expected of the rows of a batch by it. */
export interface ReportedOutput extends Pick<Predictions, 'predictedMean' | 'standardDeviation'> {
  readonly target: string;
  readonly labelled: number;
  readonly surrogate: ReportedSurrogate;
  readonly expected?: Expectation;
}

/** What was chosen, what it is measured by, and how it came about. */
export interface BatchReport extends ReportedBatch, Predictions, RowWords {
  readonly rowKind: BatchProblem['rowKind'];
  /** The strategy that drew the batches. */
  readonly acquisition: AcquisitionName;
  /** The features of each row in `rows`, by name, in the units of the file. */
  readonly values: readonly Readonly<Record<string, number>>[];
  /** What each row in `rows` brings to the batch, U(B) − U(B without it), in the reward's unit. */
  readonly gain: readonly number[];
  /** Greedy BatchBALD on the same posterior; rows in the order of choice. */
  readonly greedy: ReportedBatch;
  readonly random: Proposal['random'];
  /** `batches` by their rows. */
  readonly drawn: Proposal['drawn'];
  /** How the batch came about from the best draw or greedy's; null where the best draw is proposed as it is. */
  readonly improvement: Proposal['improvement'];
  /** How near the draws are to the target; null where they are as the strategy made them. */
  readonly certificate: Proposal['certificate'];
  /** Null where the draws have no target exp(JMI / T), as the next two. */
  readonly effectiveSampleSize: Proposal['effectiveSampleSize'];
  readonly temperature: Proposal['temperature'];
  readonly logPartition: Proposal['logPartition'];
  readonly iterations: number;
  /** Where it was not joint mutual information: means, best and temperature are then of its utilities. */
  readonly reward?: Proposal['reward'];
  /** Where the batch had limits. */
  readonly limits?: Proposal['limits'];
  /** Where the draws were from a part of the pool. */
  readonly candidates?: Proposal['candidates'];
  /** Of class labels: how near the batch's information is to the most that parameter draws can tell. */
  readonly informationBound?: Proposal['informationBound'];
  readonly problem: {
    readonly source: string;
    readonly target: string;
    readonly features: readonly string[];
    /** Of class labels: the names of the classes. */
    readonly classes?: readonly string[];
    readonly labelled: number;
    readonly pool: number;
    readonly batchSize: number;
    readonly seed: number;
  };
  readonly engine: ReportedEngine;
  readonly surrogate: ReportedSurrogate;
  /** What the batch is expected to do for predictions; not where no label has a say, or predictions come from elsewhere. */
  readonly expected?: Expectation;
  /** Of several targets what is told of each; `surrogate` is that of the first then, and nothing is expected of all together. */
  readonly outputs?: readonly ReportedOutput[];
  readonly seconds: { readonly fit: number; readonly train: number; readonly draw: number };
}

/** Everything that a report is made of. */
export interface ReportParts {
  readonly acquisition: AcquisitionName;
  readonly problem: BatchProblem;
  readonly batchSize: number;
  readonly seed: number;
  readonly surrogate: ReportedSurrogate;
  readonly posterior: Posterior;
  readonly proposal: Proposal;
  readonly engine: ReportedEngine;
  readonly fitSeconds: number;
  /** Whether no label has a say in the posterior. */
  readonly coldStart?: boolean;
  /** Whether the gains will be asked for: they are then computed here. */
  readonly gains?: boolean;
  /** What batches were to be good for; their information if left out. */
  readonly reward?: Reward;
  /** Of several targets, what is told of each for points of the pool. */
  readonly outputsAt?: (indices: readonly number[]) => readonly ReportedOutput[];
}

/** What is said of an engine. */
export const reportedEngine = ({ kind, description, software }: ReportedEngine): ReportedEngine => ({
  kind,
  description,
  software,
});

/** {@link gainsOf} in steps. */
function* gainsInSteps(
  posterior: Posterior,
  batch: readonly number[],
  reward: Reward = information,
): Work<readonly number[]> {
  const { value } = reward.utilityFor(posterior);
  const all = value(batch);
  const gains: number[] = [];
  while (gains.length < batch.length) {
    yield { stage: 'gains of the batch', done: gains.length, total: batch.length };
    gains.push(all - value(batch.toSpliced(gains.length, 1)));
  }
  return gains;
}

/** What each point of a batch brings to it, U(B) − U(B without it), in the reward's unit. */
export const gainsOf = (...asked: Parameters<typeof gainsInSteps>): readonly number[] =>
  atOnce(gainsInSteps(...asked));

/** What is told of points of a pool beside their numbers. */
const wordsOf = ({ names, id, texts = [] }: BatchProblem, indices: readonly number[]): RowWords =>
  present({
    names: names === undefined ? id && indices.map(id.textAt) : indices.map((index) => names[index] ?? ''),
    idColumn: id?.column,
    texts:
      texts.length === 0
        ? undefined
        : indices.map((n) => Object.fromEntries(texts.map(({ column, textAt }) => [column, textAt(n)]))),
  });

/** What is expected of points: of a covariance how far it may be off, and of a model without labels nothing. */
const expectedOf = (
  { classNames }: BatchProblem,
  posterior: Posterior,
  surrogate: ReportedSurrogate,
  indices: readonly number[],
  coldStart: boolean | undefined,
): Predictions => {
  if (surrogate.kind !== 'predictions')
    return coldStart === true ? {} : predictions(classNames, posterior, indices);
  return surrogate.of === 'covariance'
    ? { standardDeviation: standardDeviations(posterior, indices) }
    : predictions(classNames, posterior, indices);
};

/** The report of a proposal, in steps. The rows of the batch, which has no order, are in ascending order. */
export function* batchReport(parts: ReportParts): Work<BatchReport> {
  const { problem, proposal, posterior, surrogate } = parts;
  const { rows, features } = problem.pool;
  const rowOf = (index: number): number => rows[index] ?? NaN;
  const named = ({ indices, jointMutualInformation, utility }: ScoredBatch): ReportedBatch => ({
    rows: indices.map(rowOf),
    jointMutualInformation,
    ...present({ utility }),
  });
  const indices = [...proposal.best.indices].sort((a, b) => rowOf(a) - rowOf(b));
  const gain = parts.gains === true ? yield* gainsInSteps(posterior, indices, parts.reward) : undefined;
  const expected =
    parts.coldStart === false && parts.outputsAt === undefined && labelsTellScale(problem)
      ? yield* expectationInSteps(posterior, indices)
      : undefined;
  return {
    ...named({ ...proposal.best, indices }),
    rowKind: problem.rowKind,
    acquisition: parts.acquisition,
    ...wordsOf(problem, indices),
    values: indices.map((index) =>
      Object.fromEntries(
        problem.featureNames.map((name, j) => [name, features.data[index * features.columns + j] ?? NaN]),
      ),
    ),
    ...(parts.outputsAt === undefined
      ? expectedOf(problem, posterior, surrogate, indices, parts.coldStart)
      : { outputs: parts.outputsAt(indices) }),
    // Of class labels that takes seconds, and the text for people has no use for it.
    get gain() {
      return gain ?? gainsOf(posterior, indices, parts.reward);
    },
    greedy: named(proposal.greedy),
    random: proposal.random,
    drawn: { ...proposal.drawn, batches: proposal.drawn.batches.map((batch) => batch.map(rowOf)) },
    improvement: proposal.improvement,
    certificate: proposal.certificate,
    effectiveSampleSize: proposal.effectiveSampleSize,
    temperature: proposal.temperature,
    logPartition: proposal.logPartition,
    iterations: proposal.iterations,
    ...present({
      ...{ reward: proposal.reward, candidates: proposal.candidates, limits: proposal.limits },
      informationBound: proposal.informationBound,
    }),
    problem: {
      source: problem.source,
      target: problem.targetName,
      features: problem.featureNames,
      ...present({ classes: problem.classNames }),
      labelled: problem.labelled.targets.length,
      pool: rows.length,
      batchSize: parts.batchSize,
      seed: parts.seed,
    },
    ...{ engine: reportedEngine(parts.engine), surrogate },
    ...present({ expected }),
    seconds: { fit: parts.fitSeconds, ...proposal.seconds },
  };
}
