/**
 * A certificate: how far from the target is a chain after t updates? With τ the update of X at which a pair of chains with
 * lag L met (coupling.ts),
 *
 *   TV(law of X_t, target) ≤ E max(0, ⌈(τ − L − t) / L⌉)
 *
 * (Biswas, Jacob and Vanetti 2019, arXiv 1905.09971). The mean is over R pairs, which do not see what happens to less than one
 * in R: one pair more is counted that is not met by then, (1 + Σ) / (R + 1), as in Monte Carlo tests (Phipson and Smyth 2010).
 * A pair that has not met when its time was over gives no bound.
 */

/** What pairs of chains say of a sampler. */
export interface Certificate {
  /** A bound of the total variation of each draw from its target, in [0, 1]; 1 where pairs did not meet. */
  readonly totalVariation: number;
  /** Updates that a chain had made before its first draw. */
  readonly updates: number;
  /** Pairs of chains that the bound is a mean over. */
  readonly pairs: number;
}

/** The meeting of a pair: the update of X, or Infinity. */
export type MeetingTime = number;

/** The bound after t updates, from at least one pair. */
export const boundAfter = (meetings: readonly MeetingTime[], lag: number, t: number): number => {
  const total = meetings.reduce((sum, tau) => sum + Math.max(0, Math.ceil((tau - lag - t) / lag)), 0);
  return Math.min(1, (1 + total) / (meetings.length + 1));
};

/** The updates after which no pair was still apart; Infinity where one is. */
export const lastMeeting = (meetings: readonly MeetingTime[], lag: number): number =>
  Math.max(0, ...meetings.map((tau) => tau - lag));
