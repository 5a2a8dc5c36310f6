/**
 * How fast are single kernels of an engine? Products of matrices, the log-softmax of rows, Cholesky factors of many small
 * matrices, and one elementwise pass over memory (the copy), as programs of one operation. Their work is counted as
 *
 *   matmul m×k×n             2mkn operations                  4 (mk + kn + mn) bytes
 *   log-softmax r×c          no products                      8rc bytes: read once, written once
 *   Cholesky of q n×n        q n³/3 operations                4 q (n² + n²) bytes
 *   copy of n                no products                      8n bytes
 *
 * in f32, whatever an engine really moves. Beside an engine's product stands the plain one: three nested loops, i-k-j, in
 * TypeScript on typed arrays.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine, LoadedProgram, Values } from '../engine/engine.js';
import { withProgram } from '../engine/with-program.js';
import type { Failure } from '../failure.js';
import { keyFromSeed, normals, split, type Key } from '../random/key.js';
import { logSoftmax } from '../tensor/derived/softmax.js';
import { sizeOf, type Tensor } from '../tensor/expression.js';
import { cholesky, input, matmul, neg, reshape, slice } from '../tensor/operations.js';
import { program, type Program } from '../tensor/program.js';
import { measure, type BenchControl, type Run, type Sampling, type Timing } from './measure.js';
import type { Operands, Peer, PeerProduct } from './peers.js';

/** What is measured: a program of one operation, its operands, and the work that it is counted as. */
export interface Kernel {
  readonly name: 'matmul' | 'logSoftmax' | 'cholesky' | 'copy';
  /** m, k, n of a product; rows and columns; matrices and their size; elements. */
  readonly shape: readonly number[];
  readonly program: Program;
  readonly inputs: Values;
  /** The two matrices of a product. */
  readonly operands: Operands | undefined;
  /** Floating-point operations of products and factors; 0 where there are none. */
  readonly operations: number;
  readonly bytes: number;
}

/** A program of an operation, of whose result one number can be read: enough to wait for the work. */
const ofResult = (result: Tensor): Program => {
  const size = sizeOf(result.shape);
  return program({ result, last: slice(reshape(result, [size]), [size - 1], [1]) });
};

const numbers = (key: Key, count: number): Float32Array => Float32Array.from(normals(key, count));

/** C = A B of m×k and k×n. */
export const matmulKernel = ([m, k, n]: readonly [m: number, k: number, n: number], seed: number): Kernel => {
  const key = keyFromSeed(seed);
  const operands = { a: numbers(split(key, 0), m * k), b: numbers(split(key, 1), k * n) };
  return {
    name: 'matmul',
    shape: [m, k, n],
    program: ofResult(matmul(input('a', 'f32', [m, k]), input('b', 'f32', [k, n]))),
    inputs: { ...operands },
    operands,
    operations: 2 * m * k * n,
    bytes: 4 * (m * k + k * n + m * n),
  };
};

/** Log-probabilities of rows. */
export const logSoftmaxKernel = (
  [rows, columns]: readonly [rows: number, columns: number],
  seed: number,
): Kernel => ({
  name: 'logSoftmax',
  shape: [rows, columns],
  program: ofResult(logSoftmax(input('a', 'f32', [rows, columns]))),
  inputs: { a: numbers(keyFromSeed(seed), rows * columns) },
  operands: undefined,
  operations: 0,
  bytes: 8 * rows * columns,
});

/** Factors of many small matrices, each the identity plus a product of ones. */
export const choleskyKernel = ([count, size]: readonly [count: number, size: number]): Kernel => ({
  name: 'cholesky',
  shape: [count, size],
  program: ofResult(cholesky(input('a', 'f32', [count, size, size]))),
  inputs: {
    a: Float32Array.from({ length: count * size * size }, (_, i) =>
      (i % (size * size)) % (size + 1) === 0 ? 2 : 1,
    ),
  },
  operands: undefined,
  operations: (count * size ** 3) / 3,
  bytes: 8 * count * size * size,
});

/** One elementwise pass: every number read, and another one written. */
export const copyKernel = (elements: number): Kernel => ({
  name: 'copy',
  shape: [elements],
  program: ofResult(neg(input('a', 'f32', [elements]))),
  inputs: { a: new Float32Array(elements).fill(1) },
  operands: undefined,
  operations: 0,
  bytes: 8 * elements,
});

/** C = A B by three loops, i-k-j, of row-major f32. */
export const plainProduct = (
  a: Float32Array,
  b: Float32Array,
  [m, k, n]: readonly [m: number, k: number, n: number],
  out: Float32Array,
): void => {
  out.fill(0);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const x = a[i * k + p] ?? NaN;
      for (let j = 0; j < n; j++) out[i * n + j] = (out[i * n + j] ?? NaN) + x * (b[p * n + j] ?? NaN);
    }
};

/** Loads programs one inside the other, uses them all, and closes them. Fails with what loading or `use` fails with. */
export const withPrograms = <A>(
  engine: Engine,
  programs: readonly Program[],
  use: (loaded: readonly LoadedProgram[]) => TE.TaskEither<Failure, A>,
): TE.TaskEither<Failure, A> => {
  const from = (loaded: readonly LoadedProgram[]): TE.TaskEither<Failure, A> => {
    const next = programs[loaded.length];
    return next === undefined ? use(loaded) : withProgram(engine, next, (made) => from([...loaded, made]));
  };
  return from([]);
};

/** A timing with what it comes to. */
export interface Rated extends Timing {
  /** Floating-point operations a second, in 10⁹; null where a kernel is not counted by them. */
  readonly gigaflops: number | null;
  /** Bytes a second, in 10⁹. */
  readonly gigabytes: number;
  /** The largest error of some entries of a product, held against f64; null of other kernels. */
  readonly error: number | null;
}

const rated = (
  { operations, bytes }: Pick<Kernel, 'operations' | 'bytes'>,
  timing: Timing,
  error: number | null,
): Rated => ({
  ...timing,
  gigaflops: operations === 0 ? null : operations / timing.seconds / 1e9,
  gigabytes: bytes / timing.seconds / 1e9,
  error,
});

/** One kernel of one shape on the engine, and beside it whatever else does the same; null for what was left out. */
export interface KernelResult {
  readonly kernel: Kernel['name'];
  readonly shape: readonly number[];
  readonly engine: Rated;
  readonly plain: Rated | null;
  /** By name, products only. Null where a peer is missing. */
  readonly peers: Readonly<Record<string, Rated | null>>;
}

/** Products beyond so many operations are too long a wait for the plain loops. */
const maxPlain = 3e8;

const plainOf = ({ shape: [m = 0, k = 0, n = 0], operands, operations }: Kernel): PeerProduct | undefined => {
  if (operands === undefined || operations > maxPlain) return undefined;
  const { a, b } = operands;
  const out = new Float32Array(m * n);
  return {
    run: (calls) =>
      TE.fromIO(() => {
        for (let call = 0; call < calls; call++) plainProduct(a, b, [m, k, n], out);
      }),
    value: TE.fromIO(() => out),
    dispose: () => undefined,
  };
};

/** The largest error of 64 entries of a product; null where the kernel is none. */
const errorOf = (
  { shape: [m = 0, k = 0, n = 0], operands }: Kernel,
  value: ArrayLike<number>,
): number | null => {
  if (operands === undefined) return null;
  const { a, b } = operands;
  const errors = Array.from({ length: 64 }, (_, at) => {
    const [i, j] = [(at * 37) % m, (at * 101) % n];
    let sum = 0;
    for (let p = 0; p < k; p++) sum += (a[i * k + p] ?? NaN) * (b[p * n + j] ?? NaN);
    return Math.abs(sum - (value[i * n + j] ?? NaN));
  });
  return Math.max(...errors);
};

const ofEngine = ({ inputs }: Kernel, loaded: LoadedProgram): TE.TaskEither<Failure, PeerProduct> =>
  pipe(
    loaded.run({ inputs, read: ['last'] }),
    TE.map(() => ({
      run: runOf(loaded),
      value: pipe(
        loaded.run({ read: ['result'] }),
        TE.map(({ result = new Float32Array(0) }) => result),
      ),
      dispose: () => undefined,
    })),
  );

/** Steps of a loaded kernel whose operands are in place. */
export const runOf =
  (loaded: LoadedProgram): Run =>
  (steps) =>
    loaded.run({ steps, read: ['last'] });

/**
 * A kernel with all that competes with it, interleaved. Fails where the engine does, or a peer at work, and with
 * Interrupted.
 */
export const measureKernel = (
  engine: Engine,
  kernel: Kernel,
  peers: readonly Peer[],
  sampling: Sampling,
  control: BenchControl,
): TE.TaskEither<Failure, KernelResult> =>
  withProgram(engine, kernel.program, (loaded) => async () => {
    const { name, shape } = kernel;
    const made: Record<string, PeerProduct> = {};
    try {
      const own = await ofEngine(kernel, loaded)();
      if (E.isLeft(own)) return own;
      const plain = plainOf(kernel);
      if (plain !== undefined) made['plain'] = plain;
      for (const peer of peers) {
        if (peer.product === null || kernel.operands === undefined) continue;
        const product = await peer.product(shape, kernel.operands)();
        if (E.isLeft(product)) return product;
        made[peer.name] = product.right;
      }
      const all: Readonly<Record<string, PeerProduct>> & { readonly engine: PeerProduct } = {
        ...made,
        engine: own.right,
      };
      const runs: { readonly engine: Run; readonly [of: string]: Run } = {
        engine: own.right.run,
        ...Object.fromEntries(Object.entries(made).map(([of, { run }]) => [of, run])),
      };
      const timings = await measure(`${name} ${shape.join('×')}`, runs, sampling, control)();
      if (E.isLeft(timings)) return timings;
      const results: Record<string, Rated> = {};
      for (const [of, { value }] of Object.entries(all)) {
        const values = await value();
        if (E.isLeft(values)) return values;
        const timing = timings.right[of] ?? timings.right.engine;
        results[of] = rated(kernel, timing, errorOf(kernel, values.right));
      }
      const { engine: ofOwn = rated(kernel, timings.right.engine, null), plain: ofPlain = null } = results;
      return E.right({
        kernel: name,
        shape,
        engine: ofOwn,
        plain: ofPlain,
        peers: Object.fromEntries(peers.map((peer) => [peer.name, results[peer.name] ?? null])),
      });
    } finally {
      for (const product of Object.values(made)) product.dispose();
    }
  });
