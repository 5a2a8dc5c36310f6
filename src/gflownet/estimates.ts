/**
 * What drawn trajectories say of a sampler. With log w = log R + log P_B − log P_F of each trajectory (nats),
 *
 *   ELBO = mean log w ≤ log Z        log Z ≈ log mean w (importance sampling)        ESS = (Σ w)² / (n Σ w²)
 *
 * The three agree, and ESS is 1, where the policy samples in proportion to R · P_B. They are over trajectories, which are batches
 * with an order, and see none that the policy leaves out: mean w is Z in expectation only where it covers them all, and else
 * the part of Z that it covers. Of a policy that draws the right batches in half of their orders ESS is 1 and log Z low by
 * log 2. The EUBO tells (src/verify/eubo.ts).
 */

/** Estimates from n trajectories. */
export interface Estimates {
  /** Mean log weight, nats: a lower bound of log Z in expectation. */
  readonly elbo: number;
  /** Importance-sampling estimate of log Z, nats. */
  readonly logZ: number;
  /** Effective sample size as a part of n, in (0, 1]. */
  readonly effectiveSampleSize: number;
}

/** Estimates from log weights (nats). Throws a RangeError for none. */
export const estimatesOf = (logWeights: ArrayLike<number>): Estimates => {
  const n = logWeights.length;
  if (n === 0) throw new RangeError('estimatesOf: no trajectories; draw at least one');
  const logs = Array.from(logWeights);
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  let total = 0;
  let squares = 0;
  let mean = 0;
  for (const log of logs) {
    const weight = Math.exp(log - largest);
    total += weight;
    squares += weight * weight;
    mean += log / n;
  }
  return {
    elbo: mean,
    logZ: largest + Math.log(total / n),
    effectiveSampleSize: (total * total) / (n * squares),
  };
};
