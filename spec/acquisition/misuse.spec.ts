// What a program in JavaScript may get wrong where it asks for a batch: each slip throws a TypeError that names the argument
// and what it may be, and none comes out of the inside of the library.
import { isLeft } from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { proposeBatch, type ProposalOptions } from '../../src/acquisition/index.js';
import { randomBatches } from '../../src/acquisition/random.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed } from '../../src/random/key.js';
import { input, mul } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import type { Posterior } from '../../src/surrogate/posterior.js';
import { fail, succeed } from '../support/device.js';

const engine = cpuEngine();
const posterior: Posterior = {
  mean: new Float64Array(6),
  whitened: matrixFrom(6, 2, (i, j) => Math.sin(1 + 3 * i + j)),
  noiseVariance: 1,
};
const options: ProposalOptions = { batchSize: 2, seed: 0, draws: 4, acquisition: 'kdpp' };
const ask = (other: unknown, own: unknown = posterior) =>
  proposeBatch(engine, own as Posterior, other as ProposalOptions);

const atRandom = (other: object) =>
  randomBatches(posterior, { batchSize: 2, count: 3, key: keyFromSeed(0), ...other });

const slips: readonly (readonly [what: () => unknown, names: RegExp])[] = [
  [() => ask({ ...options, acquisition: 'gredy' }), /acquisition is 'gredy'; give one of gflownet, .*greedy/],
  [() => ask({ ...options, acquisition: 'toString' }), /acquisition is 'toString'/],
  [
    () => ask({ ...options, acquisition: 'gflownet', policy: 'gian' }),
    /policy is 'gian'; give one of .*gain/,
  ],
  [() => ask({ ...options, acquisition: 'gflownet', objective: 7 }), /objective is 7; give one of/],
  [() => atRandom({ count: 'x' }), /randomBatches.*count is 'x'/],
  [() => atRandom({ batchSize: 7 }), /randomBatches.*batchSize is 7/],
  [() => ask({}), /seed is undefined; give a whole number/],
  [() => ask(undefined), /options is undefined/],
  [() => ask(null), /options is null/],
  [() => ask('greedy'), /options is 'greedy'/],
  [() => ask({ ...options, batchSize: '2' }), /batchSize is '2'/],
  [() => ask({ ...options, batchSize: NaN }), /batchSize is NaN/],
  [() => ask({ ...options, seed: 0.5 }), /seed is 0.5/],
  [() => ask({ ...options, draws: undefined }), /draws is undefined/],
  [() => ask({ ...options, draws: '3' }), /draws is '3'/],
  [() => ask({ ...options, draws: 0 }), /draws is 0; give a whole number from 1 to 10000000/],
  [() => ask({ ...options, draws: Symbol('x') }), /draws is Symbol\(x\)/],
  [() => ask({ ...options, draws: 1e9 }), /draws is 1000000000/],
  [() => ask({ ...options, reward: null }), /reward is null; give one of rewards/],
  [() => ask({ ...options, reward: {} }), /reward is an object; give one of rewards/],
  [() => ask({ ...options, reward: 'information' }), /reward is 'information'/],
  [() => ask({ ...options, temperature: 1e-38 }), /temperature is 1e-38; give a number from 1e-30 up/],
  [() => ask({ ...options, temperature: NaN }), /temperature is NaN/],
  [() => ask({ ...options, coldness: -1 }), /coldness is -1/],
  [() => ask({ ...options, onProgress: true }), /onProgress is true; give a function/],
  [() => ask({ ...options, iterations: 1.5 }), /iterations is 1.5/],
  [() => ask({ ...options, candidates: 'all' }), /candidates is 'all'/],
  [() => ask(options, null), /posterior is null/],
  [() => ask(options, () => posterior), /posterior is a function/],
  [() => ask(options, {}), /posterior.whitened is undefined; give a matrix/],
  [() => ask(options, { ...posterior, whitened: [[1, 2]] }), /posterior.whitened is an array/],
  [
    () => ask(options, { ...posterior, mean: new Float64Array(3) }),
    /posterior.mean is 'of 3 numbers'; give .* of 6/,
  ],
  [() => ask(options, { ...posterior, noiseVariance: 0 }), /posterior.noiseVariance is 0/],
];

slips.forEach(([slip, names], i) =>
  test(`slip ${i}: ${String(names)}`, () => {
    assert.throws(slip, (error: unknown) => {
      const { message } = error as Error;
      assert.match(message, names);
      assert.match(message, /^(?:proposeBatch|randomBatches): /);
      return true;
    });
  }),
);

test('an entry that is not finite is a failure that says where', async () => {
  const data = posterior.whitened.data.map((x, k) => (k === 5 ? NaN : x));
  const failure = await fail(ask(options, { ...posterior, whitened: { ...posterior.whitened, data } }));
  assert.match(JSON.stringify(failure), /features of the posterior, row 3.*the value is NaN/);
});

test('what is right is taken', async () => {
  assert.is((await succeed(ask(options))).best.indices.length, 2);
});

test('a run on an engine that was closed under it is a failure', async () => {
  const own = cpuEngine();
  const loaded = await succeed(own.load(program({ y: mul(input('x', 'f32', [2]), 2) })));
  await succeed(loaded.run({ inputs: { x: Float32Array.of(1, 2) } }));
  await own.close();
  const result = await loaded.run({})();
  assert.ok(isLeft(result) && /closed while it was in use/.test(JSON.stringify(result.left)));
});

test.run();
