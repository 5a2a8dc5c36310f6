/**
 * Files that an earlier version of the program wrote are read by this one, which goes on from them. They lie in spec/fixtures, as
 * version 0.1.0 left them in November 2026, and no later one writes them anew:
 *
 *   session-numbers       init --surrogate gaussian-process --kernel rbf --policy gain --objective trajectoryBalance
 *                         --temperature 0.1 --candidates 20 --iterations 20 --trajectories 8, of 30 rows; three rounds of three
 *                         rows, with `ahead` in the second; of the third one row is told, one skipped, one pending
 *   session-classes       init --task classes --classes ash,elm,oak --acquisition powerBald --coldness 2, of 24 rows; two rounds
 *   models                a policy of each kind, and in expected.json what it draws from a pool of seven points
 *   run-strategies.jsonl  run --preset toy-regression --pool-size 30 --strategies
 *                         gflownet,greedy,random:4,greedy@predictiveVariance --seeds 2 --rounds 2 --batch-size 3 --iterations 5
 *                         --trajectories 4
 *   run-policies.jsonl    run --preset lookahead --pool-size 30 --seeds 1 --rounds 1 --batch-size 3 --iterations 5
 *                         --trajectories 4
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { services } from '../../src/cli/services.js';
import { runProgram } from '../../src/cli/program.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { exactDistribution } from '../../src/gflownet/exact/policy.js';
import { decodeModel } from '../../src/gflownet/model-file.js';
import type { ObjectiveName } from '../../src/gflownet/objectives/index.js';
import type { Problem } from '../../src/gflownet/problem.js';
import { startTraining } from '../../src/gflownet/start.js';
import { train } from '../../src/gflownet/train.js';
import { decodeStart } from '../../src/learning/session/encode.js';
import type { SessionStart } from '../../src/learning/session/events.js';
import { keyFromSeed } from '../../src/random/key.js';
import { right } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { close } from '../support/tolerances.js';
import { silent } from './fake-services.js';

const fixtures = path.join(process.cwd(), 'spec', 'fixtures');

const test = suite<{ folder: string }>('files of an earlier version', { folder: '' });

/** A copy of the fixtures, which are never written to. */
test.before(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  await cp(fixtures, context.folder, { recursive: true });
});

test.after(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

/** Runs a command with the rooms as they are. */
const outcomeOf = (...words: readonly string[]) =>
  runProgram(words, 'spec', {
    services: services,
    ...silent,
    remark: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  });

/** What it prints; rejects where it does not end well. */
const printedBy = async (...words: readonly string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await outcomeOf(...words);
  assert.is(exitCode, 0, stderr);
  return stdout;
};

const said = async (...words: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await printedBy(...words, '--json')) as Record<string, unknown>;

test('every setting of a session is read by its name', async () => {
  const settingsOf = async (session: string): Promise<SessionStart['settings']> => {
    const text = await readFile(path.join(fixtures, session, 'session.json'), 'utf8');
    const { start } = JSON.parse(text) as { readonly start: unknown };
    return right(decodeStart(JSON.stringify(start))).settings;
  };
  const { temperature, policy, objective, iterations, trajectories, candidates } =
    await settingsOf('session-numbers');
  assert.equal(
    [temperature, policy, objective, iterations, trajectories, candidates],
    [0.1, 'gain', 'trajectoryBalance', 20, 8, 20],
  );
  assert.is((await settingsOf('session-classes')).coldness, 2);
});

test('a session of numbers stands where it stood, and goes on from its policy', async ({ folder }) => {
  const session = path.join(folder, 'session-numbers');
  const status = await said('status', session);
  const facts = ['surrogate', 'acquisition', 'rounds', 'labelled', 'pool', 'skipped', 'pending'];
  assert.equal(
    facts.map((fact) => status[fact]),
    ['gaussian-process', 'gflownet', 3, 11, 18, [23], [27]],
  );
  const pending = await said('ask', session, '--batch-size', '3', '--engine', 'cpu');
  assert.equal([pending['again'], pending['rows']], [true, [27]]);
  assert.equal((await said('tell', session, '27=-0.279'))['labelled'], 12);
  const next = await said('ask', session, '--batch-size', '3', '--engine', 'cpu');
  const { iterations, resumed, temperature } = next['proposal'] as Record<string, unknown>;
  // Resumed: its policy was read.
  assert.equal([next['again'], next['round'], resumed, iterations, temperature], [false, 4, true, 20, 0.1]);
  const rows = next['rows'] as readonly number[];
  const known = [5, 13, 21, 29, 2, 17, 25, 7, 10, 31, 15, 23, 27];
  assert.is(new Set([...rows, ...known]).size, 16, rows.join());
  assert.equal((await said('tell', session, ...rows.map((row) => `${row}=0.5`)))['labelled'], 15);
  assert.is((await said('status', session))['rounds'], 4);
});

test('a session of classes stands where it stood, and goes on', async ({ folder }) => {
  const session = path.join(folder, 'session-classes');
  const status = await said('status', session);
  assert.equal(
    [status['acquisition'], status['rounds'], status['pool'], status['classCounts']],
    ['powerBald', 2, 16, { ash: 3, elm: 4, oak: 1 }],
  );
  const { rows } = await said('ask', session, '--batch-size', '2', '--engine', 'cpu');
  const [one = 0, two = 0] = rows as readonly number[];
  const after = await said('tell', session, `${one}=oak`, `${two}=ash`);
  assert.equal(after['classCounts'], { ash: 4, elm: 4, oak: 2 });
});

/** What stands in models/expected.json. */
interface Expected {
  readonly whitened: { readonly rows: number; readonly columns: number; readonly data: readonly number[] };
  readonly models: Readonly<
    Record<
      string,
      {
        readonly problem: Omit<Problem, 'whitened'>;
        readonly objective: ObjectiveName;
        /** Of all batches, as the version that wrote the model had them. */
        readonly probabilities: readonly number[];
      }
    >
  >;
}

test('a model draws what it drew, and training starts from it', async () => {
  const text = await readFile(path.join(fixtures, 'models', 'expected.json'), 'utf8');
  const { whitened, models } = JSON.parse(text) as Expected;
  const pool = { ...whitened, data: Float64Array.from(whitened.data) };
  const cpu = cpuEngine();
  assert.is(Object.keys(models).length, 4);
  for (const [name, { problem: others, objective, probabilities }] of Object.entries(models)) {
    const problem: Problem = { ...others, whitened: pool };
    const file = path.join(fixtures, 'models', `${name}.safetensors`);
    const { model, parameters } = right(decodeModel(await readFile(file)));
    const drawn = await succeed(exactDistribution(cpu, model, problem, parameters));
    close(drawn, probabilities, 'rollouts', name);
    const options = {
      ...{ objective, forwardLooking: true, iterations: 4, trajectories: 8 },
      ...{ learningRate: 0.01, logZRate: 10, exploration: 0 },
    };
    const trained = await succeed(
      pipe(
        startTraining(cpu, model, problem, options, keyFromSeed(1), parameters),
        TE.chain((start) => train(cpu, model, problem, options, start)),
      ),
    );
    assert.ok(trained.parameters.every(Number.isFinite), name);
    assert.ok(
      trained.parameters.some((value, i) => value !== parameters[i]),
      name,
    );
  }
});

test('runs are reported, merged, and gone on with', async ({ folder }) => {
  const at = (name: string): string => path.join(folder, name);
  const report = (file: string) => printedBy('report', at(file), '--out', at('page.html'));
  const strategies = await report('run-strategies.jsonl');
  assert.match(strategies, /^toy-regression: 4 strategies, 2 rounds, 2 seeds, 11 labels in the end\.\n/);
  assert.match(await report('run-policies.jsonl'), /^lookahead: 12 strategies, 1 round, 1 seed, 8 labels/);

  const text = await readFile(at('run-strategies.jsonl'), 'utf8');
  const lines = text.trimEnd().split('\n');
  await writeFile(at('one.jsonl'), `${lines.slice(0, 10).join('\n')}\n`);
  await writeFile(at('two.jsonl'), `${lines.slice(10).join('\n')}\n`);
  await printedBy('merge', at('whole.jsonl'), at('two.jsonl'), at('one.jsonl'));
  const sorted = (content: string): readonly string[] => content.trimEnd().split('\n').sort();
  assert.equal(sorted(await readFile(at('whole.jsonl'), 'utf8')), sorted(text));

  // The last record is of greedy@predictiveVariance: of the same settings, so the run does what is missing and no more.
  await writeFile(at('cut.jsonl'), `${lines.slice(0, -1).join('\n')}\n`);
  await printedBy(
    ...['run', '--preset', 'toy-regression', '--pool-size', '30', '--seeds', '2', '--rounds', '2'],
    ...['--strategies', 'gflownet,greedy,random:4,greedy@predictiveVariance', '--batch-size', '3'],
    ...['--iterations', '5', '--trajectories', '4', '--engine', 'cpu', '--out', at('cut.jsonl')],
  );
  const gone = (await readFile(at('cut.jsonl'), 'utf8')).trimEnd().split('\n');
  assert.is(gone.length, 24);
  assert.equal(gone.slice(0, 23), lines.slice(0, 23));
});

test.run();
