/**
 * What the balance objectives have in common. With the potential of the t-th state of a trajectory
 *
 *   a_t = log F(s_t) − Σ_{u<t} ( log P_F(s_{u+1} | s_u) − log P_B(s_u | s_{u+1}) )
 *
 * the balance of the piece from s_i to s_j is a_i = a_j, and all potentials of a trajectory are equal where flow and
 * policies are exact.
 */
import type { Tensor } from '../../tensor/expression.js';
import { cast, iota, less, matmul, reshape, sub } from '../../tensor/operations.js';
import type { ScoredTrajectories } from '../objective.js';

/** The potentials, [S, b + 1]. */
export const potentials = ({ logForward, logBackward, logFlow }: ScoredTrajectories): Tensor => {
  const [count = 1, length = 1] = logForward.shape;
  const earlier = cast(
    less(iota('u32', [length + 1, length], 1), iota('u32', [length + 1, length], 0)),
    logForward.dtype,
  );
  const ratios = reshape(sub(logForward, logBackward), [count, length, 1]);
  return sub(logFlow, reshape(matmul(earlier, ratios), [count, length + 1]));
};
