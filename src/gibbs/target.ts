/**
 * The distribution of batches that this room draws from, at an inverse temperature β:
 *
 *   π_β(B) ∝ exp( β (U(B) − cost · |B|) ),    m ≤ |B| ≤ b
 *
 * by what single points would be worth in a batch that is there (reward/mutable-batch.ts). β = 1/T.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import { membersOf, requireKey, requireWhole } from '../misuse.js';
import type { Key } from '../random/key.js';
import type { Utility } from '../reward/utility.js';

/** What is drawn from, whatever the temperature. */
export interface BatchTarget {
  readonly utility: Pick<Utility, 'points' | 'value' | 'batchFrom'>;
  /** Φ [N×D] where U is their joint mutual information: other threads can then make it anew. Not told if left out. */
  readonly features?: Matrix;
  /** b, from 1 to N: the size of batches, the largest where they vary. */
  readonly batchSize: number;
  /** m, from 1 to b; b if left out. */
  readonly smallestBatch?: number;
  /** In the unit of U; 0 if left out. */
  readonly pointCost?: number;
}

/** Throws unless a target is one of batches of at least one point and at most all, and there are options with a key. */
export const requireTarget = (where: string, target: BatchTarget, options: { readonly key: Key }): void => {
  const { utility } = membersOf(where, 'target', target, 'what gibbsTargetOf gives');
  const { points } = membersOf(where, 'target.utility', utility, 'what gibbsTargetOf gives');
  requireWhole(where, 'target.batchSize', target.batchSize, 1, Number(points));
  requireKey(where, 'options.key', membersOf(where, 'options', options, '{ key } at least')['key']);
};

/** Whether the pool is large, N · b above 10⁴: then less is done by default. */
export const isLarge = ({ utility, batchSize }: BatchTarget): boolean => utility.points * batchSize > 10_000;

/** U(B) − cost · |B|. */
export const valueOf = ({ pointCost = 0 }: BatchTarget, utility: number, size: number): number =>
  utility - pointCost * size;
