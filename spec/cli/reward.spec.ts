/** `--reward`: what reaches the sampler and verification, what is said of it, and what is refused. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as TE from '#fp-ts/TaskEither';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proposeBatch } from '../../src/acquisition/index.js';
import { services } from '../../src/cli/services.js';
import { runProgram } from '../../src/cli/program.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { predictiveVariance } from '../../src/reward/predictive-variance.js';
import { closeTo } from '../linear-algebra/arbitrary.js';
import { maternPool } from '../support/pools.js';
import { observe, silent } from './fake-services.js';
import { run } from './real-services.js';

const demo = ['demo', '--pool-size', '20', '--batch-size', '3'] as const;
const verify = [
  'verify',
  '--pool-size',
  '20',
  '--batch-size',
  '3',
  '--seed',
  '4',
  '--temperature',
  '0.2',
] as const;
const byVariance = ['--reward', 'predictiveVariance'] as const;

test('the reward reaches the sampler by its name, and none does where none is asked for', async () => {
  assert.is((await observe([...demo, ...byVariance])).asked[0]?.options.reward?.name, 'predictiveVariance');
  assert.not.ok('reward' in ((await observe(demo)).asked[0]?.options ?? {}));
  const { exitCode, stderr } = await observe([...demo, '--reward', 'luck']);
  assert.is(exitCode, 2);
  assert.match(stderr, /--reward: .*luck/);
});

test('the report has utilities and information side by side, and --json both', async () => {
  const context = {
    services: {
      ...services,
      withEngine: (
        _choice: unknown,
        use: (engine: ReturnType<typeof cpuEngine>) => TE.TaskEither<never, never>,
      ) => use(cpuEngine()),
      proposeBatch,
    } as unknown as typeof services,
    ...silent,
    remark: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  };
  const words = [...demo, ...byVariance, '--acquisition', 'greedy'];
  const { stdout, exitCode } = await runProgram(words, '1.2.3', context);
  assert.is(exitCode, 0);
  assert.match(stdout, /\nThe reward predictiveVariance in nats\n\n +predictiveVariance +information\n/);
  assert.match(stdout, /\n {2}greedy by the reward +\d\.\d{4} +\d\.\d{4}\n/);
  const json = JSON.parse((await runProgram([...words, '--json'], '1.2.3', context)).stdout) as {
    readonly reward: { readonly name: string };
    readonly utility: number;
    readonly greedy: { readonly utility: number };
  };
  assert.is(json.reward.name, 'predictiveVariance');
  assert.is(json.utility, json.greedy.utility);
});

test('verify draws by it, its temperature that of its utilities', async () => {
  const { verified, stdout } = await observe([...verify, ...byVariance]);
  const problem = verified[0]?.problem;
  if (problem?.utility === undefined) throw new Error('no utility');
  const whitened = maternPool(20, 4);
  const { value: of, proxyFeatures: proxy } = predictiveVariance().utilityFor({
    mean: new Float64Array(20),
    whitened,
    noiseVariance: 1,
  });
  assert.equal(problem.whitened, proxy);
  closeTo(problem.utility.value([1, 5, 9]), of([1, 5, 9]), 1e-12);
  closeTo(problem.temperature / problem.utility.scale, 0.2, 1e-12);
  assert.match(stdout, /at T = 0\.2 by predictiveVariance/);
  const part = await observe([...verify, ...byVariance, '--candidates', '7']);
  const own = part.verified[0]?.problem;
  assert.is(own?.whitened.rows, 7);
  // Of the whole pool's variance still.
  assert.ok((own?.utility?.value([0, 1, 2]) ?? NaN) <= of(Array.from({ length: 20 }, (_, n) => n)));
});

test('a session tells utilities beside information as select does, and its status what it draws by', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-reward-'));
  const session = path.join(folder, 'session');
  const words = ['-d', 'src/docs/sine.csv', '-t', 'y', '-a', 'kCentre', ...byVariance];
  assert.is((await run('init', session, ...words)).exitCode, 0);
  const asked = (await run('ask', session, '-b', '3')).stdout;
  const chosen = (await run('select', ...words.slice(1), '-b', '3')).stdout;
  const compared = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => / {2}information$|^ *this batch|greedy by/.test(line))
      .map((line) => line.trim().replace(/ +/g, ' '));
  assert.is(compared(chosen).length, 3, chosen);
  assert.equal(compared(asked), compared(chosen));
  assert.not.match(asked, /BatchBALD/);
  assert.match(
    (await run('status', session)).stdout,
    /\n {2}acquisition +kCentre\n {2}settings +reward predictiveVariance\n/,
  );
  rmSync(folder, { recursive: true });
});

test('verify refuses it with several sizes of batches', async () => {
  const { exitCode, stderr } = await observe([...verify, ...byVariance, '--smallest-batch', '1']);
  assert.is(exitCode, 2);
  assert.match(
    stderr,
    /--smallest-batch: --reward predictiveVariance is of batches of one size\. Remove one/,
  );
});

test.run();
