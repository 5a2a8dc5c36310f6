/** Options of a file: they come before defaults and after the command line, and what is no option in it is told. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { observe } from './fake-services.js';

const test = suite<{ folder: string; file: string }>('a file of options', { folder: '', file: '' });
const home = process.cwd();

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'batchgfn.json');
  process.chdir(context.folder);
});

test.after.each(async ({ folder }) => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

const kept = (file: string, value: unknown) => writeFile(file, JSON.stringify(value));

test('the file of the folder is read, the command line wins, and what a command does not take is passed over', async ({
  file,
}) => {
  await kept(file, { 'batch-size': 4, seed: 3, delimiter: 'tab', json: true, quiet: false });
  const plain = await observe(['demo']);
  assert.is(plain.exitCode, 0, plain.stderr);
  assert.equal([plain.asked[0]?.options.batchSize, plain.asked[0]?.options.seed], [4, 3]);
  assert.ok(plain.stdout.startsWith('{'));
  for (const given of [['-b', '2'], ['-b=2'], ['-jb', '2'], ['--batch-size', '2'], ['--batch-size=2']])
    assert.is((await observe(['demo', ...given])).asked[0]?.options.batchSize, 2, given.join(' '));
});

test('a command has options of its own there, lists are written as lists, and --config names another file', async ({
  file,
  folder,
}) => {
  await kept(file, { seed: 3, demo: { seed: 5, 'pool-size': 30 }, select: { features: ['b', 'a'] } });
  await writeFile(
    'd.csv',
    `a,b,y\n${Array.from({ length: 12 }, (_, i) => `${i},${i * i},${i < 3 ? i : ''}`).join('\n')}`,
  );
  const demo = await observe(['demo']);
  assert.equal([demo.asked[0]?.options.seed, demo.asked[0]?.posterior.whitened.rows], [5, 30]);
  const { stdout } = await observe(['select', 'd.csv', '-t', 'y', '-b', '2', '--json']);
  const { problem } = JSON.parse(stdout) as { problem: { features: unknown; seed: unknown } };
  assert.equal([problem.features, problem.seed], [['b', 'a'], 3]);
  const other = path.join(folder, 'other.json');
  await kept(other, { seed: 7 });
  for (const named of [['--config', other], [`--config=${other}`]])
    assert.is((await observe(['demo', ...named])).asked[0]?.options.seed, 7);
  const missing = await observe(['demo', '--config', 'none.json']);
  assert.equal([missing.exitCode, missing.engines], [2, 0]);
  assert.match(missing.stderr, /^none\.json: the file cannot be read: ENOENT/);
});

test('what is no option is told with the nearest, and a fault of a value names the file', async ({
  file,
}) => {
  const refused = async (value: unknown): Promise<string> => {
    await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
    const { exitCode, stderr, stdout, engines } = await observe(['demo']);
    assert.equal([exitCode, stdout, engines], [2, '', 0], JSON.stringify(value));
    return stderr;
  };
  assert.is(
    await refused({ 'batch-sise': 2, ask: { 'pool-size': 3 } }),
    'batchgfn.json: there is no option "batch-sise". Perhaps batch-size is meant.\n' +
      'batchgfn.json, ask: there is no option "pool-size". Perhaps batch-size is meant.\n',
  );
  assert.match(await refused({ config: 'x.json' }), /^batchgfn\.json: there is no option "config"/);
  assert.match(await refused({ seed: -1 }), /^batchgfn\.json, --seed: "-1" is not a whole number from 0/);
  assert.match(
    await refused({ temperature: 1, acquisition: 'greedy' }),
    /^batchgfn\.json, --temperature: .*no meaning/,
  );
  assert.match(await refused({ json: 'yes' }), /^batchgfn\.json, json: .* is neither true nor false/);
  assert.match(await refused({ seed: { a: 1 } }), /^batchgfn\.json, seed: .* is no value of an option/);
  assert.match(await refused({ demo: 3 }), /^batchgfn\.json, demo: it is no object/);
  for (const text of ['{', '[]', '3']) assert.match(await refused(text), /^batchgfn\.json: it is no/);
});

test('--quiet says nothing on stderr but what went wrong', async () => {
  await writeFile('d.csv', 'a,b,y\n1,7,2\n2,7,\n3,7,\n');
  const words = ['select', 'd.csv', '-t', 'y', '-b', '1'];
  assert.is((await observe(words)).remarks.length, 2);
  const { remarks, stdout } = await observe([...words, '-q']);
  assert.equal(remarks, []);
  assert.is(stdout.split('\n')[0], 'Label this line of d.csv next:');
  const missing = await observe(['select', 'none.csv', '-t', 'y', '--quiet']);
  assert.match(missing.stderr, /^none\.csv: /);
});

test.run();
