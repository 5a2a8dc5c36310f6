/**
 * What is known after some batches of an experiment were labelled? The surrogate fitted on all labels, or the prior where they say
 * nothing, and the rows left.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { clock } from '../../clock.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { type Matrix, rowsAt } from '../../linear-algebra/matrix.js';
import type { WorkControl } from '../../work.js';
import type { Posterior } from '../../surrogate/posterior.js';
import type { FittedSurrogate } from '../../surrogate/surrogate.js';
import type { Beginning } from '../cold-strategy.js';
import { fitForBatch, isBatchSurrogateOfClasses } from '../fit-for-batch.js';
import type { Experiment, SplitData } from './experiment.js';
import { labelledRows, targetsOf } from './labelled-rows.js';

/** Rows are 0-based, in the experiment's table. */
export interface State {
  /** In the order in which they were labelled. */
  readonly labelled: readonly number[];
  /** Those that may be asked for, in the order of the pool. */
  readonly left: readonly number[];
  /** A surrogate of each target: of several, independent ones. */
  readonly fits: readonly FittedSurrogate[];
  /** Of a cold start the fits are the prior of numbers, whatever labels are of. */
  readonly beginning: Beginning;
  readonly fitSeconds: number;
}

/**
 * The state after batches of the pool; networks are trained on the engine. `control` watches and stops the fit. Fails as the
 * surrogate does.
 */
export const stateAfter = (
  engine: Engine,
  { surrogate }: Experiment,
  data: SplitData,
  batches: readonly (readonly number[])[],
  control?: WorkControl,
): TE.TaskEither<Failure, State> => {
  const taken = new Set(batches.flat());
  const labelled = [...data.labelled, ...batches.flat()];
  const left = data.pool.filter((row) => !taken.has(row));
  const rows = labelledRows(data.table, labelled);
  const { inputs } = rows;
  const pool = rowsAt(data.table.inputs, left);
  return pipe(
    TE.fromIO<number, Failure>(clock),
    TE.bindTo('started'),
    TE.bind('fits', () =>
      pipe(
        targetsOf(rows),
        TE.traverseSeqArray((targets) =>
          fitForBatch(surrogate, { inputs, targets, pool }, { engine, control }),
        ),
      ),
    ),
    TE.map(({ fits, started }) => ({
      ...{ labelled, left, fits },
      beginning: {
        coldStart: fits.every(({ coldStart }) => coldStart),
        ofClasses: isBatchSurrogateOfClasses(surrogate),
      },
      fitSeconds: clock() - started,
    })),
  );
};

/** The posterior of each target at rows of inputs. Fails as the surrogate does. */
export const posteriorsAt = (
  fits: State['fits'],
  inputs: Matrix,
): TE.TaskEither<Failure, readonly Posterior[]> =>
  pipe(
    fits,
    TE.traverseSeqArray((fitted) => fitted.posterior(inputs)),
  );
