/**
 * The exact target over all batches of a pool that can be enumerated: P(B) = R(B) / Z, log R(B) = JMI(B) / T.
 */
import { logSumExp } from '../../linear-algebra/log-sum.js';
import { jointMutualInformation } from '../../reward/exact.js';
import type { Problem } from '../problem.js';
import { subsetsOf } from './subsets.js';

/** The target by enumeration. */
export interface Target {
  /** log Z in nats: the log of the sum of all rewards. */
  readonly logZ: number;
  /** log R of every batch, nats, in lexicographic order. */
  readonly logReward: Float64Array;
  /** P of every batch, in the same order. */
  readonly probabilities: Float64Array;
}

/** Normalises log rewards (nats). */
export const targetOf = (logReward: Float64Array): Target => {
  const logZ = logSumExp(logReward);
  return { logZ, logReward, probabilities: logReward.map((log) => Math.exp(log - logZ)) };
};

/** The target of a problem, all C(N, b) batches of it. */
export const exactTarget = ({ whitened, batchSize, temperature }: Problem): Target => {
  const batches = subsetsOf(whitened.rows, batchSize);
  const logReward = new Float64Array(batches.length / batchSize);
  for (let i = 0; i < logReward.length; i++)
    logReward[i] =
      jointMutualInformation(whitened, batches.subarray(i * batchSize, (i + 1) * batchSize)) / temperature;
  return targetOf(logReward);
};
