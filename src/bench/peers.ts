/**
 * How fast are other tensor libraries at the same products, in the same process and, on a GPU, on the same adapter? They are
 * no dependencies: what a folder of the user's has in its node_modules is taken, and what is not there is said to be missing.
 *
 *   @tensorflow/tfjs (tfjs-core with its wasm and webgpu backends)       @jax-js/jax (wasm and webgpu)
 *
 * Both work ahead of the caller, so each run ends by reading a number of its last product. jax-js computes nothing that is
 * not asked for: each of its products is waited for. The wasm backends run on one thread, as the CPU engine does.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import type { Engine } from '../engine/engine.js';
import { engineFailure, inputFailure, type Failure } from '../failure.js';
import type { Run } from './measure.js';

/** The matrices of a product, row-major. */
export interface Operands {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** A product ready to be run many times. */
export interface PeerProduct {
  readonly run: Run;
  /** C, row-major, m×n. */
  readonly value: TE.TaskEither<Failure, ArrayLike<number>>;
  readonly dispose: () => void;
}

/** Another library on a backend of its own. */
export interface Peer {
  readonly name: string;
  readonly version: string | null;
  /** Why it does not take part; null where it does. */
  readonly reason: string | null;
  /** m, k, n and the operands; null where it does not take part. */
  readonly product:
    ((shape: readonly number[], operands: Operands) => TE.TaskEither<Failure, PeerProduct>) | null;
}

/** What is used of a tensor of tfjs. */
interface TfTensor {
  readonly data: () => Promise<Float32Array>;
  readonly dispose: () => void;
}

/** What is used of tfjs-core. */
interface Tf {
  readonly setBackend: (name: string) => Promise<boolean>;
  readonly ready: () => Promise<void>;
  readonly tensor2d: (values: Float32Array, shape: readonly number[]) => TfTensor;
  readonly matMul: (a: TfTensor, b: TfTensor) => TfTensor;
  readonly slice: (a: TfTensor, begin: readonly number[], size: readonly number[]) => TfTensor;
}

interface TfWasm {
  readonly setWasmPaths: (folder: string) => void;
  readonly setThreadsCount: (count: number) => void;
}

/** What is used of an array of jax-js: an operation consumes its operands, `ref` keeps them. */
interface JaxArray {
  readonly ref: JaxArray;
  readonly data: () => Promise<Float32Array>;
  readonly dispose: () => void;
  readonly slice: (...at: readonly number[]) => JaxArray;
  readonly blockUntilReady: () => Promise<unknown>;
}

/** What is used of jax-js. */
interface Jax {
  readonly init: (backend: string) => Promise<unknown>;
  readonly defaultDevice: (backend: string) => unknown;
  readonly numpy: {
    readonly array: (values: Float32Array, options: { readonly shape: readonly number[] }) => JaxArray;
    readonly matmul: (a: JaxArray, b: JaxArray) => JaxArray;
  };
}

type Require = ReturnType<typeof createRequire>;

const manifest = t.type({ version: t.string });

const firstLine = (error: unknown): string => String(error).split('\n')[0] ?? '';

/** What a peer does, as an effect that fails under its name. */
const at = <A>(name: string, work: () => Promise<A>): TE.TaskEither<Failure, A> =>
  TE.tryCatch(work, (error) =>
    engineFailure(name, firstLine(error), 'Leave --peers out, or mend the package in that folder'),
  );

const tfjsProduct =
  (name: string, tf: Tf) =>
  ([m = 0, k = 0, n = 0]: readonly number[], { a, b }: Operands): TE.TaskEither<Failure, PeerProduct> =>
    at(name, async () => {
      // The backends share one core: which of them works is said anew for each product.
      await tf.setBackend(name.replace('tfjs-', ''));
      const [left, right] = [tf.tensor2d(a, [m, k]), tf.tensor2d(b, [k, n])];
      return {
        run: (calls) =>
          at(name, async () => {
            let last = tf.matMul(left, right);
            for (let call = 1; call < calls; call++) {
              last.dispose();
              last = tf.matMul(left, right);
            }
            const corner = tf.slice(last, [0, 0], [1, 1]);
            await corner.data();
            corner.dispose();
            last.dispose();
          }),
        value: at(name, async () => {
          const product = tf.matMul(left, right);
          const values = await product.data();
          product.dispose();
          return values;
        }),
        dispose: () => {
          left.dispose();
          right.dispose();
        },
      };
    });

const jaxProduct =
  (name: string, jax: Jax) =>
  ([m = 0, k = 0, n = 0]: readonly number[], { a, b }: Operands): TE.TaskEither<Failure, PeerProduct> =>
    at(name, async () => {
      jax.defaultDevice(name.replace('jax-js-', ''));
      const { array, matmul } = jax.numpy;
      const [left, right] = [array(a, { shape: [m, k] }), array(b, { shape: [k, n] })];
      await left.ref.blockUntilReady();
      await right.ref.blockUntilReady();
      const multiplied = async (): Promise<JaxArray> => {
        const product = matmul(left.ref, right.ref);
        await product.blockUntilReady();
        return product;
      };
      return {
        run: (calls) =>
          at(name, async () => {
            for (let call = 1; call < calls; call++) (await multiplied()).dispose();
            await (await multiplied()).slice(0, 0).data();
          }),
        value: at(name, async () => (await multiplied()).data()),
        dispose: () => {
          left.dispose();
          right.dispose();
        },
      };
    });

const loadTfjs = async (require: Require, backend: 'wasm' | 'webgpu'): Promise<Peer['product']> => {
  const name = `tfjs-${backend}`;
  const tf = require('@tensorflow/tfjs-core') as Tf;
  const own = require(`@tensorflow/tfjs-backend-${backend}`) as TfWasm;
  if (backend === 'wasm') {
    const entry = require.resolve('@tensorflow/tfjs-backend-wasm/package.json');
    own.setWasmPaths(`${path.join(path.dirname(entry), 'dist')}/`);
    own.setThreadsCount(1);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`its ${backend} backend did not start`);
  await tf.ready();
  return tfjsProduct(name, tf);
};

const loadJax = async (require: Require, backend: 'wasm' | 'webgpu'): Promise<Peer['product']> => {
  const jax = require('@jax-js/jax') as Jax;
  await jax.init(backend);
  jax.defaultDevice(backend);
  return jaxProduct(`jax-js-${backend}`, jax);
};

const versionIn = (folder: string, packageName: string): string | null => {
  const file = path.join(folder, 'node_modules', packageName, 'package.json');
  if (!existsSync(file)) return null;
  const decoded = manifest.decode(JSON.parse(readFileSync(file, 'utf8')));
  return E.isRight(decoded) ? decoded.right.version : null;
};

interface Candidate {
  readonly library: 'tfjs' | 'jax-js';
  readonly backend: 'wasm' | 'webgpu';
  /** What has to be installed; the last one's version is told. */
  readonly packages: readonly string[];
}

const candidates: readonly Candidate[] = [
  { library: 'tfjs', backend: 'wasm', packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'] },
  {
    library: 'tfjs',
    backend: 'webgpu',
    packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'],
  },
  { library: 'jax-js', backend: 'wasm', packages: ['@jax-js/jax'] },
  { library: 'jax-js', backend: 'webgpu', packages: ['@jax-js/jax'] },
];

const load = async (folder: string, kind: Engine['kind'], candidate: Candidate): Promise<Peer> => {
  const { library, backend, packages } = candidate;
  const name = `${library}-${backend}`;
  const version = versionIn(folder, packages.at(-1) ?? '');
  const absent = (reason: string): Peer => ({ name, version, reason, product: null });
  const missing = packages.find((one) => versionIn(folder, one) === null);
  if (missing !== undefined) return absent(`${missing} is not installed in ${folder}`);
  if ((backend === 'webgpu') !== (kind === 'webgpu'))
    return absent(`it is held against the ${backend === 'webgpu' ? 'webgpu' : 'cpu'} engine, not ${kind}`);
  const require = createRequire(path.join(path.resolve(folder), 'package.json'));
  const start = library === 'tfjs' ? loadTfjs : loadJax;
  try {
    return { name, version, reason: null, product: await start(require, backend) };
  } catch (error) {
    return absent(firstLine(error));
  }
};

/**
 * The peers installed in a folder that can be held against an engine of a kind: wasm against the CPU engine, webgpu against
 * WebGPU. Never fails: what does not start takes no part.
 */
export const loadPeers =
  (folder: string, kind: Engine['kind']): TE.TaskEither<never, readonly Peer[]> =>
  async () => {
    const peers: Peer[] = [];
    for (const candidate of candidates) peers.push(await load(folder, kind, candidate));
    return E.right(peers);
  };

/** An InputFailure where the folder has no node_modules to look in. */
export const checkPeersFolder = (folder: string): E.Either<Failure, void> =>
  existsSync(path.join(folder, 'node_modules'))
    ? E.right(undefined)
    : E.left(
        inputFailure({
          source: '--peers',
          problem: `${folder} has no node_modules`,
          remedy:
            'Give a folder in which peers are installed: npm install @jax-js/jax @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm @tensorflow/tfjs-backend-webgpu',
        }),
      );

// Not a literal, so that it stays an optional package.
const dawnPackage: string = 'webgpu';

interface Dawn {
  readonly create: (options: readonly string[]) => unknown;
  readonly globals: Readonly<Record<string, unknown>>;
}

/**
 * Puts Dawn's GPU where browsers have it, `navigator.gpu`, so that peers and our own engine find one and the same. Leaves a
 * GPU that is there alone. Fails where the package is missing.
 */
export const provideGpu: TE.TaskEither<Failure, void> = pipe(
  TE.tryCatch(
    async () => {
      const world = globalThis as { navigator?: { gpu?: unknown; userAgent?: string }; self?: unknown };
      if (world.navigator?.gpu !== undefined) return;
      const dawn = (await import(dawnPackage)) as Dawn;
      Object.assign(globalThis, dawn.globals);
      world.self ??= globalThis;
      if (world.navigator === undefined)
        Object.defineProperty(world, 'navigator', { value: { userAgent: 'node' }, configurable: true });
      Object.defineProperty(world.navigator, 'gpu', { value: dawn.create([]), configurable: true });
    },
    (error): Failure =>
      engineFailure(
        'webgpu',
        firstLine(error),
        'Install it with `npm install webgpu@0.6.2`, or leave --peers out',
      ),
  ),
);
