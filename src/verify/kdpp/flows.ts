/**
 * The exact GFlowNet of a k-DPP: flows of states and the policy that samples the target, under the backward policy that
 * takes away a point of the batch uniformly. A path back from B passes s with probability 1 / C(b, |s|), so
 *
 *   F(s) = Σ_{B ⊇ s} det L_B / C(b, |s|) = det L_s e_{b−|s|}(Schur complement of L_s in L) / C(b, |s|)
 *
 * and the policy of that flow takes the points of B ∖ s in a uniformly random order:
 *
 *   π(n | s) = F(s + n) / ((|s| + 1) F(s)) = P(n ∈ B | s ⊆ B) / (b − |s|).
 *
 * Source: Bengio et al., GFlowNet Foundations (2023), for the flow of a fixed backward policy; the closed form is the
 * inclusion probability of the conditioned k-DPP (Kulesza and Taskar 2012, sections 2.4 and 5).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type { Failure } from '../../failure.js';
import { logBinomial } from '../../linear-algebra/binomial.js';
import { inclusionProbabilities } from './inclusion.js';
import { containing, type Kdpp } from './oracle.js';

/**
 * log F(s) in nats of the state whose points are `chosen` of the k-DPP and `points`: log Z of the empty state,
 * log det L_B of a whole batch. O(N D / 8 + |s| D³). Fails and throws as {@link containing} does.
 */
export const kdppLogFlow = (dpp: Kdpp, points: readonly number[]): E.Either<Failure, number> =>
  pipe(
    dpp,
    containing(points, 'kdppLogFlow'),
    E.map(({ logZ, batchSize, chosen }) => logZ - logBinomial(batchSize, chosen.length)),
  );

/**
 * log π(n | s) in nats for all N points, −∞ for those of s; the state as in {@link kdppLogFlow}. O(N D² + D³). Fails as
 * {@link containing} does, and throws a RangeError where it does or where the batch is whole.
 */
export const kdppLogPolicy = (dpp: Kdpp, points: readonly number[]): E.Either<Failure, Float64Array> =>
  pipe(
    dpp,
    containing(points, 'kdppLogPolicy'),
    E.map((state) => {
      const left = state.batchSize - state.chosen.length;
      if (left === 0)
        throw new RangeError('kdppLogPolicy: the batch is whole, no point is to follow; give fewer points');
      const logs = inclusionProbabilities(state).map((p) => Math.log(p / left));
      for (const n of state.chosen) logs[n] = -Infinity;
      return logs;
    }),
  );
