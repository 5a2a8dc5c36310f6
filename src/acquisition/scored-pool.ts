/**
 * What is a batch worth to a strategy? By the reward that it was asked for, beside the joint mutual information that every
 * report tells.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import { information } from '../reward/information.js';
import type { ScoredBatch } from '../reward/exact.js';
import type { Reward, Utility } from '../reward/utility.js';
import type { Posterior } from '../surrogate/posterior.js';

/** A posterior's pool by a reward. */
export interface ScoredPool {
  readonly reward: Reward;
  readonly utility: Utility;
  /** A batch with its JMI in nats, and its utility where that is something else. */
  readonly scored: (indices: readonly number[]) => ScoredBatch;
}

/** The same text for the same points in any order. */
export const batchName = (batch: readonly number[]): string => batch.toSorted((n, m) => n - m).join();

/** A function of batches that looks at each batch once. */
const remembered = (of: Utility['value']): Utility['value'] => {
  const known = new Map<string, number>();
  return (batch) => {
    const name = batchName(batch);
    const before = known.get(name);
    if (before !== undefined) return before;
    const own = of(batch);
    known.set(name, own);
    return own;
  };
};

/** A utility of which what is asked again is not computed again, where that takes long. */
const quick = (utility: Utility): Utility =>
  utility.programmed === undefined ? utility : { ...utility, value: remembered(utility.value) };

/** The pool of a posterior by a reward, joint mutual information if none is given. */
export const scoredPoolOf = (posterior: Posterior, reward: Reward = information): ScoredPool => {
  const utility = quick(reward.utilityFor(posterior));
  const told = reward === information ? utility : quick(information.utilityFor(posterior));
  return {
    reward,
    utility,
    scored: (indices) => ({
      indices,
      jointMutualInformation: told.value(indices),
      ...(reward === information ? {} : { utility: utility.value(indices) }),
    }),
  };
};

/** What policies see of a posterior's points by a reward, N×D. */
export const proxyFeaturesOf = (posterior: Posterior, reward: Reward = information): Matrix =>
  reward === information ? posterior.whitened : reward.utilityFor(posterior).proxyFeatures;

/** U of a scored batch: its JMI where it says nothing else. */
export const utilityOfScored = ({ jointMutualInformation, utility }: ScoredBatch): number =>
  utility ?? jointMutualInformation;
