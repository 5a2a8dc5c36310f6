/** `--acquisition`: which strategy is asked, what is said of it, and which other options it refuses. */
import * as t from '#io-ts';
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { strategies, type AcquisitionName } from '../../src/acquisition/index.js';
import { services } from '../../src/cli/services.js';
import { runProgram } from '../../src/cli/program.js';
import { observe, silent } from './fake-services.js';

const demo = ['demo', '--pool-size', '20', '--batch-size', '3'] as const;
const kdpp = [...demo, '--acquisition', 'kdpp'] as const;

test('the strategy is the GFlowNet unless another is asked for', async () => {
  for (const [words, name] of [
    [demo, 'gflownet'],
    [[...demo, '--acquisition', 'gflownet'], 'gflownet'],
    [kdpp, 'kdpp'],
    [[...kdpp, '--temperature', '0.5', '--engine', 'cpu'], 'kdpp'],
  ] as const) {
    const { asked, stdout, exitCode } = await observe(words);
    assert.is(exitCode, 0);
    assert.is(asked[0]?.options.acquisition, name);
    assert.match(stdout, new RegExp(`\\n {2}acquisition +${name}\\n`));
  }
});

test('exact draws say so, and nothing of training', async () => {
  const { stdout, choices } = await observe(kdpp);
  assert.match(stdout, /\n {2}log Z +20\.3750 \(exact\)\n/);
  assert.match(stdout, /s to fit, 0\.25 s to draw\n$/);
  // They leave the adapter alone.
  assert.equal(choices, ['cpu']);
  assert.equal((await observe(demo)).choices, ['auto']);
});

test('--threads goes to the engine, and numbers that are none are refused', async () => {
  assert.equal((await observe([...demo, '--threads', '3'])).threads, [3]);
  assert.equal((await observe(demo)).threads, []);
  for (const word of ['0', '65', '1.5', 'all']) {
    const { exitCode, stderr, engines } = await observe([...demo, '--threads', word]);
    assert.is(exitCode, 2);
    assert.match(stderr, /--threads/);
    assert.is(engines, 0);
  }
});

test('--json names the strategy and has log Z', async () => {
  const decode = async (words: readonly string[]) =>
    t
      .type({
        acquisition: t.string,
        logPartition: t.UnknownRecord,
        iterations: t.number,
        seconds: t.type({ train: t.number, draw: t.number }),
      })
      .decode(JSON.parse((await observe([...words, '--json'])).stdout));
  const [exact, learned] = [await decode(kdpp), await decode(demo)];
  assert.ok(E.isRight(exact) && E.isRight(learned));
  const { acquisition, logPartition, iterations, seconds } = exact.right;
  assert.equal(
    [acquisition, logPartition, iterations],
    ['kdpp', { estimate: 20.375, standardError: 0, method: 'exact', elbo: 20.375, eubo: 20.375 }, 0],
  );
  assert.equal([seconds.train, seconds.draw], [0, 0.25]);
  assert.equal(
    [learned.right.acquisition, learned.right.logPartition],
    ['gflownet', { estimate: 20.5, standardError: 0.25, method: 'bridge', elbo: 20.25, eubo: 20.75 }],
  );
});

test('options that exact draws have no use for end with exit code 2, a line each that says what to change', async () => {
  const idle = (option: string): string =>
    `${option}: the option has no meaning with --acquisition kdpp. Remove it, or use --acquisition gflownet.`;
  for (const [words, line] of [
    [
      ['--temperature', '0.2'],
      '--temperature: --acquisition kdpp draws at 0.5 only, not at 0.2. Give 0.5 or leave it out, or use --acquisition gflownet or --acquisition annealed or --acquisition stochasticBatchBald.',
    ],
    [['--policy', 'gain'], idle('--policy')],
    [['--objective', 'flowMatching'], idle('--objective')],
    [['--iterations', '100'], idle('--iterations')],
    [['--trajectories', '16'], idle('--trajectories')],
    [
      ['--engine', 'webgpu'],
      '--engine: --acquisition kdpp works on the CPU alone. Remove it, or use --acquisition gflownet.',
    ],
  ] as const)
    // The file is not even looked for.
    for (const command of [demo, ['select', 'none.csv', '--target', 'y']]) {
      const { exitCode, stdout, stderr, engines } = await observe([
        ...command,
        '--acquisition=kdpp',
        ...words,
      ]);
      assert.equal([exitCode, stdout, engines, stderr], [2, '', 0, `${line}\n`], words.join(' '));
    }
  const both = await observe([...kdpp, '--policy', 'gain', '--iterations', '3']);
  assert.is(both.stderr, `${idle('--policy')}\n${idle('--iterations')}\n`);
  const unknown = await observe([...demo, '--acquisition', 'kdp']);
  assert.is(unknown.exitCode, 2);
  assert.match(
    unknown.stderr,
    /^--acquisition: .*kdp.* is not one of gflownet, annealed, kdpp, greedy,.*\. Give kdpp/,
  );
});

/** A command line on the engines and strategies themselves. */
const real = (...words: readonly string[]) =>
  runProgram([...demo, ...words], '1.2.3', {
    services: services,
    ...silent,
    remark: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  });

test('every strategy on the host is to be had; what it has no number for is null, and no line of the text', async () => {
  const whatever = t.union([t.null, t.number]);
  const report = t.type({
    acquisition: t.string,
    rows: t.array(t.number),
    effectiveSampleSize: whatever,
    temperature: whatever,
    logPartition: t.union([t.null, t.UnknownRecord]),
    candidates: t.type({ count: t.number }),
  });
  const names = Object.keys(strategies) as AcquisitionName[];
  for (const name of names.filter((_) => strategies[_].onHost && strategies[_].ofClasses === undefined)) {
    const words = ['--acquisition', name, '--candidates', '8'];
    const told = await real(...words, '--json');
    assert.is(told.exitCode, 0, told.stderr);
    const decoded = report.decode(JSON.parse(told.stdout));
    assert.ok(E.isRight(decoded), told.stdout);
    const { acquisition, rows, effectiveSampleSize, temperature, logPartition } = decoded.right;
    assert.equal([acquisition, rows.length, new Set(rows).size], [name, 3, 3]);
    const targeted = name === 'annealed' || name === 'kdpp' || name === 'stochasticBatchBald';
    // Annealing has no trajectories to take weights of.
    const weighted = targeted && name !== 'annealed';
    assert.equal(
      [effectiveSampleSize, temperature, logPartition].map((value) => value !== null),
      [weighted, targeted, targeted],
      name,
    );
    const { stdout } = await real(...words);
    for (const [line, there] of [
      ['temperature', targeted],
      ['effective sample size', weighted],
      ['log Z', targeted],
      ['draws', name === 'annealed'],
    ] as const)
      assert.is(new RegExp(`^  ${line} {2,}`, 'm').test(stdout), there, `${name}: ${line}`);
    assert.not.match(stdout, /null|NaN|undefined/);
  }
});

test('a temperature is refused where there is none, with the strategies that have one', async () => {
  const { exitCode, stderr } = await observe([...demo, '--acquisition', 'bald', '--temperature', '1']);
  assert.is(exitCode, 2);
  assert.is(
    stderr,
    '--temperature: the option has no meaning with --acquisition bald. Remove it, or use --acquisition gflownet or --acquisition annealed or --acquisition stochasticBatchBald.\n',
  );
});

test('a coldness is refused where nothing follows it', async () => {
  const { exitCode, stderr } = await observe([...demo, '--coldness', '2']);
  assert.is(exitCode, 2);
  assert.is(
    stderr,
    '--coldness: the option has no meaning with --acquisition gflownet. Remove it, or use --acquisition powerBald or --acquisition softmaxBald or --acquisition powerMargin.\n',
  );
});

test.run();
