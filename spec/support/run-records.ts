/** Records of imagined runs, with differences between strategies that are known. */
import type { RunRecord } from '../../src/learning/record.js';
import { keyFromSeed, split, uniforms } from '../../src/random/key.js';

/** What is imagined. */
export interface Imagined {
  readonly experiment?: string;
  readonly strategies: readonly string[];
  readonly seeds: number;
  readonly rounds: number;
  /** Added to the RMSE of the j-th strategy in every round. */
  readonly shift: (j: number) => number;
  readonly pictures?: boolean;
  /** Whether labels are classes: metrics are then accuracy and cross-entropy, the shift is taken from the accuracy. */
  readonly classes?: boolean;
}

const grid = [-1, -0.5, 0, 0.5, 1] as const;

const pictureOf = (points: number): RunRecord['picture'] => ({
  grid,
  mean: grid.map((x) => Math.sin(3 * x)),
  standardDeviation: grid.map((x) => 0.1 + x * x),
  labelledInputs: Array.from({ length: points }, (_, i) => -1 + (2 * i) / points),
  labelledTargets: Array.from({ length: points }, (_, i) => Math.sin(i)),
});

/**
 * Records in the order in which runs are done: a difficulty of each seed and round that all strategies have in common, plus
 * the shift. Batches have three rows; greedy's JMI is 2 nats, that of the j-th strategy 2 / (j + 1).
 */
export const imaginedRecords = ({
  experiment = 'imagined',
  strategies,
  seeds,
  rounds,
  shift,
  pictures = false,
  classes = false,
}: Imagined): readonly RunRecord[] =>
  Array.from({ length: seeds }, (_, seed) => {
    const difficulty = uniforms(split(keyFromSeed(41), seed), rounds + 1);
    return strategies.flatMap((strategy, j) =>
      Array.from({ length: rounds + 1 }, (_, round): RunRecord => ({
        ...{ experiment, strategy, seed, round },
        labels: 5 + 3 * round,
        batch: round === 0 ? [] : [3 * round, 3 * round + 1, 3 * round + 2],
        jointMutualInformation: round === 0 ? null : { batch: 2 / (j + 1), greedy: 2, random: 1 },
        metrics: classes
          ? {
              accuracy: 0.9 - 0.4 / (1 + round) - 0.1 * (difficulty[round] ?? 0) - shift(j),
              crossEntropy: 1 / (1 + round) + (difficulty[round] ?? 0),
            }
          : {
              rmse: 2 / (1 + round) + (difficulty[round] ?? 0) + shift(j),
              logScore: -1 + 0.1 * round - (difficulty[round] ?? 0),
            },
        seconds: { fit: 0.5, propose: round === 0 ? 0 : 10 ** -j },
        picture: pictures ? pictureOf(5 + 3 * round) : null,
      })),
    );
  }).flat();

/** Records as lines of JSON. */
export const asLines = (records: readonly RunRecord[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');
