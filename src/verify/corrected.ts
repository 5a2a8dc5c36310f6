/**
 * Do draws that are corrected by independence Metropolis–Hastings follow the target? The chain through them (Tierney 1994,
 * src/gflownet/correction.ts) does so whether or not training is finished, if log P_F, log P_B and log R are right; so its
 * inclusion frequencies are tested against the exact ones, or against those of certified Gibbs draws.
 *
 * Its places are not independent: a draw that is accepted stays for a run of r places. With n places in such runs, the mean
 * of what does not hang on the weights has the variance of n / τ independent draws,
 *
 *   τ = Σ r² / n        the sum over runs: 1 where every draw is accepted, and as long as the longest run where one is stuck
 *
 * and the test takes blocks of 10 τ places as independent (src/verify/inclusion-test.ts). The first block is left out: it
 * has to forget that the chain starts at a draw of the policy.
 *
 * Gibbs draws of one chain are not independent either, but their chains are: each is a block, beside one of the
 * Metropolis–Hastings chain, which is cut into as many.
 */
import { metropolisHastings } from '../gflownet/correction.js';
import { batchesOf, type Draws } from '../gflownet/sample.js';
import type { Key } from '../random/key.js';
import type { TestResult } from './goodness-of-fit.js';
import { inclusionTest, twoSampleInclusionTest } from './inclusion-test.js';
import type { TargetAnswer } from './target-answer.js';

/** A chain through drawn batches. */
export interface CorrectedDraws {
  /** The part of proposals that were accepted. */
  readonly acceptance: number;
  /** The test of its inclusion frequencies; null where the target is not known, or the draws are too few for the chain. */
  readonly inclusion: TestResult | null;
}

/** What a chain is held against. */
export type Reference = Pick<TargetAnswer, 'batches' | 'certificate' | 'inclusion'>;

/** Fewest blocks that are tested. Of 1,000 chains of 100 blocks, five to thirteen had p < 0.01 (pools of 30 and 80 points). */
const fewestBlocks = 100;

/**
 * Fewest beside Gibbs chains, and so the fewest of these. Of 1,000 pairs of samples of 16, 32 and 64 independent blocks four to
 * eight had p < 0.01, 29 to 50 p < 0.05 (pools of 30 and 80 points).
 */
const minChains = 16;

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

const blockLengthOf = (positions: ArrayLike<number>): number => Math.ceil(10 * forgettingTime(positions));

/** Draws that a test wants: as many blocks as it takes at least, one to forget, and half as many more. */
export const drawsForTest = (
  draws: Draws,
  { certificate }: Pick<Reference, 'certificate'>,
  key: Key,
): number => {
  const blocks = certificate === null ? fewestBlocks : minChains;
  return Math.ceil(1.5 * (blocks + 1) * blockLengthOf(metropolisHastings(draws.logWeights, key).positions));
};

type Batches = readonly (readonly number[])[];

/** The chain against Gibbs chains; null where one of the two has too few blocks. */
const againstChains = (
  chain: Batches,
  batches: Batches,
  chains: number,
  blockLength: number,
  poolSize: number,
): TestResult | null => {
  const per = Math.floor(batches.length / chains);
  const blocks = Math.min(chains, Math.floor(chain.length / blockLength));
  if (per < 1 || blocks < minChains) return null;
  return twoSampleInclusionTest(
    chain,
    Array.from({ length: blocks * per }, (_, i) => batches[Math.floor(i / per) + chains * (i % per)] ?? []),
    poolSize,
    { blockLength: per, firstBlockLength: Math.floor(chain.length / blocks) },
  );
};

/**
 * How often each point is in batches that are to follow the target, consecutive blocks of which are independent. Null where
 * there are too few blocks, or too few Gibbs chains beside them.
 */
export const inclusionAgainst = (
  { batches, certificate, inclusion }: Reference,
  chain: Batches,
  blockLength: number,
  poolSize: number,
): TestResult | null => {
  if (certificate !== null) return againstChains(chain, batches, certificate.pairs, blockLength, poolSize);
  if (chain.length < fewestBlocks * blockLength) return null;
  return inclusionTest(
    chain,
    inclusion().map(({ mean }) => mean),
    { blockLength },
  );
};

/** The chain through draws, and how it agrees with what is known of the target. The same key gives the same chain. */
export const correctedDraws = (draws: Draws, reference: Reference | undefined, key: Key): CorrectedDraws => {
  const { positions, acceptance } = metropolisHastings(draws.logWeights, key);
  if (reference === undefined) return { acceptance, inclusion: null };
  const blockLength = blockLengthOf(positions);
  const all = batchesOf(draws);
  const chain = Array.from(positions.subarray(blockLength), (at) => all[at] ?? []);
  return { acceptance, inclusion: inclusionAgainst(reference, chain, blockLength, draws.poolSize) };
};
