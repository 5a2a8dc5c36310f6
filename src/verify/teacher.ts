/**
 * Exact draws as trajectories of the target, and what they are good for: the evidence upper bound
 *
 *   EUBO = mean log w ≥ log Z,   w = R · P_B / P_F,   over exact batches in orders from the backward policy
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
import type { ExactAnswer } from './exact-answer.js';
import type { Trained } from './trained.js';

/** Draws behind an EUBO, and the most that a teacher shows; it shows them again after that. */
const euboDraws = 1024;
const mostShown = 16_384;

interface ExactTrajectories {
  readonly batches: readonly (readonly number[])[];
  /** As `imitate` and `logRatiosOfOrders` take them. */
  readonly orders: Uint32Array;
}

/** Exact draws in orders from the backward policy: trajectories of the target. */
const exactTrajectories = (
  { engine, model, problem, parameters }: Trained,
  exact: ExactAnswer,
  count: number,
  key: Key,
): TE.TaskEither<Failure, ExactTrajectories> => {
  const batches = exact.sample(split(key, 0), count);
  return pipe(
    drawOrders(engine, model, problem, parameters, batches, split(key, 1)),
    TE.map((orders) => ({ batches, orders })),
  );
};

/** The EUBO in nats from 1,024 exact trajectories. Fails where the engine does. */
export const euboOf = (trained: Trained, exact: ExactAnswer, key: Key): TE.TaskEither<Failure, number> => {
  const { engine, model, problem, parameters } = trained;
  return pipe(
    exactTrajectories(trained, exact, euboDraws, key),
    TE.chain(({ batches, orders }) =>
      pipe(
        logRatiosOfOrders(engine, model, problem, parameters, orders),
        TE.map((logs) =>
          batches.reduce(
            (total, batch, i) => total + (logReward(problem, batch) + (logs[i] ?? 0)) / batches.length,
            0,
          ),
        ),
      ),
    ),
  );
};

/** How a policy is taught. */
export interface Lessons {
  readonly iterations: number;
  readonly trajectories: number;
  /** Adam's rate at the first step. */
  readonly learningRate: number;
}

/**
 * Parameters that have imitated exact trajectories from fresh ones; those of `untrained` are not used. Fails as `imitate`
 * does.
 */
export const taughtParameters = (
  untrained: Trained,
  exact: ExactAnswer,
  lessons: Lessons,
  key: Key,
  control: TrainingControl,
): TE.TaskEither<Failure, TypedArray> => {
  const { engine, model, problem } = untrained;
  const shown = Math.min(mostShown, lessons.iterations * lessons.trajectories);
  return pipe(
    TE.Do,
    TE.bind('start', () => startTraining(engine, model, problem, true, split(key, 0))),
    // A backward policy that is learned gives uniform orders at the start, and imitation leaves it as it is.
    TE.bind('given', ({ start: { parameters } }) =>
      exactTrajectories({ ...untrained, parameters }, exact, shown, split(key, 1)),
    ),
    TE.chain(({ start, given }) => imitate(engine, model, problem, given.orders, lessons, start, control)),
    TE.map(({ parameters }) => parameters),
  );
};
