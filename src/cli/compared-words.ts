/** How did a batch come about, and what is it worth beside greedy's? */
import type { BatchReport } from './batch-report.js';

/** Nats to four places. */
export const nats = (value: number): string => value.toFixed(4);

/** The proposed batch in words: where it came from. */
export const batchInWords = ({
  improvement,
  drawn: { mean, best, count },
}: {
  readonly improvement: BatchReport['improvement'];
  readonly drawn: Pick<BatchReport['drawn'], 'mean' | 'best' | 'count'>;
}): string => {
  // Of strategies without chance in them all draws are one batch: their mean is it, but for rounding.
  const from =
    improvement?.from === 'greedy'
      ? ', greedy’s'
      : Math.abs(best - mean) <= 1e-12 * Math.abs(best)
        ? ''
        : `, the best of ${count} drawn`;
  const exchanges = improvement?.exchanges ?? 0;
  return `this batch${from}${exchanges === 0 ? '' : `, improved by ${exchanges} exchange${exchanges === 1 ? '' : 's'}`}`;
};

/** A batch beside greedy's, by the reward too where that is another one; within a budget greedy by gain is not the only greedy. */
export const comparedInWords = (
  of: Parameters<typeof batchInWords>[0] &
    Pick<BatchReport, 'jointMutualInformation' | 'utility' | 'reward' | 'limits'> & {
      readonly greedy: Omit<BatchReport['greedy'], 'rows'>;
    },
): readonly (readonly string[])[] => {
  const { jointMutualInformation, utility, greedy, reward, limits } = of;
  const best = batchInWords(of);
  return reward === undefined
    ? [
        [best, nats(jointMutualInformation)],
        [
          limits?.cost === undefined ? 'greedy BatchBALD' : 'greedy by gain alone',
          nats(greedy.jointMutualInformation),
        ],
      ]
    : [
        ['', reward.name, 'information'],
        [best, nats(utility ?? NaN), nats(jointMutualInformation)],
        [
          limits?.cost === undefined ? 'greedy by the reward' : 'greedy by gain alone',
          nats(greedy.utility ?? NaN),
          nats(greedy.jointMutualInformation),
        ],
      ];
};
