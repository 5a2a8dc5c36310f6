/** How often is a utility evaluated? Where gains take evaluations of U, all that host code asks for is counted. */
import type { MutableBatch } from '../../reward/mutable-batch.js';
import type { PartialBatch, Reward, Utility } from '../../reward/utility.js';

/** A reward on one posterior, and its evaluations so far; null where its gains are cheaper than evaluations. */
export interface Counted {
  readonly reward: Reward;
  readonly evaluations: () => number | null;
}

/** The reward of a utility, counted. One whose gains are cheap is given back as it is. */
export const counted = (reward: Reward, utility: Utility): Counted => {
  const probe = utility.batchFrom([0]);
  probe.gains(0, new Float64Array(utility.points));
  if (probe.evaluations() === 0) return { reward, evaluations: () => null };
  let context = 0;
  const batches: MutableBatch[] = [];
  const partial = (state: PartialBatch): PartialBatch => ({
    chosen: state.chosen,
    gains: () => {
      context += utility.points - state.chosen.length;
      return state.gains();
    },
    with: (n) => partial(state.with(n)),
  });
  const watched: Utility = {
    ...utility,
    value: (batch) => {
      context++;
      return utility.value(batch);
    },
    empty: partial(utility.empty),
    batchFrom: (members) => {
      const batch = utility.batchFrom(members);
      batches.push(batch);
      return batch;
    },
  };
  return {
    reward: { name: reward.name, unit: reward.unit, utilityFor: () => watched },
    evaluations: () => context + batches.reduce((sum, batch) => sum + batch.evaluations(), 0),
  };
};
