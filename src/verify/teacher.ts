/**
 * Draws from the target as its trajectories, and what they are good for: the evidence upper bound
 *
 *   EUBO = mean log w ≥ log Z,   w = R · P_B / P_F,   over batches that follow the target, in orders from the backward policy
 *
 * (Blessing et al. 2024, arXiv 2406.07423), and a teacher whom the policy imitates before it is trained
 * (src/gflownet/imitation.ts).
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { drawOrders } from '../gflownet/orders.js';
import { logReward } from '../gflownet/problem.js';
import { logRatiosOfOrders } from '../gflownet/sample.js';
import { startTraining } from '../gflownet/start.js';
import { imitate, type TrainingControl } from '../gflownet/train.js';
import { split, type Key } from '../random/key.js';
import type { TypedArray } from '../tensor/expression.js';
import { meanOverChains, type MonteCarlo } from './monte-carlo.js';
import type { TargetDraws } from './target-answer.js';
import type { Trained } from './trained.js';

/**
 * The EUBO in nats, with its standard error. Fails where the engine does. It is infinite where the policy never draws one of
 * the batches.
 */
export const euboOf = (
  { engine, model, problem, parameters }: Trained,
  { batches, certificate }: Pick<TargetDraws, 'batches' | 'certificate'>,
  key: Key,
): TE.TaskEither<Failure, MonteCarlo> =>
  pipe(
    drawOrders(engine, model, problem, parameters, batches, key),
    TE.chain((orders) => logRatiosOfOrders(engine, model, problem, parameters, orders)),
    TE.map((logRatios) =>
      meanOverChains(
        batches.map((batch, i) => logReward(problem, batch) + (logRatios[i] ?? NaN)),
        certificate?.pairs,
      ),
    ),
  );

/** How a policy is taught. */
export interface Lessons {
  readonly iterations: number;
  readonly trajectories: number;
  /** Adam's rate at the first step. */
  readonly learningRate: number;
}

/**
 * Parameters that have imitated batches of the target from fresh ones; those of `untrained` are not used. Fails as `imitate`
 * does.
 */
export const taughtParameters = (
  untrained: Trained,
  shown: TargetDraws['batches'],
  lessons: Lessons,
  key: Key,
  control: TrainingControl,
): TE.TaskEither<Failure, TypedArray> => {
  const { engine, model, problem } = untrained;
  return pipe(
    TE.Do,
    TE.bind('start', () => startTraining(engine, model, problem, true, split(key, 0))),
    // A backward policy that is learned gives uniform orders at the start, and imitation leaves it as it is.
    TE.bind('orders', ({ start: { parameters } }) =>
      drawOrders(engine, model, problem, parameters, shown, split(key, 1)),
    ),
    TE.chain(({ start, orders }) => imitate(engine, model, problem, orders, lessons, start, control)),
    TE.map(({ parameters }) => parameters),
  );
};
