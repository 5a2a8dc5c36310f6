/** Completions know every command, option and choice, as the tables have them; bash is asked what it offers. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../src/cli/commands/index.js';
import { entriesOf, letterOf } from '../../src/cli/options.js';
import { observe } from './fake-services.js';

const scriptOf = async (shell: string): Promise<string> => {
  const { stdout, exitCode } = await observe(['completion', shell]);
  assert.is(exitCode, 0);
  return stdout;
};

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** What bash offers for the last of some words. */
const offered = (script: string, lines: readonly (readonly string[])[]): readonly (readonly string[])[] => {
  const asked = lines.map(
    (words) =>
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _batchgfn; echo "\${COMPREPLY[*]}"`,
  );
  const { stdout, status, stderr } = spawnSync('bash', ['-c', `${script}\n${asked.join('\n')}`], {
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').filter((word) => word !== ''));
};

test('bash offers every command, every option of each, and every choice of an option', async () => {
  if (!has('bash')) return;
  const script = await scriptOf('bash');
  const tables = Object.entries(commands);
  const [names = [], ...options] = offered(script, [
    ['batchgfn', ''],
    ...tables.map(([name]) => ['batchgfn', name, '--']),
  ]);
  assert.equal(names, [...Object.keys(commands), '--help', '--version']);
  tables.forEach(([name, command], i) => {
    const longs = entriesOf(command.args).map(([, { long }]) => `--${long}`);
    assert.equal(options[i], [...longs, '--help'], name);
    // The help of the parser has no other.
    const helped = command.helpTopics().flatMap(({ usage }) => usage.match(/--[a-z-]+/g) ?? []);
    assert.equal([...new Set(helped)].sort(), [...longs, '--help'].sort(), name);
  });
  const choices = tables.flatMap(([name, { args }]) =>
    entriesOf(args).flatMap(([, { long, word }]) => {
      if (word?.form.kind !== 'words') return [];
      const letter = letterOf(long);
      const { words } = word.form;
      return [`--${long}`, ...(letter === undefined ? [] : [`-${letter}`])].map((spelling) => ({
        line: ['batchgfn', name, spelling, ''],
        words,
      }));
    }),
  );
  assert.ok(choices.length > 40);
  const found = offered(
    script,
    choices.map(({ line }) => line),
  );
  choices.forEach(({ line, words }, i) => assert.equal(found[i], words, line.join(' ')));
  assert.equal(
    offered(script, [
      ['batchgfn', 'completion', 'z'],
      ['batchgfn', 'sel'],
      ['batchgfn', 'demo', '--seed', ''],
    ]),
    [['zsh'], ['select'], []],
  );
});

test('zsh is told the same', async () => {
  const script = await scriptOf('zsh');
  for (const [name, { args }] of Object.entries(commands)) {
    assert.ok(script.includes(`    '${name}:`), name);
    const own = script.slice(script.indexOf(`\n    ${name}) _arguments`)).split(';;')[0] ?? '';
    for (const [, { long, word }] of entriesOf(args)) {
      assert.ok(own.includes(`)--${long}[`), `${name} --${long}`);
      if (word?.form.kind === 'words') assert.ok(own.includes(`:(${word.form.words.join(' ')})`));
    }
  }
  // Every quote is closed: sh reads it to its end.
  if (has('zsh')) assert.is(spawnSync('zsh', ['-n'], { input: script }).status, 0);
  assert.is((script.replaceAll(String.raw`'\''`, '').match(/'/g) ?? []).length % 2, 0);
});

test('another shell is refused in the usual words', async () => {
  const { stderr, exitCode } = await observe(['completion', 'fish']);
  assert.is(exitCode, 2);
  assert.match(stderr, /^SHELL: "fish" is not one of bash, zsh\. Give /);
});

test.run();
