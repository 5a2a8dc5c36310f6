/**
 * A batch that is changed in place: what Gibbs updates and searches by exchange need of a utility U. Where `Growing`
 * (utility.ts) grows batches from nothing and is immutable, this adds, removes and replaces single points of a batch that is
 * there, and tells what every point would be worth in place of a member.
 */
import type { Growing } from './utility.js';

/** A batch s of different points in places 0 … k − 1. Mutable: whoever made it owns it. */
export interface MutableBatch {
  /** The members by place. Read only. */
  readonly members: readonly number[];
  /** U(s). */
  readonly utility: () => number;
  /**
   * U(s ∖ m + n) − U(s ∖ m) of all N points n, m the member at a place, or U(s + n) − U(s) for the place −1; into `out` [N],
   * −∞ for what stays in the batch. Of the member that is left out it is what that brings. Points that lie more than `depth`
   * below the largest may be given as −∞: what a draw never takes need not be computed.
   */
  readonly gains: (place: number, out: Float64Array, depth?: number) => void;
  /** s ∖ m + n, at the place of m. n is not in s ∖ m. */
  readonly replace: (place: number, n: number) => void;
  /** s + n, at the end. n is not in s. */
  readonly add: (n: number) => void;
  /** s ∖ m: the last member takes its place. */
  readonly remove: (place: number) => void;
  /** Another batch in its stead, whatever it held. */
  readonly set: (members: readonly number[]) => void;
  /** How often U has been evaluated for it, where gains come from evaluations of U; 0 where they are cheap. */
  readonly evaluations: () => number;
}

/** The members with what changes them; `changed` is told after each change. */
export const memberList = (initial: readonly number[]) => {
  const members = [...initial];
  return {
    members: members as readonly number[],
    replace: (place: number, n: number): void => {
      members[place] = n;
    },
    add: (n: number): void => {
      members.push(n);
    },
    remove: (place: number): void => {
      const last = members.pop();
      if (last !== undefined && place < members.length) members[place] = last;
    },
    set: (next: readonly number[]): void => {
      members.splice(0, members.length, ...next);
    },
  };
};

/**
 * A batch by the growth of its utility: a member is left out by growing the others anew, k − 1 steps. For utilities whose
 * gains are cheaper than N evaluations of U, but which know no way back (class labels).
 */
export const growthBatch = (
  empty: Growing,
  utility: (members: readonly number[]) => number,
  initial: readonly number[],
): MutableBatch => {
  const list = memberList(initial);
  return {
    ...list,
    utility: () => utility(list.members),
    gains: (place, out) => {
      const others = list.members.filter((_, i) => i !== place);
      out.set(others.reduce((state, n) => state.with(n), empty).gains());
      for (const n of others) out[n] = -Infinity;
    },
    evaluations: () => 0,
  };
};
