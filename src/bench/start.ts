/**
 * How long until a fresh process has something to show? Each time is taken in a process of its own (src/bench/child.ts): the
 * package imported, an adapter opened, the first batch drawn on the CPU engine from a trained model's file. And how many
 * bytes is the library when a browser gets it, bundled, made small and gzipped?
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import * as E from '#fp-ts/Either';
import type * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import { engineFailure, type Failure } from '../failure.js';
import { firstParameters } from '../gflownet/model.js';
import { encodeModel } from '../gflownet/model-file.js';
import { keyFromSeed } from '../random/key.js';
import { interruption, timingOf, type BenchControl, type Timing } from './measure.js';
import { randomProblem, type PolicySizes } from './pools.js';

/** Times of fresh processes. */
export interface StartResult extends PolicySizes {
  /** What Node itself needs before the first line. */
  readonly node: Timing;
  /** Importing the package. */
  readonly import: Timing;
  /** Opening the WebGPU engine; null where there is none, and why. */
  readonly adapter: {
    readonly open: Timing | null;
    readonly description: string | null;
    readonly software: boolean | null;
    readonly reason: string | null;
  };
  readonly firstBatch: {
    /** Reading and decoding the model and the features. */
    readonly read: Timing;
    /** That, planning, loading and drawing. */
    readonly batch: Timing;
    /** From the start of the process to the batch. */
    readonly sinceStart: Timing;
  };
  /** The library bundled for a browser; null where esbuild is not installed. */
  readonly bundle: { readonly bytes: number; readonly gzippedBytes: number } | null;
}

const times = t.intersection([
  t.type({ node: t.number, import: t.number, total: t.number }),
  t.partial({
    adapter: t.union([t.number, t.null]),
    description: t.string,
    software: t.boolean,
    reason: t.string,
    read: t.number,
    batch: t.number,
    points: t.number,
  }),
]);

type Times = t.TypeOf<typeof times>;

const run = promisify(execFile);

const inChild =
  (words: readonly string[], { signal }: BenchControl): TE.TaskEither<Failure, Times> =>
  async () => {
    try {
      const child = fileURLToPath(new URL('./child.js', import.meta.url));
      const { stdout } = await run(process.execPath, [child, ...words], { signal });
      const decoded = times.decode(JSON.parse(stdout));
      if (E.isRight(decoded)) return decoded;
      throw new Error('it told no times');
    } catch (error) {
      if (signal.aborted) return E.left({ _tag: 'Interrupted', during: 'bench' });
      const [why = ''] = String(error).split('\n');
      return E.left(
        engineFailure('cpu', `a fresh process failed: ${why}`, 'Build the program: npm run build'),
      );
    }
  };

const timing = (samples: readonly Times[], part: (sample: Times) => number | null | undefined): Timing =>
  timingOf(samples.map((sample) => (part(sample) ?? NaN) / 1000));

/** What is used of esbuild. */
interface Esbuild {
  readonly build: (options: Readonly<Record<string, unknown>>) => Promise<{
    readonly outputFiles: readonly { readonly text: string }[];
  }>;
}

// Not a literal: it is a development dependency, and bundling is no part of the program.
const bundler: string = 'esbuild';

/** The library as a browser gets it; null where there is no bundler. */
export const bundleSize = async (): Promise<StartResult['bundle']> => {
  try {
    const { build } = (await import(bundler)) as Esbuild;
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('dist/index.js', import.meta.resolve('batchgfn/package.json')))],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      minify: true,
      write: false,
      external: ['webgpu'],
      logLevel: 'silent',
    });
    const text = outputFiles[0]?.text;
    return text === undefined
      ? null
      : { bytes: Buffer.byteLength(text), gzippedBytes: gzipSync(text).length };
  } catch {
    return null;
  }
};

/** Asks fresh processes, the three kinds in turns, `repeats` times. Fails where one of them does, and with Interrupted. */
export const measureStart =
  (
    sizes: PolicySizes,
    repeats: number,
    seed: number,
    control: BenchControl,
  ): TE.TaskEither<Failure, StartResult> =>
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-bench-'));
    try {
      const { problem, model } = randomProblem(sizes, seed);
      const [modelFile, featuresFile] = [path.join(folder, 'model'), path.join(folder, 'features')];
      const parameters = firstParameters(model, keyFromSeed(seed));
      await writeFile(modelFile, encodeModel({ model, parameters }));
      await writeFile(featuresFile, new Uint8Array(Float32Array.from(problem.whitened.data).buffer));
      const kinds = {
        import: ['import'],
        adapter: ['adapter'],
        batch: ['batch', modelFile, featuresFile],
      } as const;
      const taken = { import: [] as Times[], adapter: [] as Times[], batch: [] as Times[] };
      // The first of each reads files that the system has not at hand; it is not told.
      for (let round = 0; round <= repeats; round++)
        for (const kind of ['import', 'adapter', 'batch'] as const) {
          const free = interruption(control);
          if (E.isLeft(free)) return free;
          const told = await inChild(kinds[kind], control)();
          if (E.isLeft(told)) return told;
          if (round > 0) taken[kind].push(told.right);
          control.progress({ stage: 'fresh processes', done: round, total: repeats, note: kind });
        }
      const [opened] = taken.adapter;
      const hasAdapter = taken.adapter.every(({ adapter }) => typeof adapter === 'number');
      return E.right({
        ...sizes,
        node: timing(taken.import, ({ node }) => node),
        import: timing(taken.import, (sample) => sample.import),
        adapter: {
          open: hasAdapter ? timing(taken.adapter, ({ adapter }) => adapter) : null,
          description: opened?.description ?? null,
          software: opened?.software ?? null,
          reason: opened?.reason ?? null,
        },
        firstBatch: {
          read: timing(taken.batch, ({ read }) => read),
          batch: timing(taken.batch, ({ batch }) => batch),
          sinceStart: timing(taken.batch, ({ total }) => total),
        },
        bundle: await bundleSize(),
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
