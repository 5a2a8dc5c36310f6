/**
 * BAIT's forward–backward greedy selection by the integrated predictive variance that a batch leaves: of 2b points, each the one that
 * leaves least, b are taken back, each the one whose loss is least. So an early point that later ones have made idle goes again. With
 * G = Φᵀ Φ, a_n = A_B⁻¹ φ_n, P = (I + Φ_B Φ_Bᵀ)⁻¹ and z_j = Σ_i P_ij φ_i = a_j of a member j,
 *
 *   V(B) = tr(G A_B⁻¹),      V(B) − V(B + n) = a_n·G a_n / (1 + v_n),      V(B ∖ j) − V(B) = z_j·G z_j / P_jj
 *
 * On a Gaussian surrogate that is the paper's objective, tr((Σ_{n∈B} I_n)⁻¹ I), with Fisher matrices of a regression. Of class labels
 * it is that of their Gaussian approximation. Nothing in it is random, so all draws are one batch.
 *
 * Source: Ash, Goel, Krishnamurthy and Kakade, Gone fishing: neural active learning with Fisher embeddings (2021, arXiv 2106.09675),
 * algorithm 1.
 */
import { at } from '../at.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { addScaledInto, dotRange } from '../linear-algebra/vector.js';
import { choose, noneChosen } from '../reward/exact.js';
import { gramOf, inverseInSteps, priorVariancesOf } from '../reward/gram.js';
import type { Work } from '../work.js';
import { told } from './distances.js';
import { bestFree } from './greedy.js';
import { always, finite, hostStrategy } from './host.js';

/** Φ G, N×D: O(N D²). */
function* timesGram({ rows, columns, data }: Matrix): Work<Float64Array> {
  const gram = new Float64Array(columns * columns);
  const out = new Float64Array(data.length);
  for (let n = 0; n < rows * columns; n++) {
    if (n % columns === 0) yield;
    addScaledInto(gram, (n % columns) * columns, at(data, n), data, n - (n % columns), columns);
  }
  for (let n = 0; n < rows * columns; n++) {
    if (n % columns === 0) yield;
    addScaledInto(out, n - (n % columns), at(data, n), gram, (n % columns) * columns, columns);
  }
  return out;
}

/** `size` points, each of the others the one with which V is least, of equal ones the first; Φ G in `prior`. */
function* forward(whitened: Matrix, prior: Float64Array, size: number): Work<readonly number[]> {
  const { rows, columns, data } = whitened;
  const both = [data.slice(), prior.slice()] as const;
  const taken = new Set<number>();
  for (let state = noneChosen(whitened); ;) {
    const { variances } = state;
    const best = bestFree(
      variances.map((v, n) => dotRange(both[0], n * columns, both[1], n * columns, columns) / (1 + v)),
      (n) => !taken.has(n),
    );
    taken.add(best);
    yield* told(taken.size, size);
    if (taken.size === size) return [...taken];
    const root = Math.sqrt(1 + at(variances, best));
    state = choose(best)(state);
    const c = state.updates.at(-1) ?? new Float64Array(rows);
    for (const side of both) {
      const own = side.slice(best * columns, (best + 1) * columns);
      for (let n = 0; n < rows; n++) addScaledInto(side, n * columns, -at(c, n) / root, own, 0, columns);
    }
  }
}

/** `size` of the points: those left when each time the one is taken back without which V is least. */
function* backward(
  whitened: Matrix,
  prior: Float64Array,
  points: readonly number[],
  size: number,
): Work<readonly number[]> {
  const { columns, data } = whitened;
  const { length } = points;
  const { inverse: p } = yield* inverseInSteps(gramOf(whitened), points);
  const kept = new Set(points.keys());
  /** Σ_i P_ij of rows. */
  const mixed = (rows: Float64Array, j: number): Float64Array => {
    const out = new Float64Array(columns);
    for (const i of kept)
      addScaledInto(out, 0, at(p, i * length + j), rows, at(points, i) * columns, columns);
    return out;
  };
  const lossOf = (j: number): number =>
    dotRange(mixed(data, j), 0, mixed(prior, j), 0, columns) / at(p, j * length + j);
  while (kept.size > size) {
    let [least, idle] = [NaN, -1];
    for (const j of kept) {
      const loss = lossOf(j);
      if (idle < 0 || loss < least) [least, idle] = [loss, j];
      yield { stage: 'leaving points out', done: length - kept.size, total: length - size };
    }
    kept.delete(idle);
    // The block inverse without it.
    const out = p.slice(idle * length, (idle + 1) * length);
    for (const i of kept) addScaledInto(p, i * length, -at(out, i) / at(out, idle), out, 0, length);
  }
  return Array.from(kept, (i) => at(points, i));
}

function* chosen(whitened: Matrix, batchSize: number): Work<readonly number[]> {
  const prior = yield* timesGram(whitened);
  const most = Math.min(2 * batchSize, whitened.rows);
  return yield* backward(whitened, prior, yield* forward(whitened, prior, most), batchSize);
}

/** The strategy. It fails with a NumericalFailure where a feature is not finite. */
export const bait = hostStrategy({
  takes: [],
  prepare: function* ({ scoredPool: { scored }, posterior: { whitened } }, { batchSize }) {
    finite('BAIT', priorVariancesOf(whitened));
    return always(scored(yield* chosen(whitened, batchSize)));
  },
});
