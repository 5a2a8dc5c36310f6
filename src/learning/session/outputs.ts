/**
 * By what is a batch for several targets chosen? By a surrogate of each, fitted to its own labels; a point whose label of one is known
 * is asked for the others (learning/outputs.ts). No policy is kept: their features are those of several posteriors, which no policy is
 * turned from one to the next of.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import type { Failure } from '../../failure.js';
import type { WorkControl } from '../../work.js';
import { type Expectation, expectationOf } from '../expectation.js';
import type { FittedForBatch } from '../fit-for-batch.js';
import type { Output } from '../outputs.js';
import { fittedGiven } from './posterior.js';
import type { Session } from './session.js';
import { labelsByTarget, targetsOf } from './targets.js';

/** One of the targets of a session: its posterior over the pool, the points of it whose label is known, and what was fitted. */
export interface SessionOutput extends Required<Output> {
  readonly target: string;
  /** How many labels it has. */
  readonly labelled: number;
  readonly fitted: FittedForBatch;
}

/** The surrogate of each target, over rows of the pool. Fails as fitting does. */
export const outputsOver = (
  session: Session,
  pool: readonly number[],
  control?: WorkControl,
): TE.TaskEither<Failure, readonly SessionOutput[]> => {
  const all = labelsByTarget(session);
  return pipe(
    targetsOf(session.start),
    TE.traverseSeqArrayWithIndex((j, target) => {
      const labels = at(all, j);
      return pipe(
        fittedGiven(session, { labels }, pool, control),
        TE.map(({ fitted, posterior }) => ({
          ...{ target, labelled: labels.size, fitted, posterior },
          known: Uint8Array.from(pool, (row) => (labels.has(row) ? 1 : 0)),
        })),
      );
    }),
  );
};

/** What a batch is expected to do for predictions of each target whose labels have a say. */
export const expectedOutputs = (
  outputs: readonly SessionOutput[],
  indices: readonly number[],
): readonly { readonly target: string; readonly expected: Expectation }[] =>
  outputs
    .filter(({ fitted }) => !fitted.coldStart)
    .map(({ target, posterior }) => ({ target, expected: expectationOf(posterior, indices) }));
