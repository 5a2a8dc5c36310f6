/**
 * Correction: drawn batches that follow the target although the policy is not exact yet.
 *
 * A drawn trajectory τ has the weight w = R · P_B / P_F. Both methods work on whole trajectories, whose target R · P_B / Z
 * has the wanted distribution of batches as its marginal.
 *
 *  - Independence Metropolis–Hastings (Tierney 1994): a chain that moves to the next draw with probability
 *    min(1, w' / w) and else stays. Its stationary distribution is the target; its draws are not independent.
 *  - Sampling-importance-resampling (Rubin 1988): draws with replacement in proportion to w; exact as the number of
 *    draws that it chooses from grows.
 */
import { at } from '../at.js';
import { bits, split, uniforms, type Key } from '../random/key.js';
import { estimatesOf } from './estimates.js';

/** Corrected draws, as positions in the draws that were given. */
export interface Corrected {
  /** Which draw stands at each position. */
  readonly positions: Uint32Array;
  /** The part of proposals that were accepted; of resampling, the part of draws that were chosen at least once. */
  readonly acceptance: number;
  /** Effective sample size of the weights, as a fraction of the draws. */
  readonly effectiveSampleSize: number;
}

/** Log weights with a refusal of what no correction can use. */
const checked = (name: string, logWeights: Float64Array): Float64Array => {
  if (logWeights.length === 0) throw new RangeError(`${name}: no draws; draw at least one batch`);
  if (logWeights.some((log) => Number.isNaN(log) || log === Infinity))
    throw new RangeError(`${name}: a log weight is NaN or infinite; check log P_F and log R of the draws`);
  return logWeights;
};

/**
 * The chain through the draws in their order, started at the first: n positions from n log weights (nats). Throws a
 * RangeError for no draws or weights that are NaN. The same key gives the same chain.
 */
export const metropolisHastings = (logWeights: Float64Array, key: Key): Corrected => {
  const logs = checked('metropolisHastings', logWeights);
  const coins = uniforms(key, logs.length);
  const positions = new Uint32Array(logs.length);
  let accepted = 0;
  for (let i = 1; i < logs.length; i++) {
    const current = positions[i - 1] ?? -1;
    const moves = Math.log(coins[i] ?? 1) < (logs[i] ?? -Infinity) - (logs[current] ?? -Infinity);
    positions[i] = moves ? i : current;
    if (moves) accepted++;
  }
  return {
    positions,
    acceptance: logs.length > 1 ? accepted / (logs.length - 1) : 1,
    effectiveSampleSize: estimatesOf(logs).effectiveSampleSize,
  };
};

/**
 * `count` positions drawn in proportion to the weights by systematic positions (one uniform number for all, Kitagawa 1996),
 * in random order. Throws as {@link metropolisHastings} does.
 */
export const resample = (logWeights: Float64Array, count: number, key: Key): Corrected => {
  const logs = checked('resample', logWeights);
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logs.reduce((sum, log) => sum + Math.exp(log - largest), 0);
  const start = at(uniforms(split(key, 0), 1), 0);
  const chosen = new Uint32Array(count);
  let draw = 0;
  let reached = Math.exp(at(logs, 0) - largest) / total;
  for (let i = 0; i < count; i++) {
    const aim = (i + start) / count;
    while (reached < aim && draw < logs.length - 1)
      reached += Math.exp((logs[++draw] ?? NaN) - largest) / total;
    chosen[i] = draw;
  }
  // Neighbouring positions hold the same draw; whoever takes the first few should not get copies of one.
  const order = bits(split(key, 1), count);
  const positions = chosen.map((_, i) => i).sort((a, b) => at(order, a) - at(order, b));
  return {
    positions: positions.map((i) => at(chosen, i)),
    acceptance: new Set(chosen).size / logs.length,
    effectiveSampleSize: estimatesOf(logs).effectiveSampleSize,
  };
};
