/**
 * The evidence upper bound from exact draws (Blessing et al. 2024, arXiv 2406.07423):
 *
 *   EUBO = mean log w ≥ log Z,   w = R · P_B / P_F,   over exact batches in orders from the backward policy
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { drawOrders } from '../gflownet/orders.js';
import { logReward } from '../gflownet/problem.js';
import { logRatiosOfOrders } from '../gflownet/sample.js';
import { split, type Key } from '../random/key.js';
import type { ExactAnswer } from './exact-answer.js';
import type { Trained } from './trained.js';

/** Draws behind an EUBO. */
const euboDraws = 1024;

/** The EUBO in nats from 1,024 exact trajectories. Fails where the engine does. */
export const euboOf = (trained: Trained, exact: ExactAnswer, key: Key): TE.TaskEither<Failure, number> => {
  const { engine, model, problem, parameters } = trained;
  const batches = exact.sample(split(key, 0), euboDraws);
  return pipe(
    drawOrders(engine, model, problem, parameters, batches, split(key, 1)),
    TE.chain((orders) => logRatiosOfOrders(engine, model, problem, parameters, orders)),
    TE.map((logs) =>
      batches.reduce(
        (total, batch, i) => total + (logReward(problem, batch) + (logs[i] ?? 0)) / batches.length,
        0,
      ),
    ),
  );
};
