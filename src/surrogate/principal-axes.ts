/**
 * Whitened features on their principal axes, without those that no point needs.
 *
 * The JMI of a batch knows Φ only by ΦΦᵀ, so Φ may be rotated: Φ V with V the eigenvectors of ΦᵀΦ, in
 * descending order. Columns k … D−1 are then dropped as long as no point loses more than `tolerance` of its
 * variance (in units of the noise). With ψ_n what point n loses, ΦΦᵀ − Φ'Φ'ᵀ = ΨΨᵀ is positive semidefinite
 * and
 *
 *   0 ≤ JMI(B) − JMI'(B) ≤ ½ Σ_{n∈B} |ψ_n|² ≤ ½ |B| · tolerance  nats
 *
 * as log det(A + ΨΨᵀ) − log det A ≤ tr(A⁻¹ΨΨᵀ) ≤ tr(ΨΨᵀ) for A ≥ I. Every gain on every engine is cheaper by
 * the columns dropped.
 *
 * Rows are made when they are asked for, and Φ is never held whole: the axes are those of at most 2¹⁴ rows, in runs from all
 * over the pool, and of all others the leading columns are kept as they come. What a row loses is |φ_n|² less the squares of
 * those. Where that is too much for one, twice as many columns are taken from the first row on; all D columns lose nothing.
 *
 * Many coordinates are held in single precision, at half of the bytes: each is off by 6·10⁻⁸ of itself, which is some 10⁻⁷ nats a
 * point. Those beyond its range are held in double, and so are all where nothing may be lost.
 */
import * as E from '#fp-ts/Either';
import { numericalFailure, type NumericalFailure } from '../failure.js';
import { inSinglePrecision, type Matrix } from '../linear-algebra/matrix.js';
import {
  columnGramInSteps,
  identity,
  product,
  productInSteps,
  rowGramInSteps,
  transpose,
} from '../linear-algebra/product.js';
import { symmetricEigenInSteps } from '../linear-algebra/symmetric-eigen.js';
import { dotRange, type Floats } from '../linear-algebra/vector.js';
import { turnCounter, type Work } from '../work.js';

/** What a point may lose of its variance, in units of the noise variance: 5·10⁻⁶ nats for a batch of ten. */
export const defaultTolerance = 1e-6;

const sumOfSquares = (data: Floats, from: number, count: number): number =>
  dotRange(data, from, data, from, count);

/** The leading `columns` columns. */
const leading = (a: Matrix, columns: number): Matrix => {
  const data = new Float64Array(a.rows * columns);
  for (let i = 0; i < a.rows; i++)
    data.set(a.data.subarray(i * a.columns, i * a.columns + columns), i * columns);
  return { rows: a.rows, columns, data };
};

/** The fewest leading columns such that no row loses more than the tolerance; at least one. */
function* columnsNeeded(a: Matrix, tolerance: number): Work<number> {
  const turnOver = turnCounter();
  const lost = new Float64Array(a.rows);
  for (let k = a.columns - 1; k > 0; k--) {
    for (let i = 0; i < a.rows; i++) {
      lost[i] = (lost[i] ?? NaN) + (a.data[i * a.columns + k] ?? NaN) ** 2;
      if ((lost[i] ?? NaN) > tolerance) return k + 1;
    }
    if (turnOver(4 * a.rows)) yield;
  }
  return Math.min(1, a.columns);
}

/** Φ V, or U diag(√λ), of all axes; and V, D×D, of a tall Φ. */
function* rotated(
  whitened: Matrix,
): Work<E.Either<NumericalFailure, { readonly all: Matrix; readonly axes: Matrix | undefined }>> {
  const tall = whitened.rows >= whitened.columns;
  const gram = yield* tall ? columnGramInSteps(whitened) : rowGramInSteps(whitened);
  const found = yield* symmetricEigenInSteps(gram);
  if (E.isLeft(found)) return found;
  const { eigenvalues, vectors } = found.right;
  if (tall) {
    const axes = transpose(vectors);
    return E.right({ all: yield* productInSteps(whitened, axes), axes });
  }
  // ΦΦᵀ = U diag(λ) Uᵀ: the rotated features are U diag(√λ).
  const data = vectors.data.map(
    (x, k) => x * Math.sqrt(Math.max(0, eigenvalues[Math.floor(k / vectors.columns)] ?? 0)),
  );
  return E.right({ all: transpose({ ...vectors, data }), axes: undefined });
}

/** Φ = φ S by the rows of φ, N×D. */
export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  /** Rows made together: as many as there is work for between two places where it can be stopped. */
  readonly together: number;
  /** Rows of φ from one to another, the same at every call. */
  readonly between: (from: number, to: number) => Matrix;
  /** S, which whitens rows; the identity if left out. */
  readonly whitening?: {
    readonly whiten: (rows: Matrix) => Matrix;
    /** Products that whitening a row takes, for each of its D numbers. */
    readonly products: number;
  };
}

/** The whitening that leaves rows as they are. */
const noWhitening: Required<RowSource>['whitening'] = { whiten: (rows) => rows, products: 0 };

/** 128 MiB in double precision. */
const manyNumbers = 2 ** 24;

/** Rows that the axes are taken from, and how many lie together. */
const sampled = { rows: 2 ** 14, run: 64 };

/** Part of the tolerance that rows of the sample lose: others lose somewhat more. */
const sampleTolerance = 1 / 16;

/** Some rows of Φ, each run as one block. */
function* someRows(source: RowSource, runs: readonly (readonly [from: number, to: number])[]): Work<Matrix> {
  const rows = runs.reduce((sum, [from, to]) => sum + to - from, 0);
  const data = new Float64Array(rows * source.columns);
  const { whiten } = source.whitening ?? noWhitening;
  let row = 0;
  for (const [from, to] of runs) {
    yield { stage: 'predicting', done: row, total: source.rows, note: 'rows' };
    data.set(whiten(source.between(from, to)).data, row * source.columns);
    row += to - from;
  }
  return { rows, columns: source.columns, data };
}

/** [0, rows) in runs of at most `together`; none of no rows but an empty one, whose features are looked at all the same. */
const runsOf = (rows: number, together: number): readonly (readonly [number, number])[] =>
  Array.from({ length: Math.max(1, Math.ceil(rows / together)) }, (_, i) => [
    i * together,
    Math.min(rows, (i + 1) * together),
  ]);

const notFinite: NumericalFailure = numericalFailure(
  'principal axes',
  'a feature of the pool is not finite',
  'Look for inputs far outside the labelled ones, or take another feature map',
);

/** Rows on all axes or some, and the squares of each on the axes left out; of no axes left out, and rows that are finite, zero. */
interface OnAxes {
  readonly turned: Matrix;
  readonly lost: (row: number) => number;
}

/**
 * How rows of φ get to the `columns` leading axes of V: through S V, all D axes in one product, where that takes no more products
 * than S and then V.
 */
const turning = (source: RowSource, axes: Matrix, columns: number): ((rows: Matrix) => OnAxes) => {
  const size = source.columns;
  const { whiten, products } = source.whitening ?? noWhitening;
  if (size <= products + columns) {
    const whitenedAxes = product(whiten(identity(size)), axes);
    return (rows) => {
      const all = product(rows, whitenedAxes);
      return {
        turned: columns < size ? leading(all, columns) : all,
        lost: (i) =>
          columns < size
            ? sumOfSquares(all.data, i * size + columns, size - columns)
            : 0 * sumOfSquares(all.data, i * size, size),
      };
    };
  }
  const leadingAxes = leading(axes, columns);
  return (rows) => {
    const whitened = whiten(rows);
    const turned = product(whitened, leadingAxes);
    return {
      turned,
      lost: (i) =>
        sumOfSquares(whitened.data, i * size, size) - sumOfSquares(turned.data, i * columns, columns),
    };
  };
};

/** The `columns` leading coordinates of all rows, or why they cannot be had: a row loses too much, or is beyond single precision. */
function* leadingOfAll(
  source: RowSource,
  axes: Matrix,
  { columns, single }: { readonly columns: number; readonly single: boolean },
  tolerance: number,
): Work<E.Either<NumericalFailure, Matrix | 'too few' | 'beyond'>> {
  const turn = turning(source, axes, columns);
  const data = new (single ? Float32Array : Float64Array)(source.rows * columns);
  for (const [from, to] of runsOf(source.rows, source.together)) {
    yield { stage: 'predicting', done: from, total: source.rows, note: 'rows' };
    const { turned, lost } = turn(source.between(from, to));
    for (let i = 0; i < turned.rows; i++) {
      const loss = lost(i);
      if (!Number.isFinite(loss)) return E.left(notFinite);
      if (columns < source.columns && loss > tolerance) return E.right('too few');
    }
    data.set(turned.data, from * columns);
    if (single && !Number.isFinite(sumOfSquares(data, from * columns, (to - from) * columns)))
      return E.right('beyond');
  }
  return E.right(
    data instanceof Float32Array
      ? inSinglePrecision(source.rows, columns, data)
      : { rows: source.rows, columns, data },
  );
}

/**
 * Φ (N×D) on its principal axes, N×D' with D' ≤ min(N, D), in steps. The axes come from the smaller of ΦᵀΦ and ΦΦᵀ, of Φ or of
 * some of its rows where it has more than 2¹⁴; of those `many` numbers and more are held in single precision. A NumericalFailure
 * where an entry is not finite.
 */
export const onPrincipalAxes = (tolerance: number = defaultTolerance, many = manyNumbers) =>
  function* (source: RowSource): Work<E.Either<NumericalFailure, Matrix>> {
    const { rows } = source;
    const few = rows <= Math.max(sampled.rows, source.columns);
    const count = sampled.rows / sampled.run;
    const runs = few
      ? runsOf(rows, source.together)
      : Array.from({ length: count }, (_, i): readonly [number, number] => {
          const from = Math.floor((i * (rows - sampled.run)) / (count - 1));
          return [from, from + sampled.run];
        });
    const own = yield* rotated(yield* someRows(source, runs));
    if (E.isLeft(own)) return own;
    const { all, axes } = own.right;
    const needed = yield* columnsNeeded(all, few ? tolerance : tolerance * sampleTolerance);
    if (few || axes === undefined) return E.right(leading(all, needed));
    let single = tolerance > 0 && rows * needed >= many;
    for (let columns = needed; ;) {
      const found = yield* leadingOfAll(source, axes, { columns, single }, tolerance);
      if (E.isLeft(found)) return found;
      if (found.right === 'beyond') single = false;
      else if (found.right === 'too few') columns = Math.min(source.columns, 2 * columns);
      else return E.right(found.right);
    }
  };
