/**
 * The best batch near a given one: each member in turn gives way to the point that would bring most there, until no
 * exchange of a single point raises U. For a fixed size; each round takes b conditionals (reward/mutable-batch.ts).
 *
 * Source: Fedorov, Theory of optimal experiments (1972), exchange algorithms; as local search for determinants, Civril and
 * Magdon-Ismail (2009).
 */
import type { Utility } from '../reward/utility.js';
import type { Work } from '../work.js';

/** A batch that no exchange of one point improves. */
export interface Exchanged {
  readonly members: readonly number[];
  /** U of it: never below that of the batch it began with, but for rounding. */
  readonly utility: number;
  /** Exchanges made. */
  readonly exchanges: number;
}

/** What an exchange must bring, as a part of |U|: less is rounding. */
const minImprovement = 1e-12;

/** Rounds after which it ends all the same; some five are made. */
const maxRounds = 100;

/** The search as work (work.ts). Nothing in it is random. */
export function* exchanged(
  { points, batchFrom }: Pick<Utility, 'points' | 'batchFrom'>,
  members: readonly number[],
): Work<Exchanged> {
  const batch = batchFrom(members);
  const gains = new Float64Array(points);
  const size = members.length;
  const enough = minImprovement * Math.max(1, Math.abs(batch.utility()));
  let exchanges = 0;
  for (let round = 0, idle = 0; round < maxRounds && idle < size; round++)
    for (let position = 0; position < size && idle < size; position++) {
      batch.gains(position, gains);
      let best = batch.members[position] ?? -1;
      const own = gains[best] ?? -Infinity;
      gains.forEach((gain, n) => {
        if (gain > (gains[best] ?? -Infinity)) best = n;
      });
      idle++;
      if ((gains[best] ?? -Infinity) > own + enough) {
        batch.replace(position, best);
        exchanges++;
        idle = 1;
      }
      yield { stage: 'improving', done: round, total: maxRounds };
    }
  return { members: [...batch.members], utility: batch.utility(), exchanges };
}
