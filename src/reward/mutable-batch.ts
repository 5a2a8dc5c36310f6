/**
 * A batch that is changed in place: what Gibbs updates and searches by exchange need of a utility U. Where `PartialBatch`
 * (utility.ts) grows batches from nothing and is immutable, this adds, removes and replaces single points of a batch that is
 * there, and tells what every point would be worth in place of a member.
 */

/** What may stand at a position of a batch, and how likely: a scratch of N numbers. */
export interface Conditional {
  /** exp(β (gain − largest gain)) of all points; 0 for those that cannot be drawn. Their sum is `total`. */
  readonly weights: Float64Array;
  readonly total: number;
  /** The largest gain, in the unit of U. */
  readonly largest: number;
}

/** Weights below e^−40 of the largest are taken to be none: together less than what f64 tells apart, for any pool. */
export const weightDepth = 40;

/** A batch s of different points in positions 0 … k − 1. Mutable: whoever made it owns it. */
export interface MutableBatch {
  /** The members by position. Read only. */
  readonly members: readonly number[];
  /** U(s). */
  readonly utility: () => number;
  /**
   * U(s ∖ m + n) − U(s ∖ m) of all N points n, m the member at a position, or U(s + n) − U(s) for the position −1; into `out` [N],
   * −∞ for what stays in the batch. Of the member that is left out it is what that brings. Points that lie more than `depth`
   * below the largest may be given as −∞: what a draw never takes need not be computed.
   */
  readonly gains: (position: number, out: Float64Array, depth?: number) => void;
  /**
   * The law of what stands at a position at β ≥ 0 in one step ({@link conditionalByGains}), into `weights` [N]; left out where it
   * is no faster than by gains.
   */
  readonly conditional?: (position: number, beta: number, weights: Float64Array) => Conditional;
  /** s ∖ m + n, at the position of m. n is not in s ∖ m. */
  readonly replace: (position: number, n: number) => void;
  /** s + n, at the end. n is not in s. */
  readonly add: (n: number) => void;
  /** s ∖ m: the last member takes its position. */
  readonly remove: (position: number) => void;
  /** Another batch in its stead, whatever it held. */
  readonly set: (members: readonly number[]) => void;
  /** How often U has been evaluated for it, where gains come from evaluations of U; 0 where they are cheap. */
  readonly evaluations: () => number;
}

/**
 * Weights of the points that may stand at a position of a batch, −1 for one more, into `weights` [N]; at β = 0 all that may are
 * equal.
 */
export const conditionalByGains = (
  gains: MutableBatch['gains'],
  position: number,
  beta: number,
  weights: Float64Array,
): Conditional => {
  gains(position, weights, beta > 0 ? weightDepth / beta : Infinity);
  let largest = -Infinity;
  for (const gain of weights) if (gain > largest) largest = gain;
  let total = 0;
  for (let n = 0; n < weights.length; n++) {
    const logit = beta * ((weights[n] ?? NaN) - largest);
    // At β = 0 the product with −∞ is NaN, which no comparison holds for.
    const weight = logit >= -weightDepth ? Math.exp(logit) : 0;
    weights[n] = weight;
    total += weight;
  }
  return { weights, total, largest };
};

/** The members with what changes them; `changed` is told after each change. */
export const memberList = (initial: readonly number[]) => {
  const members = [...initial];
  return {
    members: members as readonly number[],
    replace: (position: number, n: number): void => {
      members[position] = n;
    },
    add: (n: number): void => {
      members.push(n);
    },
    remove: (position: number): void => {
      const last = members.pop();
      if (last !== undefined && position < members.length) members[position] = last;
    },
    set: (next: readonly number[]): void => {
      members.splice(0, members.length, ...next);
    },
  };
};

/** What U is of some points, and of them with each of others. */
export interface JoinedUtilities {
  /** U(s). */
  readonly own: number;
  /** U(s + n) of each point n that was asked for. */
  readonly joined: Float64Array;
}

/** Where a batch takes its U from. */
export interface UtilitySource {
  readonly of: (batch: readonly number[]) => number;
  /** Of different points s in ascending order, and points n outside of them. */
  readonly utilities: (others: readonly number[], joining: readonly number[]) => JoinedUtilities;
  readonly evaluations: () => number;
}

/** Of what was last asked of a batch, so much is remembered. */
const rememberedNumbers = 2 ** 15;

/** What points are worth beside others, remembered by the others in ascending order, the oldest forgotten. */
const rememberedUtilities = (
  indices: readonly number[],
  utilities: UtilitySource['utilities'],
  indexOf: (i: number) => number,
) => {
  const remembered = new Map<string, JoinedUtilities>();
  const maxRemembered = Math.max(8, Math.floor(rememberedNumbers / indices.length));
  const ascendingOf = (others: readonly number[]): readonly number[] => others.toSorted((p, q) => p - q);
  return {
    /** As it is remembered, if it is. */
    known: (others: readonly number[]): JoinedUtilities | undefined =>
      remembered.get(ascendingOf(others).join()),
    /** Of all points, −∞ in place of what is one of the others. */
    found: (others: readonly number[]): JoinedUtilities => {
      const ascending = ascendingOf(others);
      const key = ascending.join();
      const before = remembered.get(key);
      if (before !== undefined) return before;
      const taken = new Set(ascending);
      const positions = Array.from(indices.keys()).filter((i) => !taken.has(indexOf(i)));
      const { own, joined } = utilities(ascending, positions.map(indexOf));
      const found = { own, joined: new Float64Array(indices.length).fill(-Infinity) };
      positions.forEach((i, at) => (found.joined[i] = joined[at] ?? NaN));
      if (remembered.size >= maxRemembered) {
        const [oldest] = remembered.keys();
        if (oldest !== undefined) remembered.delete(oldest);
      }
      remembered.set(key, found);
      return found;
    },
  };
};

/**
 * A batch whose gains take as much work as U of all points: class labels, a reward of one's own. Its points are positions among
 * `indices` of the pool that the source knows. What points are worth in place of a member is remembered, by the other members,
 * so that a chain that returns to a batch finds it known, and so is U of a batch that has been reached by it.
 */
export const batchFromSource = (
  indices: readonly number[],
  { of, utilities, evaluations }: UtilitySource,
  initial: readonly number[],
): MutableBatch => {
  const list = memberList(initial);
  const { members } = list;
  const indexOf = (i: number): number => indices[i] ?? -1;
  const remembered = rememberedUtilities(indices, utilities, indexOf);
  let known: number | undefined;

  const without = (position: number): readonly number[] =>
    members.filter((_, i) => i !== position).map(indexOf);

  return {
    members,
    utility: () => (known ??= of(members.map(indexOf))),
    gains: (position, out) => {
      const { own, joined } = remembered.found(without(position));
      for (let i = 0; i < out.length; i++) out[i] = (joined[i] ?? NaN) - own;
      const member = members[position];
      if (member !== undefined) known ??= joined[member];
    },
    replace: (position, n) => {
      known = remembered.known(without(position))?.joined[n];
      list.replace(position, n);
    },
    add: (n) => {
      known = remembered.known(without(-1))?.joined[n];
      list.add(n);
    },
    remove: (position) => {
      known = remembered.known(without(position))?.own;
      list.remove(position);
    },
    set: (next) => {
      known = undefined;
      list.set(next);
    },
    evaluations,
  };
};
