/** A way to draw batches, as the bench of samplers sees it: what it makes of one cell (cell.ts). */
import type * as TE from '#fp-ts/TaskEither';
import { utilityOfScored } from '../../acquisition/scored-pool.js';
import type { Failure } from '../../failure.js';
import type { Cell } from './cell.js';
import type { DrawnRecord } from './record.js';

/** What a way makes of a cell, beside what its record says of the cell. */
export interface Measured extends Pick<
  DrawnRecord,
  | 'draws'
  | 'logPartition'
  | 'elbo'
  | 'eubo'
  | 'effectiveSampleSize'
  | 'totalVariation'
  | 'evaluations'
  | 'iterations'
  | 'seconds'
> {
  readonly utility: Pick<DrawnRecord['utility'], 'best' | 'mean'>;
}

/** A way to draw. */
export interface Way {
  readonly name: string;
  /** Whether it has draws of a cell. */
  readonly has: (cell: Cell) => boolean;
  readonly measure: (cell: Cell) => TE.TaskEither<Failure, Measured>;
}

/** What there is not of a way without a policy. */
export const untrained = {
  ...{ logPartition: null, elbo: null, eubo: null, effectiveSampleSize: null, totalVariation: null },
  iterations: 0,
};

/** Evaluations of U since some moment. */
export const since = ({ evaluations }: Cell, before: number | null): number | null => {
  const now = evaluations();
  return before === null || now === null ? null : now - before;
};

/** The best and the mean utility of batches by the cell's reward, in nats. */
export const meanAndBest = (cell: Cell, batches: readonly (readonly number[])[]) => {
  const utilities = batches.map((batch) => utilityOfScored(cell.context.scoredPool.scored(batch)));
  return {
    best: utilities.reduce((a, b) => Math.max(a, b), -Infinity),
    mean: utilities.reduce((sum, u) => sum + u / utilities.length, 0),
  };
};
