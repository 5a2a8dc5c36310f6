/**
 * What a fresh process does for `bench start`, and how long it takes, as one line of JSON on stdout (start.ts reads it):
 *
 *   node child.js import                     imports the package
 *   node child.js adapter                    imports it and opens the WebGPU engine
 *   node child.js batch MODEL FEATURES       imports it, reads a model file and features (f32, row-major), draws a batch
 *
 * `node` is what the process itself needed before its first line; all in milliseconds.
 */
import { readFileSync } from 'node:fs';
import * as E from '#fp-ts/Either';
import type { cpuEngine, webgpuEngine } from '../engine/index.js';
import type { showFailure } from '../failure.js';
import type { decodeModel } from '../gflownet/model-file.js';
import type { batchesOf, draw } from '../gflownet/sample.js';
import type { keyFromSeed } from '../random/key.js';

/** What is used of the package. */
interface Library {
  readonly batchesOf: typeof batchesOf;
  readonly cpuEngine: typeof cpuEngine;
  readonly decodeModel: typeof decodeModel;
  readonly draw: typeof draw;
  readonly keyFromSeed: typeof keyFromSeed;
  readonly showFailure: typeof showFailure;
  readonly webgpuEngine: typeof webgpuEngine;
}

const sinceStart = (): number => performance.now();

const node = sinceStart();

const tell = (times: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify({ node, ...times, total: sinceStart() })}\n`);
};

const [mode, modelFile = '', featuresFile = ''] = process.argv.slice(2);

// The whole package, by its name, as a user imports it.
const library = (await import(import.meta.resolve('batchgfn'))) as Library;
const imported = sinceStart() - node;

if (mode === 'import') tell({ import: imported });

if (mode === 'adapter') {
  const { showFailure, webgpuEngine } = library;
  const start = sinceStart();
  const engine = await webgpuEngine()();
  const adapter = sinceStart() - start;
  if (E.isLeft(engine)) tell({ import: imported, adapter: null, reason: showFailure(engine.left) });
  else {
    tell({
      import: imported,
      adapter,
      description: engine.right.description,
      software: engine.right.software,
    });
    await engine.right.close();
  }
}

if (mode === 'batch') {
  const { batchesOf, cpuEngine, decodeModel, draw, keyFromSeed } = library;
  const start = sinceStart();
  const decoded = decodeModel(readFileSync(modelFile));
  if (E.isLeft(decoded)) throw new Error('the model file cannot be read');
  const { model, parameters } = decoded.right;
  const { poolSize, features, batchSize } = model.shape;
  const bytes = readFileSync(featuresFile);
  const data = Float64Array.from(
    new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT),
  );
  const problem = { whitened: { rows: poolSize, columns: features, data }, batchSize, temperature: 0.5 };
  const read = sinceStart() - start;
  const drawn = await draw(cpuEngine(), model, problem, parameters, 1, keyFromSeed(0))();
  if (E.isLeft(drawn)) throw new Error('the batch could not be drawn');
  const points = batchesOf(drawn.right)[0]?.length ?? 0;
  tell({ import: imported, read, batch: sinceStart() - start, points });
}

// Not before stdout has what was written.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
process.exit(0);
