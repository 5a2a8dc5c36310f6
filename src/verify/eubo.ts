/**
 * The evidence upper bound, from draws of the target as its trajectories:
 *
 *   EUBO = mean log w ≥ log Z,   w = R · P_B / P_F,   over batches that follow the target, in orders from the backward policy
 *
 * (Blessing et al. 2024, arXiv 2406.07423).
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { drawOrders } from '../gflownet/orders.js';
import { logReward } from '../gflownet/problem.js';
import { logRatiosOfOrders } from '../gflownet/sample.js';
import type { Key } from '../random/key.js';
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
