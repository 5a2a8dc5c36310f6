/**
 * The expected predictive information gain of a batch: what its labels say of the label at a target, on average over M targets,
 *
 *   U(B) = (1/M) Σ_t I(y_B ; y_t)  =  (1/2M) Σ_t log( (1 + v_t) / (1 + v_t(B)) )   nats
 *
 * v_t(B) the variance of f_t given the labels of B, in noise variances; the targets are points of the pool, or of the user's. Joint
 * mutual information asks what a batch says of the model, much of which no prediction hangs on; this asks what it says of the
 * predictions. Unlike predictive variance it counts each target by the share that it loses, and what lies below the noise for
 * little.
 *
 * On the host a batch grows by rank-one updates: with κ_nt the covariance of point and target given s, the point n takes
 * κ_nt² / (1 + v_n) off v_t, and when m joins, κ_nt ← κ_nt − κ_mt c_n / √(1 + v_m), c those of exact.ts: O(N(D + M)) a step.
 * Batches that change in place: epig-batch.ts.
 *
 * In programs, with Φ_B the points and T the targets, v_t(B) = |t|² − |L⁻¹ Φ_B t|², L Lᵀ = I + Φ_B Φ_Bᵀ: in f32 to some 10⁻⁷ of
 * the largest v_t, which is much where a target's variance is a million times the noise.
 *
 * The proxy of policies: rows of H = Φ R (predictive-variance.ts), scaled so that ½ log(1 + |h_n|²) = U(n) for each point alone.
 *
 * Source: Bickford Smith, Kirsch, Farquhar, Gal, Foster and Rainforth, Prediction-Oriented Bayesian Active Learning (2023), arXiv
 * 2304.08151, for single points; of a Gaussian's batch the information is the same formula with the joint covariance.
 */
import { type Matrix, rowsAt, squareOfRow } from '../linear-algebra/matrix.js';
import { product, rowOf, transpose } from '../linear-algebra/product.js';
import { dot } from '../linear-algebra/vector.js';
import { keyFromSeed } from '../random/key.js';
import { uniformSubset } from '../random/subset.js';
import type { Tensor } from '../tensor/expression.js';
import {
  add,
  cholesky,
  gather,
  log,
  matmul,
  maximum,
  mul,
  sub,
  sum,
  transpose as transposed,
  triangularSolve,
} from '../tensor/operations.js';
import type { CategoricalPosterior } from '../surrogate/categorical-posterior.js';
import { exactConfigurations, labelEpig, labelTargetsOf, together } from './categorical/epig.js';
import type { LabelSampling } from './categorical/sampled.js';
import { epigBatch, gainAt } from './epig-batch.js';
import { choose, type Conditioned, noneChosen } from './exact.js';
import { type Gram, gramOf } from './gram.js';
import { inPool, onHost, sizedUtility, tableOf } from './programmed.js';
import { proxyRows } from './proxy-rows.js';
import type { PartialBatch, ProgrammedUtility, Reward, Utility } from './utility.js';
import { integratedVariance, plusIdentity } from './variance-left.js';

/** The most targets where the pool itself is meant: a part of it, drawn once, stands for a larger one. */
const maxTargets = 256;

/** Covariances of points and targets that are held at once, at most. */
const maxCovariances = 2 ** 25;

/** The targets of a pool where none are given: all its points, or some of them. */
const targetsOf = (whitened: Matrix): Matrix => {
  const most = Math.max(16, Math.min(maxTargets, Math.floor(maxCovariances / Math.max(1, whitened.rows))));
  return whitened.rows <= most
    ? whitened
    : rowsAt(whitened, uniformSubset(keyFromSeed(0), whitened.rows, most));
};

/** A batch that grows, with κ of all points [N, M] and v_t [M]. */
const partial = (state: Conditioned, cross: Matrix, variances: Float64Array): PartialBatch => ({
  chosen: state.chosen,
  gains: () => {
    const inverses = variances.map((v) => 1 / (1 + v));
    return Float64Array.from(state.variances, (v, n) => gainAt(rowOf(cross, n), inverses, 1 / (1 + v)));
  },
  with: (m) => {
    const next = choose(m)(state);
    const c = next.updates.at(-1) ?? new Float64Array(0);
    const { rows, columns } = cross;
    const root = Math.sqrt(1 + (state.variances[m] ?? NaN));
    const own = rowOf(cross, m).map((x) => x / root);
    const data = cross.data.slice();
    for (let n = 0; n < rows; n++)
      for (let t = 0; t < columns; t++)
        data[n * columns + t] = (data[n * columns + t] ?? NaN) - (c[n] ?? NaN) * (own[t] ?? NaN);
    // Rounding must not leave a variance below zero.
    const left = variances.map((v, t) => Math.max(0, v - (own[t] ?? NaN) ** 2));
    return partial(next, { rows, columns, data }, left);
  },
});

/** U of batches u32 [K, b] → [K], nats, from features [N, D], targets [M, D] and v_t [M]. */
const informationOn = (tables: Readonly<Record<string, Tensor>>, batches: Tensor): Tensor => {
  const { features, targets, variances } = tables;
  if (features === undefined || targets === undefined || variances === undefined)
    throw new RangeError('epig: a table is missing');
  const points = gather(features, batches);
  const own = plusIdentity(matmul(points, transposed(points)));
  const solved = triangularSolve(cholesky(own), matmul(points, transposed(targets)));
  const left = maximum(sub(variances, sum(mul(solved, solved), [1])), 0);
  const lost = sub(log(add(1, variances)), log(add(1, left)));
  return mul(0.5 / (variances.shape[0] ?? 1), sum(lost, [1]));
};

const programmedBy = (whitened: Matrix, targets: Matrix, variances: Float64Array): ProgrammedUtility => ({
  tables: {
    features: tableOf(whitened),
    targets: tableOf(targets),
    variances: { shape: [variances.length], dtype: 'f32', values: variances },
  },
  value: informationOn,
});

/** H, each row scaled so that the information of one label about it is what its point is worth alone. */
const proxyFeaturesOf = (whitened: Matrix, targets: Matrix, alone: Float64Array): Matrix => {
  const weighted = product(whitened, transpose(integratedVariance(whitened, targets).root));
  const scales = alone.map((worth, n) => {
    const square = squareOfRow(weighted, n);
    return square > 0 ? Math.sqrt(Math.expm1(2 * worth) / square) : 0;
  });
  return proxyRows(weighted, scales);
};

const batchesOf = (whitened: Matrix, cross: Matrix, variances: Float64Array): Utility['batchFrom'] => {
  let gram: Gram | undefined;
  return (members) => epigBatch({ gram: (gram ??= gramOf(whitened)), cross }, variances, members);
};

const utilityAt = (whitened: Matrix, targets: Matrix): Utility => {
  const points = whitened.rows;
  const cross = product(whitened, transpose(targets));
  const variances = Float64Array.from({ length: targets.rows }, (_, t) =>
    dot(rowOf(targets, t), rowOf(targets, t)),
  );
  const programmed = programmedBy(whitened, targets, variances);
  const all = onHost(() => programmed);
  const empty = partial(noneChosen(whitened), cross, variances);
  return {
    points,
    value: (batch) => {
      inPool(points, batch);
      return all(Uint32Array.from(batch), batch.length)[0] ?? NaN;
    },
    empty,
    batchFrom: batchesOf(whitened, cross, variances),
    batchesWithin: (indices) => batchesOf(rowsAt(whitened, indices), rowsAt(cross, indices), variances),
    gainOperations: (size) => 100 + 6 * size + 6 * targets.rows,
    proxyFeatures: proxyFeaturesOf(whitened, targets, empty.gains()),
    programmed: () => programmed,
  };
};

/** Where configurations of labels are drawn from: the reward is then a function of the posterior alone. */
const usual: LabelSampling = { key: keyFromSeed(0) };

/** Of class labels: exact while their configurations are few, sampled beyond (categorical/epig.ts). */
const labelUtilityAt = (
  whitened: Matrix,
  pool: CategoricalPosterior,
  targets: CategoricalPosterior,
  sampling: LabelSampling,
): Utility =>
  sizedUtility(
    pool.points,
    (alone) => proxyFeaturesOf(whitened, targetsOf(whitened), alone()),
    labelEpig(pool, targets, sampling),
    { most: together, operations: exactConfigurations * pool.draws * pool.classes * targets.points },
  );

const isOfLabels = (targets: Matrix | CategoricalPosterior): targets is CategoricalPosterior =>
  'logProbabilities' in targets;

/**
 * The reward, over the pool (of one of more than 256 points, or 64 of class labels, over some of them), or over targets: whitened
 * features M×D of the same posterior's factor as the pool's (the posterior over pool and targets together, taken apart by rows), or of
 * class labels their probabilities under the same parameter draws (categoricalAt). Configurations of class labels that are too many to
 * enumerate are drawn by `sampling`. Throws a RangeError where targets do not go with the posterior, or there is none.
 */
export const epig = (targets?: Matrix | CategoricalPosterior, sampling: LabelSampling = usual): Reward => ({
  name: 'epig',
  unit: 'nats',
  utilityFor: ({ whitened, classes }) => {
    if (classes !== undefined && (targets === undefined || isOfLabels(targets)))
      return labelUtilityAt(whitened, classes, targets ?? labelTargetsOf(classes), sampling);
    if (classes !== undefined || (targets !== undefined && isOfLabels(targets)))
      throw new RangeError('epig: targets and posterior are both of numbers, or both of class labels');
    const over = targets ?? targetsOf(whitened);
    if (over.columns !== whitened.columns || over.rows === 0)
      throw new RangeError(
        `epig: ${over.rows} targets of ${over.columns} features for a pool of ${whitened.columns}`,
      );
    return utilityAt(whitened, over);
  },
});
