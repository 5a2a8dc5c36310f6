/**
 * Do draws that are corrected by independence Metropolis–Hastings follow the target? The chain through them (Tierney 1994,
 * src/gflownet/correction.ts) does so whether or not training is finished, if log P_F, log P_B and log R are right; so its
 * inclusion frequencies are tested against the exact ones.
 *
 * Its places are not independent: a draw that is accepted stays for a run of r places. With n places in such runs, the mean
 * of what does not hang on the weights has the variance of n / τ independent draws,
 *
 *   τ = Σ r² / n        the sum over runs: 1 where every draw is accepted, and as long as the longest run where one is stuck
 *
 * and the test takes blocks of 10 τ places as independent (src/verify/inclusion-test.ts). The first block is left out: it
 * has to forget that the chain starts at a draw of the policy.
 */
import { metropolisHastings } from '../gflownet/correction.js';
import { batchesOf, type Draws } from '../gflownet/sample.js';
import type { Key } from '../random/key.js';
import type { TestResult } from './goodness-of-fit.js';
import { inclusionTest } from './inclusion-test.js';

/** A chain through drawn batches. */
export interface CorrectedDraws {
  /** The part of proposals that were accepted. */
  readonly acceptance: number;
  /** The test of its inclusion frequencies; null where nothing exact is known, or the draws are too few for the chain. */
  readonly inclusion: TestResult | null;
}

/** Fewest blocks that are tested. Of 1,000 chains of 100 blocks, five to thirteen had p < 0.01 (pools of 30 and 80 points). */
const fewestBlocks = 100;

/** τ of a chain, in places, from which draw stands at each. */
export const forgettingTime = (positions: ArrayLike<number>): number => {
  let squares = 0;
  let run = 0;
  for (let i = 0; i < positions.length; i++) {
    run = i > 0 && positions[i] === positions[i - 1] ? run + 1 : 1;
    // r² grows by 2 r − 1 with the r-th place.
    squares += 2 * run - 1;
  }
  return squares / positions.length;
};

/**
 * The chain through draws, and how it agrees with exact inclusion probabilities P(n ∈ B) of the pool, which are asked for
 * only where the draws suffice. The same key gives the same chain.
 */
export const correctedDraws = (
  draws: Draws,
  inclusion: (() => Float64Array) | undefined,
  key: Key,
): CorrectedDraws => {
  const { positions, acceptance } = metropolisHastings(draws.logWeights, key);
  const blockLength = Math.ceil(10 * forgettingTime(positions));
  const enough = draws.count >= (fewestBlocks + 1) * blockLength;
  if (inclusion === undefined || !enough) return { acceptance, inclusion: null };
  const batches = batchesOf(draws);
  const chain = Array.from(positions.subarray(blockLength), (at) => batches[at] ?? []);
  return { acceptance, inclusion: inclusionTest(chain, inclusion(), { blockLength }) };
};
