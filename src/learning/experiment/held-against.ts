/**
 * How far are policies from the target of a posterior? Their EUBO, over batches of the target that are drawn once for all
 * policies on it (src/verify/eubo.ts): it sees what a policy never draws, and the ELBO does not.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import type { TrainedModel } from '../../gflownet/model-file.js';
import type { Problem } from '../../gflownet/problem.js';
import type { EngineThreads } from '../../gibbs/parts.js';
import { present } from '../../present.js';
import { type Key, split } from '../../random/key.js';
import type { Posterior } from '../../surrogate/posterior.js';
import { targetDraws, type TargetDraws } from '../../verify/target-answer.js';
import { euboOf } from '../../verify/eubo.js';

/** Batches of the target. */
const DRAWS = 256;

/** What policies on a posterior are held against. */
export interface HeldAgainst {
  readonly problem: Problem;
  readonly target: TargetDraws;
}

/** How it is drawn. */
export interface HoldingOptions {
  readonly batchSize: number;
  /** Null of draws without a target. */
  readonly temperature: number | null;
  readonly key: Key;
  readonly signal?: AbortSignal;
  /** Its threads share the updates of large pools. */
  readonly engine?: EngineThreads;
}

/**
 * The target of a posterior; undefined of class labels, whose Gibbs updates take too long, and where pairs of chains did not
 * meet. Fails as `targetDraws` does.
 */
export const targetOn = (
  { whitened, classes }: Posterior,
  { batchSize, temperature, key, signal, engine }: HoldingOptions,
): TE.TaskEither<Failure, HeldAgainst | undefined> => {
  if (classes !== undefined || temperature === null) return TE.right(undefined);
  const problem = { whitened, batchSize, temperature };
  return pipe(
    targetDraws(problem, { draws: DRAWS, key: split(key, 0), engine }, present({ signal })),
    TE.map((target) => (target.kind === 'uncertified' ? undefined : { problem, target })),
  );
};

/**
 * The EUBO of a policy in nats, with the orders that the key gives; NaN where nothing is to be held against, or the policy is of
 * another pool (of candidates).
 */
export const euboAgainst = (
  engine: Engine,
  held: HeldAgainst | undefined,
  trained: TrainedModel | undefined,
  key: Key,
): TE.TaskEither<Failure, number> =>
  held === undefined || trained?.model.shape.poolSize !== held.problem.whitened.rows
    ? TE.right(NaN)
    : pipe(
        euboOf({ engine, ...trained, problem: held.problem }, held.target, split(key, 1)),
        TE.map(({ mean }) => mean),
      );
