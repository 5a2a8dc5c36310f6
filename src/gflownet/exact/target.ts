/**
 * The exact target over all batches of a problem that can be listed:
 *
 *   P(B) = R(B) / Z        log R(B) = (JMI(B) − cost · |B|) / T        JMI(B) = ½ log det(I + Φ_B Φ_Bᵀ)
 *
 * Subsets are walked depth first, and each adds one row to the Cholesky factor of the subset without its last point:
 * O(|B|²) and one row of inner products a batch, in the arithmetic of src/linear-algebra/cholesky.ts. Where U is another
 * utility, each batch is asked for by itself.
 */
import type { Matrix } from '../../linear-algebra/matrix.js';
import { logSumExp } from '../../linear-algebra/log-sum.js';
import { dotRange } from '../../linear-algebra/vector.js';
import { batchSizes, logReward, type Problem } from '../problem.js';
import { batchOrder } from './batch-order.js';

/** The target by enumeration. */
export interface Target {
  /** log Z in nats: the log of the sum of all rewards. */
  readonly logZ: number;
  /** log R of every batch, nats, in the order of {@link batchOrder}. */
  readonly logReward: Float64Array;
  /** P of every batch, in the same order. */
  readonly probabilities: Float64Array;
}

/** Normalises log rewards (nats). */
export const targetOf = (logReward: Float64Array): Target => {
  const logZ = logSumExp(logReward);
  return { logZ, logReward, probabilities: logReward.map((log) => Math.exp(log - logZ)) };
};

/** Pools of up to this many points have their N² inner products kept (32 MiB). */
const keptPoints = 2048;

/** φ_m · φ_n of two points of a pool. */
const innerProducts = ({ rows, columns, data }: Matrix): ((m: number, n: number) => number) => {
  const direct = (m: number, n: number): number => dotRange(data, m * columns, data, n * columns, columns);
  if (rows > keptPoints) return direct;
  const gram = new Float64Array(rows * rows);
  for (let m = 0; m < rows; m++) for (let n = 0; n <= m; n++) gram[m * rows + n] = direct(m, n);
  return (m, n) => gram[m * rows + n] ?? NaN;
};

/** log R (nats) of all batches of a problem, in the order of {@link batchOrder}. */
const allLogRewards = (problem: Problem): Float64Array => {
  const { whitened, temperature, pointCost = 0 } = problem;
  const order = batchOrder(whitened.rows, batchSizes(problem));
  const { poolSize, sizes } = order;
  const [smallest, largest] = sizes;
  const inner = innerProducts(whitened);
  const out = new Float64Array(order.count);
  // Depth first, the subsets of each size come in lexicographic order.
  const rows = Array.from({ length: largest + 1 }, (_, size) => (size < smallest ? 0 : order.start(size)));
  const members = new Uint32Array(largest);
  const factor = new Float64Array(largest * largest);
  /** Adds each point that may follow `size` members, whose factor has `logRoot` = ½ log det. */
  const grow = (size: number, from: number, logRoot: number): void => {
    const grown = size + 1;
    const own = size * largest;
    const end = poolSize - Math.max(0, smallest - grown);
    for (let point = from; point < end; point++) {
      for (let i = 0; i < size; i++)
        factor[own + i] =
          (inner(point, members[i] ?? -1) - dotRange(factor, own, factor, i * largest, i)) /
          (factor[i * largest + i] ?? 1);
      const diagonal = 1 + inner(point, point);
      const pivot = diagonal - dotRange(factor, own, factor, own, size);
      // Features that are not finite, or too large to tell twins apart: NaN, as of the batch alone.
      const sound = pivot > grown * Number.EPSILON * diagonal && pivot < Infinity;
      const root = sound ? Math.sqrt(pivot) : NaN;
      const sum = logRoot + Math.log(root);
      if (grown >= smallest) {
        const row = rows[grown] ?? -1;
        out[row] = (sum - pointCost * grown) / temperature;
        rows[grown] = row + 1;
      }
      if (grown < largest) {
        members[size] = point;
        factor[own + size] = root;
        grow(grown, point + 1, sum);
      }
    }
  };
  grow(0, 0, 0);
  return out;
};

/**
 * The target of a problem over all batches of all its sizes. Memory: 16 bytes a batch. Throws a RangeError as
 * {@link batchOrder} does, and where there are more batches than an array holds.
 */
export const exactTarget = (problem: Problem): Target => {
  if (problem.utility === undefined) return targetOf(allLogRewards(problem));
  const order = batchOrder(problem.whitened.rows, batchSizes(problem));
  return targetOf(
    Float64Array.from({ length: order.count }, (_, row) => logReward(problem, order.batchAt(row))),
  );
};
