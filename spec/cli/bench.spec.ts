// The benches through the command line, tiny, on the CPU engine: what they print, never how long it took.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Context } from '../../src/cli/command.js';
import { machineOf } from '../../src/cli/bench-report.js';
import { renderBench } from '../../src/cli/bench-text.js';
import { services } from '../../src/cli/services.js';
import { runProgram, type Outcome } from '../../src/cli/program.js';
import { observe, silent } from './fake-services.js';

const context: Context = {
  services: services,
  ...silent,
  remark: () => undefined,
  progress: () => undefined,
  signal: new AbortController().signal,
};

const bench = (...words: readonly string[]): Promise<Outcome> =>
  runProgram(['bench', ...words], '1.2.3', { ...context, signal: new AbortController().signal });

const briefly = ['--repeats', '2', '--engine', 'cpu', '--min-milliseconds', '0'];

/** The JSON object of a bench, decoded. */
const decoded = async <A>(codec: t.Decoder<unknown, A>, ...words: readonly string[]): Promise<A> => {
  const { stdout, stderr, exitCode } = await bench(...words, '--json');
  assert.equal([exitCode, stderr], [0, ''], words.join(' '));
  const result = codec.decode(JSON.parse(stdout));
  if (E.isLeft(result)) throw new Error(`${words.join(' ')}: ${stdout}`);
  return result.right;
};

const positive = new t.Type<number>(
  'a number greater than 0',
  t.number.is,
  (value, at) => (typeof value === 'number' && value > 0 ? t.success(value) : t.failure(value, at)),
  t.identity,
);
const notNegative = new t.Type<number>(
  'a number from 0 up',
  t.number.is,
  (value, at) => (typeof value === 'number' && value >= 0 ? t.success(value) : t.failure(value, at)),
  t.identity,
);
const timingOf = (repeats: 1 | 2) =>
  t.type({
    seconds: positive,
    deviation: notNegative,
    fastest: positive,
    repeats: t.literal(repeats),
    calls: positive,
  });
const timing = timingOf(2);
const machine = t.type({ node: t.string, platform: t.string, processor: t.string, processors: positive });
const onCpu = t.type({
  machine,
  engine: t.type({ kind: t.literal('cpu'), description: t.string, software: t.literal(false) }),
  seed: notNegative,
});
const orNull = <A>(codec: t.Type<A>) => t.union([codec, t.null]);

const tinyKernels = ['--matmul', '8,4x5x6', '--log-softmax', '3x7', '--cholesky', '4x3', '--copy', '64'];

test('kernels: each with its rate, and plain loops beside products', async () => {
  const rated = t.intersection([
    timing,
    t.type({ gigaflops: orNull(positive), gigabytes: positive, error: orNull(notNegative) }),
  ]);
  const codec = t.intersection([
    onCpu,
    t.type({
      bench: t.literal('kernels'),
      kernels: t.array(
        t.type({
          kernel: t.string,
          shape: t.array(positive),
          engine: rated,
          plain: orNull(rated),
          peers: t.record(t.string, t.null),
        }),
      ),
      peers: t.null,
    }),
  ]);
  const { kernels } = await decoded(codec, 'kernels', ...tinyKernels, ...briefly);
  assert.equal(
    kernels.map(({ kernel, shape, engine, plain }) => [
      `${kernel} ${shape.join('×')}`,
      engine.gigaflops === null,
      plain === null,
    ]),
    [
      ['matmul 8×8×8', false, false],
      ['matmul 4×5×6', false, false],
      ['logSoftmax 3×7', true, true],
      ['cholesky 4×3', false, true],
      ['copy 64', true, true],
    ],
  );
});

test('kernels: a peer that is not there, or does not start, is told with its reason', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-spec-'));
  const package_ = path.join(folder, 'node_modules', '@jax-js', 'jax');
  mkdirSync(package_, { recursive: true });
  writeFileSync(path.join(package_, 'package.json'), '{"version":"9.9.9","main":"index.js"}');
  writeFileSync(path.join(package_, 'index.js'), 'throw new Error("not today")');
  const peer = t.type({ name: t.string, version: orNull(t.string), reason: t.string });
  const nothing = t.record(t.string, t.null);
  const codec = t.type({ peers: t.array(peer), kernels: t.array(t.type({ peers: nothing })) });
  const { peers } = await decoded(codec, 'kernels', ...tinyKernels, ...briefly, '--peers', folder);
  rmSync(folder, { recursive: true });
  const missing = (what: string) => `@tensorflow/${what} is not installed in ${folder}`;
  assert.equal(peers, [
    { name: 'tfjs-wasm', version: null, reason: missing('tfjs-core') },
    { name: 'tfjs-webgpu', version: null, reason: missing('tfjs-core') },
    { name: 'jax-js-wasm', version: '9.9.9', reason: 'Error: not today' },
    { name: 'jax-js-webgpu', version: '9.9.9', reason: 'it is held against the webgpu engine, not cpu' },
  ]);
});

const tinyPolicy = ['--batch-size', '3', '--features', '4', '--hidden', '5'];

test('train: iterations beside their floor, from the smallest pool up, and the time to a sample size', async () => {
  const stage = t.type({ stage: t.string, operations: notNegative, bytes: positive, seconds: positive });
  const floor = t.type({
    stages: t.array(stage),
    operations: positive,
    bytes: positive,
    seconds: positive,
    ratio: positive,
  });
  const codec = t.intersection([
    onCpu,
    t.type({
      bench: t.literal('train'),
      iterations: t.array(
        t.type({
          poolSize: positive,
          iteration: timing,
          dispatches: positive,
          rates: t.type({ operations: positive, bytes: positive }),
          floor: orNull(floor),
          memory: t.type({
            engineBytes: positive,
            engineBytesPerPoint: positive,
            buffers: positive,
            peakResidentBytes: positive,
          }),
        }),
      ),
      target: t.type({
        temperature: t.literal(0.5),
        effectiveSampleSize: t.number,
        runs: t.array(
          t.type({
            reached: t.boolean,
            iterations: positive,
            effectiveSampleSize: positive,
            elbo: t.number,
            eubo: t.number,
            seconds: t.type({ train: positive, check: positive }),
          }),
        ),
        train: orNull(timing),
        iterationsToTarget: orNull(positive),
      }),
    }),
  ]);
  const words = ['train', ...tinyPolicy, '--trajectories', '4', ...briefly, '--target-pool-size', '8'];
  const often = ['--pool-size', '20', '--pool-size', '9', '--draws', '50'];
  const easy = await decoded(codec, ...words, ...often, '--effective-sample-size', '0.01');
  assert.equal(
    easy.iterations.map(({ poolSize }) => poolSize),
    [9, 20],
  );
  for (const { floor: own, iteration, memory, poolSize } of easy.iterations) {
    assert.is(own?.stages.length, 6);
    assert.ok(Math.abs((own?.ratio ?? 0) * (own?.seconds ?? 0) - iteration.seconds) < 1e-9);
    assert.is(memory.engineBytesPerPoint, memory.engineBytes / poolSize);
  }
  assert.equal(
    easy.target.runs.map(({ reached, iterations }) => [reached, iterations]),
    [
      [true, 50],
      [true, 50],
    ],
  );
  assert.is(easy.target.iterationsToTarget, 50);
  // Both from some hundred draws of a policy that is near the target: by far more than their errors apart if mistaken.
  assert.ok(easy.target.runs.every(({ elbo, eubo }) => eubo > elbo - 0.5 && eubo < elbo + 2));
  // Nothing drawn from a trained policy is exact; pointer has no floor.
  const hard = await decoded(
    codec,
    ...[...words, '--pool-size', '9', '--policy', 'pointer', '--draws', '20'],
    ...['--effective-sample-size', '1', '--iterations', '60'],
  );
  assert.is(hard.iterations[0]?.floor, null);
  assert.equal([hard.target.train, hard.target.iterationsToTarget], [null, null]);
  assert.equal(
    hard.target.runs.map(({ reached, iterations }) => [reached, iterations]),
    [
      [false, 60],
      [false, 60],
    ],
  );
});

test('draw: a policy, greedy and exact draws on one pool', async () => {
  const codec = t.intersection([
    onCpu,
    t.type({
      bench: t.literal('draw'),
      draws: t.array(
        t.type({
          poolSize: positive,
          batchSize: t.literal(3),
          draws: t.literal(300),
          coldSeconds: positive,
          perBatch: t.type({ first: timing, one: timing, many: timing, greedy: timing, kdpp: timing }),
          batchesPerSecond: positive,
          dispatches: t.type({ one: positive, many: positive }),
          kdppPreparation: positive,
        }),
      ),
    }),
  ]);
  const words = ['draw', ...tinyPolicy, '--pool-size', '9,12', '--draws', '300', ...briefly];
  const { draws } = await decoded(codec, ...words);
  assert.equal(
    draws.map(({ poolSize }) => poolSize),
    [9, 12],
  );
  for (const { perBatch, batchesPerSecond, dispatches } of draws) {
    assert.ok(Math.abs(batchesPerSecond * perBatch.many.seconds - 1) < 1e-9);
    // Of a batch each, so many a call.
    assert.is(perBatch.many.calls % 300, 0);
    // 300 draws are two blocks side by side.
    assert.ok(dispatches.many > dispatches.one && dispatches.many < 300 * dispatches.one);
  }
});

test('start: fresh processes import, look for an adapter and draw', async () => {
  const once = timingOf(1);
  const codec = t.type({
    bench: t.literal('start'),
    engine: t.null,
    machine,
    start: t.type({
      poolSize: t.literal(30),
      node: once,
      import: once,
      adapter: t.union([
        t.type({ open: once, description: t.string, software: t.boolean, reason: t.null }),
        t.type({ open: t.null, description: t.null, software: t.null, reason: t.string }),
      ]),
      firstBatch: t.type({ read: once, batch: once, sinceStart: once }),
      bundle: t.type({ bytes: positive, gzippedBytes: positive }),
    }),
  });
  const { start } = await decoded(codec, 'start', ...tinyPolicy, '--pool-size', '30', '--repeats', '1');
  const { firstBatch, bundle } = start;
  assert.ok(firstBatch.read.seconds < firstBatch.batch.seconds);
  assert.ok(firstBatch.batch.seconds < firstBatch.sinceStart.seconds);
  assert.ok(bundle.gzippedBytes < bundle.bytes);
});

test('soak: memory that is held and left, and the same bits again', async () => {
  const codec = t.intersection([
    onCpu,
    t.type({
      bench: t.literal('soak'),
      soak: t.type({
        marks: t.array(
          t.type({
            iterations: positive,
            buffers: positive,
            bytes: positive,
            residentBytes: positive,
            loss: notNegative,
          }),
        ),
        sameBits: t.literal(true),
        flat: t.type({ buffers: t.literal(true), bytes: t.literal(true), residentBytes: t.boolean }),
        residentRatio: positive,
        left: t.type({ buffers: t.literal(0), bytes: t.literal(0) }),
        seconds: positive,
      }),
    }),
  ]);
  const words = ['soak', '--iterations', '14', '--every', '6', '--trajectories', '4', '--engine', 'cpu'];
  const { soak } = await decoded(codec, ...words);
  assert.equal(
    soak.marks.map(({ iterations }) => iterations),
    [6, 12, 14],
  );
  const other = await decoded(codec, ...words, '--seed', '1');
  assert.not.equal(
    other.soak.marks.map(({ loss }) => loss),
    soak.marks.map(({ loss }) => loss),
  );
});

test('samplers: records go to a file that is resumed, and the table to another', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-samplers-'));
  const at = (name: string): string => path.join(folder, name);
  const rows = Array.from({ length: 40 }, (_, i) => `${Math.sin(i)},${i % 7},${(i * i) % 11}`);
  writeFileSync(at('pool.csv'), ['a,b,y', ...rows].join('\n'));
  const words = [
    ...['samplers', '--data', `${at('pool.csv')}:y:12:36`, '--only', 'pool:12:36,greedy,exchanges'],
    ...['--out', at('out.jsonl'), '--engine', 'cpu', '--draws', '8'],
  ];
  const codec = t.intersection([
    onCpu,
    t.type({
      bench: t.literal('samplers'),
      records: t.array(t.type({ kind: t.literal('drawn'), pool: t.literal('pool:12:36'), points: t.number })),
    }),
  ]);
  const half = await decoded(codec, ...words, '--shard', '1/2');
  assert.is(half.records.length, 4);
  const { records } = await decoded(codec, ...words, '--markdown', at('table.md'));
  assert.is(records.length, 8);
  assert.ok(records.every(({ points }) => points === 24));
  assert.is(readFileSync(at('out.jsonl'), 'utf8').split('\n').length, 9);
  assert.match(readFileSync(at('table.md'), 'utf8'), /### pool:12:36\n\n10 of 24 points by information/);
  const again = await bench(...words);
  assert.is(readFileSync(at('out.jsonl'), 'utf8').split('\n').length, 9);
  assert.match(again.stdout, /\| greedy \|/);
  const other = await bench(...words, '--seed', '1');
  assert.is(other.exitCode, 2);
  assert.match(other.stderr, /out\.jsonl, line 1: the record is of other settings/);
  rmSync(folder, { recursive: true });
});

test('strategies: a file that was cut off, or made in shards or on threads, ends as it would have been', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-strategies-'));
  const at = (name: string): string => path.join(folder, name);
  const rows = Array.from({ length: 160 }, (_, i) => `${Math.sin(i)},${i % 7},${((i * i) % 11) / 3}`);
  writeFileSync(at('pool.csv'), ['a,b,y', ...rows].join('\n'));
  const words = (out: string): readonly string[] => [
    ...['strategies', '--data', `${at('pool.csv')}:y:12:150`, '--seeds', '2', '--batch-size', '50'],
    ...['--only', 'pool,plateau,usual,greedy,random', '--engine', 'cpu', '--out', at(out)],
  ];
  const linesOf = (out: string): readonly string[] =>
    readFileSync(at(out), 'utf8')
      .split('\n')
      .map((line) => line.replace(/"seconds":\{[^}]*\}/, ''));
  const group = t.type({
    task: t.string,
    pools: t.array(
      t.type({ pool: t.string, seeds: t.literal(2), rows: t.array(t.type({ rank: positive })) }),
    ),
    standings: t.array(t.type({ strategy: t.string, meanRank: positive, won: notNegative })),
  });
  const codec = t.intersection([onCpu, t.type({ bench: t.literal('strategies'), groups: t.array(group) })]);
  const { groups } = await decoded(
    codec,
    ...words('whole.jsonl'),
    '--threads',
    '1',
    '--markdown',
    at('whole.md'),
  );
  assert.equal(
    groups.map(({ task, pools }) => [task, ...pools.map(({ pool }) => pool)]),
    [['regression', 'pool', 'plateau']],
  );
  const whole = linesOf('whole.jsonl');
  assert.is(whole.length, 2 * 2 * 2 * 3 + 1);
  assert.equal(
    whole.slice(0, -1).map((line) => line.startsWith('{"experiment":"pool"')),
    Array.from({ length: 24 }, (_, i) => i < 12),
  );
  // 30 rows to measure on, 12 labels, and 100 more: eight are left.
  assert.match(whole[0] ?? '', /^\{"experiment":"pool","strategy":"greedy","seed":0,"round":0,"labels":12,/);
  const content = readFileSync(at('whole.jsonl'), 'utf8');
  writeFileSync(at('cut.jsonl'), content.slice(0, content.split('\n').slice(0, 8).join('\n').length + 40));
  await decoded(codec, ...words('cut.jsonl'), '--threads', '2', '--markdown', at('cut.md'));
  assert.equal(linesOf('cut.jsonl'), whole);
  assert.is(readFileSync(at('cut.md'), 'utf8'), readFileSync(at('whole.md'), 'utf8'));
  for (const shard of ['1/2', '2/2'])
    await bench(...words(`part-${shard[0] ?? ''}.jsonl`), '--threads', '1', '--shard', shard);
  writeFileSync(
    at('joined.jsonl'),
    ['part-2.jsonl', 'part-1.jsonl'].map((part) => readFileSync(at(part), 'utf8')).join(''),
  );
  const before = readFileSync(at('joined.jsonl'), 'utf8').split('\n').toSorted();
  await decoded(codec, ...words('joined.jsonl'), '--threads', '1');
  assert.equal(readFileSync(at('joined.jsonl'), 'utf8').split('\n').toSorted(), before);
  assert.equal(linesOf('joined.jsonl'), whole);
  writeFileSync(
    at('kinds.csv'),
    ['a,kind', ...rows.map((_, i) => `${i},${i % 2 === 0 ? 'u' : 'v'}`)].join('\n'),
  );
  const short = await bench(...words('short.jsonl').with(2, `${at('kinds.csv')}:kind:classes:12:130`));
  assert.match(
    short.stderr,
    /kinds\.csv: 26 rows to measure on, 12 labels and 100 to ask for are more than 130 rows/,
  );
  const other = await bench(...words('whole.jsonl').with(6, '25'));
  assert.equal([other.exitCode, /line 1: the record is of another experiment/.test(other.stderr)], [2, true]);
  rmSync(folder, { recursive: true });
});

test('strategies: 20 labels are asked for of a pool without any, and random is what they are held against', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-cold-'));
  const at = (name: string): string => path.join(folder, name);
  const rows = Array.from({ length: 60 }, (_, i) => `${Math.sin(i)},${i % 7},${i % 2 === 0 ? 'u' : 'v'}`);
  writeFileSync(at('pool.csv'), ['a,b,kind', ...rows].join('\n'));
  const words = (data: string, ...more: readonly string[]): readonly string[] => [
    ...['strategies', '--data', `${at('pool.csv')}:${data}`, '--seeds', '1', '--batch-size', '50'],
    ...[
      '--only',
      'pool,plateau,plateau-cold,usual,random,typiClust',
      '--engine',
      'cpu',
      '--out',
      at('out.jsonl'),
    ],
    ...['--threads', '1', ...more],
  ];
  const codec = t.type({
    groups: t.array(
      t.type({
        task: t.string,
        reference: t.string,
        pools: t.array(t.type({ pool: t.string, labels: t.array(t.number) })),
      }),
    ),
  });
  const { groups } = await decoded(codec, ...words('kind:classes:0'));
  assert.equal(
    groups.map(({ task, reference, pools }) => [
      task,
      reference,
      ...pools.map((one) => [one.pool, one.labels]),
    ]),
    [
      ['classes', 'random', ['pool', [0, 20]]],
      ['regression', 'greedy', ['plateau', [20, 120]]],
      ['regression', 'random', ['plateau-cold', [0, 20]]],
    ],
  );
  const short = await bench(...words('kind:classes:0:24'));
  assert.match(
    short.stderr,
    /pool\.csv: 5 rows to measure on, 0 labels and 20 to ask for are more than 24 rows/,
  );
  const samplers = await bench('samplers', '--data', `${at('pool.csv')}:a:0`, '--engine', 'cpu');
  assert.is(samplers.exitCode, 2);
  assert.match(
    samplers.stderr,
    /^--data: a pool without labels is of bench strategies, and .*pool\.csv is to have none/,
  );
  rmSync(folder, { recursive: true });
});

test('fit: likelihoods that are level, factors with their rate, and a Python that is not there', async () => {
  const codec = t.type({
    bench: t.literal('fit'),
    engine: t.null,
    fits: t.array(
      t.type({
        labels: positive,
        features: positive,
        lengthScales: t.string,
        fit: timing,
        evaluations: positive,
        logLikelihood: t.number,
        peer: t.type({ reason: t.string }),
      }),
    ),
    factors: t.array(t.type({ name: t.string, size: positive, time: timing, gigaflops: positive })),
  });
  const words = ['fit', '--labels', '20', '--columns', '1,3', '--factors', '40', '--peers', 'no-such-python'];
  words.push('--repeats', '2', '--min-milliseconds', '0');
  const { fits, factors } = await decoded(codec, ...words);
  assert.equal(
    fits.map(({ labels, features, lengthScales }) => [labels, features, lengthScales]),
    [1, 3].flatMap((d) => ['shared', 'perFeature'].map((scales) => [20, d, scales])),
  );
  // One feature has one length-scale, whoever shares it; of three, more of them explain no less.
  const [one, same, shared, each] = fits.map(({ logLikelihood }) => logLikelihood);
  assert.ok(Math.abs((one ?? NaN) - (same ?? NaN)) < 1e-4);
  assert.ok((each ?? NaN) > (shared ?? NaN) - 1e-4);
  assert.ok(fits.every(({ peer }) => peer.reason.includes('no-such-python')));
  assert.equal(
    factors.map(({ name, size }) => [name, size]),
    [
      ['cholesky', 40],
      ['inverse', 40],
      ['eigen', 40],
    ],
  );
  const { stdout } = await bench(...words);
  assert.match(stdout, /one a feature .* nats\n/);
  assert.match(stdout, /scikit-learn takes no part: .*no-such-python/);
});

test('all can be read by people', async () => {
  const text = async (...words: readonly string[]): Promise<string> => (await bench(...words)).stdout;
  assert.match(await text('kernels', ...tinyKernels, ...briefly), /matmul +4×5×6 .* GFLOP\/s/);
  const soaked = await text('soak', '--iterations', '4', '--every', '2', '--engine', 'cpu');
  assert.match(soaked, /^cpu: cpu; [^]*buffers +flat[^]*the same bits/);
});

test('operations and bytes beyond a million and a thousand million are read in those', () => {
  const stage = (operations: number) =>
    ({ stage: 'gradient', operations, bytes: 2.5e9, seconds: 0.125 }) as const;
  const time = { seconds: 1, deviation: NaN, fastest: 1, repeats: 1, calls: 1 };
  const text = renderBench({
    bench: 'train',
    ...{ machine: machineOf(), engine: null, threads: null, seed: 0 },
    sizes: { batchSize: 3, features: 4, hidden: 5, trajectories: 4, policy: 'gain' },
    iterations: [
      {
        ...{ poolSize: 9, iteration: time, dispatches: 1, rates: { operations: 1, bytes: 1 } },
        floor: {
          stages: [stage(999_999), stage(1.5e6), stage(1.125e9)],
          ...{ operations: 2.25e12, bytes: 7.5e9, seconds: 0.375, ratio: 2 },
        },
        memory: { engineBytes: 1, engineBytesPerPoint: 1, buffers: 1, peakResidentBytes: 1 },
      },
    ],
    target: {
      ...{ temperature: 0.5, effectiveSampleSize: 0.5, draws: 10, poolSize: 9, batchSize: 3 },
      ...{ iterations: 50, runs: [], train: null, iterationsToTarget: null, policy: 'gain', trajectories: 4 },
    },
  });
  for (const line of [
    /^ *gradient +999999 +2\.5 GB +125 ms$/m,
    /^ *gradient +1\.5 M +2\.5 GB /m,
    // Half of the last digit counts as one.
    /^ *gradient +1\.13 G +2\.5 GB /m,
    /^ *in all +2250 G +7\.5 GB +375 ms$/m,
    // Of one repeat there is no deviation.
    /1 ± – s/,
  ])
    assert.match(text, line);
});

test('what does not go together is told before an engine is asked for', async () => {
  const refused = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, stdout, engines, stderr } = await observe(['bench', ...words]);
    assert.equal([exitCode, stdout, engines], [2, '', 0], words.join(' '));
    return stderr;
  };
  assert.is(await refused(), 'WHAT: the argument is missing. Give it; see batchgfn bench --help.\n');
  assert.match(await refused('kernel'), /^WHAT: "kernel" is not one of kernels, train, .* Give kernels/);
  assert.is(
    await refused('kernels', '--pool-size', '10', '--every', '3'),
    [
      '--pool-size: the option has no meaning for bench kernels. Remove it, or use bench train or draw or gibbs or start or soak.\n',
      '--every: the option has no meaning for bench kernels. Remove it, or use bench soak.\n',
    ].join(''),
  );
  assert.match(await refused('kernels', '--matmul', '3x4'), /^--matmul: "3x4" is not 1 or 3 sizes with x/);
  assert.match(
    await refused('train', '--pool-size', '100,,3'),
    /^--pool-size: "" is not a whole number from 1/,
  );
  assert.match(
    await refused('draw', '--pool-size', '100,9'),
    /^--batch-size: a batch of 10 is larger than the pool of 9 /,
  );
  assert.match(
    await refused('soak', '--pool-size', '20,30'),
    /^--pool-size: bench soak is of one pool, and 2 /,
  );
  assert.match(
    await refused('start', '--engine', 'cpu'),
    /^--engine: the option has no meaning for bench start/,
  );
  assert.match(
    await refused('samplers', '--only', 'annealed,demmo'),
    /^--only: there is no pool, way or temperature demmo. Perhaps demo is meant/,
  );
  assert.match(await refused('strategies'), /^--out: the option is missing/);
  assert.match(
    await refused('strategies', '--out', 'no.jsonl', '--batch-size', '101', '--data', 'cells.csv:y'),
    /^--batch-size: 101 are more than the 100 labels[^]*--data: two pools are called cells/,
  );
  assert.match(
    await refused('strategies', '--out', 'no.jsonl', '--only', 'celsl'),
    /^--only: there is no pool, surrogate or strategy celsl. Perhaps cells is meant/,
  );
  assert.match(await refused('samplers', '--data', 'pool.csv'), /^--data: "pool.csv" is not FILE:TARGET/);
  assert.match(await refused('samplers', '--data', 'no.csv:y'), /^no.csv: there is no such file/);
  assert.match(
    await refused('kernels', '--peers', 'nowhere-at-all'),
    /^--peers: nowhere-at-all has no node_mod/,
  );
});

test('Ctrl-C ends each of them with exit code 130', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-bench-'));
  for (const what of ['kernels', 'train', 'draw', 'start', 'soak', 'samplers', 'strategies']) {
    const signal = AbortSignal.abort();
    const words = [
      'bench',
      what,
      ...(what === 'kernels'
        ? tinyKernels
        : what === 'samplers'
          ? []
          : what === 'strategies'
            ? ['--out', path.join(folder, 'out.jsonl')]
            : ['--pool-size', '12', '--batch-size', '2']),
      ...(what === 'start' ? [] : ['--engine', 'cpu']),
    ];
    const { exitCode, stdout, stderr } = await runProgram(words, '1.2.3', { ...context, signal });
    assert.equal([exitCode, stdout], [130, ''], what);
    assert.match(stderr, /interrupted\.\n$/);
  }
  rmSync(folder, { recursive: true });
});

test.run();
