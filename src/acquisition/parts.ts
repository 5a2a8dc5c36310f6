/**
 * Which points of one part of a pool can matter to a batch of the whole? The candidates of candidates.ts, among the part alone:
 * its greedy batch and the points next to it in rank, and as many at random. The parts of a pool may be looked at anywhere; the
 * batch is then chosen among the candidates of all of them, as in GreeDi, whose first step keeps the greedy batch of each part.
 *
 * What that can lose: let g_k be the gain of the k-th point that greedy takes among the candidates, and m the largest
 * gain(n | ∅) = ½ log(1 + |φ_n|²) nats of a point that is none of them. Gains are submodular: no point of the pool has a larger gain
 * than max(g_k, m) when the k-th is taken, so that from OPT − U(s_k) ≤ b (g_k + δ_k) with δ_k = max(0, m − g_k)
 *
 *   U(greedy among candidates) ≥ (1 − 1/e) OPT − Σ_k δ_k
 *
 * where greedy of the whole pool has no sum. 0 where every gain that greedy takes is above m.
 *
 * Sources: Mirzasoleiman, Karbasi, Sarkar and Krause, Distributed submodular maximization (2016, arXiv 1411.0541); the bound, by the
 * argument of Nemhauser, Wolsey and Fisher (1978).
 */
import { candidateIndices, type CandidateOptions } from './candidates.js';
import { priorVariancesOf } from '../reward/gram.js';
import type { Posterior } from '../surrogate/posterior.js';

/** What is kept of a part. */
export interface PartCandidates {
  /** Of its points, ascending. */
  readonly indices: readonly number[];
  /** m: the largest gain by itself, nats, of a point that is not kept; 0 where all are. */
  readonly mostLeft: number;
}

/** The candidates of a part by its posterior: M of them, or all. Throws a RangeError as candidateIndices does. */
export const candidatesOfPart = (
  { whitened }: Pick<Posterior, 'whitened'>,
  options: Pick<CandidateOptions, 'count' | 'batchSize' | 'key'>,
): PartCandidates => {
  const indices = candidateIndices(whitened, options);
  const kept = new Set(indices);
  const largest = priorVariancesOf(whitened).reduce(
    (most, v, n) => (kept.has(n) ? most : Math.max(most, v)),
    0,
  );
  return { indices, mostLeft: 0.5 * Math.log1p(largest) };
};

/** Σ_k δ_k in nats, by the gains of greedy's points in the order chosen, and m of all parts. */
export const lossBound = (gains: readonly number[], mostLeft: number): number =>
  gains.reduce((sum, gain) => sum + Math.max(0, mostLeft - gain), 0);
