/**
 * The conditional variances v_n(s) of a large pool while s grows, point by point. Each point takes a scan of the pool,
 *
 *   v_n(s + m) = max(0, v_n(s) − (φ_n·d)²),   d = A_s⁻¹ φ_m / √(1 + v_m(s)),   A_s⁻¹ = I − Σ_j d_j d_jᵀ
 *
 * over the directions d_j of the points before (Sherman and Morrison 1950, as in conditional-variance.ts): O(N D), and no N×|s|
 * numbers as in exact.ts, which it agrees with but for rounding. A scan is a program in f64 on the CPU engine, whose threads
 * share its rows; a row is summed up alike whoever does it, so that every number of threads gives the same bits, and so do equal
 * points.
 *
 * What needs scans is a generator that yields them and is given what they say. It is run at once on one thread, or on an engine,
 * between whose scans progress bars and signals get their turn; both end in the same bits.
 */
import * as E from '#fp-ts/Either';
import type * as TE from '#fp-ts/TaskEither';
import { cpuEngine, programAtOnce } from '../engine/cpu/index.js';
import type { Engine, LoadedProgram, Values } from '../engine/engine.js';
import { turnsOf } from '../engine/with-program.js';
import type { Failure } from '../failure.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { addScaledInto, dot, dotRange } from '../linear-algebra/vector.js';
import type { TypedArray } from '../tensor/expression.js';
import { input, matmul, maximum, mul, reshape, sub } from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import type { WorkControl } from '../work.js';
import { choose, noneChosen } from './exact.js';

/** A run of a pool's program; what stays, its features say, goes with the first. */
export interface Scan {
  readonly program: Program;
  readonly inputs: Values;
}

/** Work that ends in an A, by scans and what they say; undefined where nothing is to be run, but signals may have their turn. */
export type Scans<A> = Generator<Scan | undefined, A, Readonly<Record<string, TypedArray>>>;

/** Numbers of Φ from which on a scan is worth its loading, and to which on Φ is held once more, as it is for that: 256 MiB. */
const fewest = 2 ** 20;
const most = 2 ** 25;

/** Whether pools of such features, N×D, are scanned: by programs, or on the host where a copy of Φ would be too much. */
export const isScanned = ({ rows, columns }: Matrix): boolean => rows * columns >= fewest;

/** A pool of which points join s, from none. */
export interface GrowingVariances {
  /** v_n(∅) of all N points. */
  readonly start: Float64Array;
  /** v_n(s + m) of all N points, after the points before; m is a point of the pool. */
  readonly join: (m: number) => Scans<Float64Array>;
}

/** Features [N, D], direction [D, 1] and variances [N] → variances [N]. */
const scanOf = ({ rows, columns }: Matrix): Program => {
  const direction = input('direction', 'f64', [columns, 1]);
  const shares = reshape(matmul(input('features', 'f64', [rows, columns]), direction), [rows]);
  const left = sub(input('variances', 'f64', [rows]), mul(shares, shares));
  // Rounding must not leave a variance below zero.
  return program({ joined: maximum(left, 0) });
};

/** Numbers of Φ after which the host gives signals their turn: some hundredths of a second. */
const turnAfter = 2 ** 24;

/** What a scan says, in plain TypeScript. */
function* scannedOnHost(
  { rows, columns, data }: Matrix,
  direction: Float64Array,
  variances: Float64Array,
  numbers: number,
): Scans<Float64Array> {
  const joined = new Float64Array(rows);
  const block = Math.max(1, Math.floor(numbers / columns));
  for (let from = 0; from < rows; from += block) {
    yield undefined;
    for (let n = from; n < Math.min(from + block, rows); n++)
      joined[n] = Math.max(
        0,
        (variances[n] ?? NaN) - dotRange(data, n * columns, direction, 0, columns) ** 2,
      );
  }
  return joined;
}

/**
 * The variances of whitened features, N×D: by exact.ts, without scans, where the pool is not large; on the host where it has more
 * numbers than `mostHeld`, with a turn after each `numbers` of them; both are there for specs.
 */
export const growingVariances = (
  whitened: Matrix,
  mostHeld = most,
  numbers = turnAfter,
): GrowingVariances => {
  const { columns, data: features } = whitened;
  const scan = scanOf(whitened);
  const directions: Float64Array[] = [];
  let state = noneChosen(whitened);
  let { variances } = state;
  return {
    start: variances,
    join: function* (m): Scans<Float64Array> {
      if (!isScanned(whitened)) return (state = choose(m)(state)).variances;
      const point = features.subarray(m * columns, (m + 1) * columns);
      const remaining = point.slice();
      for (const other of directions) addScaledInto(remaining, 0, -dot(other, point), other, 0, columns);
      const root = Math.sqrt(1 + Math.max(0, dot(point, remaining)));
      const direction = remaining.map((x) => x / root);
      const inputs = { direction, variances, ...(directions.length === 0 ? { features } : {}) };
      directions.push(direction);
      if (features.length > mostHeld)
        return (variances = yield* scannedOnHost(whitened, direction, variances, numbers));
      const { joined } = yield { program: scan, inputs };
      return (variances = joined as Float64Array);
    },
  };
};

/** What the work ends in: at once, on one thread. */
export const scannedAtOnce = <A>(scans: Scans<A>): A => {
  let loaded: Program | undefined;
  let run: ReturnType<typeof programAtOnce> = () => ({});
  for (
    let next = scans.next({});
    ;
    next = scans.next(next.value === undefined ? {} : run(next.value.inputs))
  ) {
    if (next.done === true) return next.value;
    if (next.value === undefined) continue;
    if (loaded !== next.value.program) run = programAtOnce((loaded = next.value.program));
  }
};

/**
 * The same on an engine, or on one thread beside it where it has no f64. Fails as the engine does, and with Interrupted once the
 * signal is aborted.
 */
export const scannedOn =
  <A>(
    engine: Engine,
    work: () => Scans<A>,
    control: Pick<WorkControl, 'signal'>,
  ): TE.TaskEither<Failure, A> =>
  async () => {
    const { load } = engine.dtypes.includes('f64') ? engine : cpuEngine({ threads: 1 });
    const scans = work();
    let loaded: LoadedProgram | undefined;
    let of: Program | undefined;
    const turn = turnsOf(control, 'greedy selection');
    try {
      for (let next = scans.next({}); ;) {
        if (next.done === true) return E.right(next.value);
        const stopped = await turn();
        if (stopped !== undefined) return E.left(stopped);
        if (next.value === undefined) {
          next = scans.next({});
          continue;
        }
        if (of !== next.value.program) {
          loaded?.close();
          loaded = undefined;
          const result = await load((of = next.value.program))();
          if (E.isLeft(result)) return result;
          loaded = result.right;
        }
        const result = await (loaded as LoadedProgram).run({ inputs: next.value.inputs })();
        if (E.isLeft(result)) return result;
        next = scans.next(result.right);
      }
    } finally {
      loaded?.close();
    }
  };
