/**
 * Every name that the README and the pages of src/docs have in code font is there: files and folders, commands and their
 * options, and what looks like an export (a name with a capital letter in it): an export of an entry point, a member of a type
 * that one of them shows, or of fp-ts. And what is chosen by a name is told there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { strategies } from '../src/acquisition/index.js';
import { settingNames } from '../src/acquisition/settings.js';
import { commands } from '../src/cli/commands/index.js';
import { letters, longName } from '../src/cli/options.js';
import { surrogateNames } from '../src/cli/surrogate-offers.js';
import { tableFormats } from '../src/data/table-format.js';
import { objectives } from '../src/gflownet/objectives/index.js';
import { policies } from '../src/gflownet/policies/index.js';
import { rewards } from '../src/reward/index.js';
import { blocksOf, pages, proseOf, textOf } from './support/pages.js';

const root = process.cwd();
const text = pages.map(textOf).join('\n');

const spansOf = (markdown: string): readonly string[] =>
  [...proseOf(markdown).matchAll(/`([^`]+)`/g)].map(([, span = '']) =>
    span.replace(/\s+/g, ' ').replaceAll('\\|', '|'),
  );

const spans = spansOf(text);

/** Lines of the fences that are of a shell: those that call the program. */
const shellLines = blocksOf(text)
  .filter(({ language }) => language === 'sh' || language === 'console')
  .flatMap((block) => block.text.split('\n').map((line) => line.replace(/^\$ /, '')))
  .filter((line) => /^(npm|npx|batchgfn) /.test(line));

/** All files of the sources, relative to the root, and their folders with a slash behind. */
const paths = ['src', 'spec', 'kernels'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true }).map(
    (entry) =>
      path.relative(root, path.join(entry.parentPath, entry.name)) + (entry.isDirectory() ? '/' : ''),
  ),
);

const isPath = (span: string): boolean =>
  /^[\w.-]+(\/[\w.-]+)*\/?$/.test(span) && /\/|\.ts$|\.md$/.test(span) && !span.startsWith('batchgfn/');

/** Whether it is a path from the root, or what the table of rooms gives: one from some folder of the sources. */
const isThere = (span: string): boolean =>
  existsSync(path.join(root, span)) ||
  paths.some((one) => one.endsWith(`/${span}`) || one.endsWith(`/${span}/`));

const optionsOf = (words: string): readonly string[] =>
  [...words.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, name = '']) => name);

const optionsOfCommand = new Map(
  Object.entries(commands).map(([name, command]) => [
    name,
    new Set(['help', ...command.helpTopics().flatMap(({ usage }) => optionsOf(usage))]),
  ]),
);

/** Commands of a command, `bench samplers` for one, are told by the help of the former. */
const samplers = optionsOf(
  readdirSync(path.join(root, 'src/cli'))
    .filter((name) => /^samplers-options|^run-options/.test(name))
    .map((name) => readFileSync(path.join(root, 'src/cli', name), 'utf8'))
    .flatMap((source) => [...source.matchAll(/long: '([a-z-]+)'/g)].map(([, long = '']) => `--${long}`))
    .join(' '),
);

const mutate = optionsOf(readFileSync(path.join(root, 'spec/mutate/mutate.ts'), 'utf8'));

/** Of npm, which installs without optional packages. */
const npm = ['omit'];

const everyOption = new Set([
  ...npm,
  ...[...optionsOfCommand.values()].flatMap((names) => [...names]),
  ...mutate,
  ...samplers,
]);

/** The words of a command line of the program. */
const commandIn = (words: string): string | undefined =>
  /^(?:npm start -- |npx batchgfn |batchgfn )([a-z]+)(?![\w/-])/.exec(words)?.[1] ??
  (optionsOf(words).length > 0 ? /^([a-z]+) /.exec(words)?.[1] : undefined);

const require = createRequire(import.meta.url);

const declarations = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n');

const declared = declarations(path.join(root, 'dist'));

const entries = ['index', 'learning/index', 'verify/index', 'gflownet/pretrained/index', 'data/index'].map(
  (name) => readFileSync(path.join(root, 'dist', `${name}.d.ts`), 'utf8'),
);

const effects = ['Either', 'TaskEither'];

/** Whether a name is exported, or a member of what is. */
const isName = (name: string): boolean =>
  entries.some((entry) => new RegExp(`\\b${name}\\b`).test(entry.replace(/\/\*.*?\*\//gs, ''))) ||
  new RegExp(`(readonly|^export (declare )?(const|function|type|interface)) ${name}\\b`, 'm').test(
    declared,
  ) ||
  new RegExp(`^\\s+(readonly )?${name}\\??:`, 'm').test(declared) ||
  (effects.includes(name) && existsSync(require.resolve(`fp-ts/lib/${name}.js`)));

const namesIn = (span: string): readonly string[] =>
  /^[A-Za-z]+$/.test(span) || /^[a-z][A-Za-z]*\(.*\)$/.test(span) || /^[a-z][A-Za-z]*: /.test(span)
    ? [/^[A-Za-z]+/.exec(span)?.[0] ?? ''].filter((name) => /[a-z][A-Z]|^[A-Z][a-z]/.test(name))
    : [];

test('files and folders are there', () => {
  const named = spans.filter(isPath);
  assert.ok(named.length > 50, `${named.length} paths`);
  assert.equal(
    named.filter((span) => !isThere(span)),
    [],
  );
});

test('commands are there, and have the options that they are given', () => {
  const lines = [...spans, ...shellLines];
  const unknown = lines.flatMap((line) => {
    const name = commandIn(line);
    const own = name === undefined ? undefined : optionsOfCommand.get(name);
    if (name !== undefined && own === undefined && /^(npm start|npx batchgfn|batchgfn) /.test(line))
      return [line];
    return optionsOf(line)
      .filter(
        (option) => !(own ?? everyOption).has(option) && !(name === 'bench' && samplers.includes(option)),
      )
      .map((option) => `${line}: --${option}`);
  });
  assert.ok(lines.flatMap(optionsOf).length > 60, `${lines.flatMap(optionsOf).length} options`);
  assert.equal(unknown, []);
});

test('letters of options are those of the table, of options that the command has', () => {
  const lettered = new Map(Object.entries(letters).map(([long, letter]) => [letter as string, long]));
  const used = [...spans, ...shellLines].flatMap((line) => {
    const own = optionsOfCommand.get(commandIn(line) ?? '');
    return own === undefined
      ? []
      : [...line.matchAll(/(?<= )-([A-Za-z])(?= |$)/g)].map(([, letter = '']) => ({ line, letter, own }));
  });
  assert.ok(used.length > 5, `${used.length} letters`);
  for (const { line, letter, own } of used) assert.ok(own.has(lettered.get(letter) ?? ''), line);
});

test('what looks like an export is one', () => {
  const names = [...new Set(spans.flatMap(namesIn))];
  assert.ok(names.length > 30, `${names.length} names`);
  assert.equal(
    names.filter((name) => !isName(name)),
    [],
  );
});

/** What a user chooses by its name, and where. */
const choices: Readonly<Record<string, readonly string[]>> = {
  'a command': Object.keys(commands),
  'a setting of strategies': settingNames.map(longName),
  'a form of tables': Object.values(tableFormats).map(({ endings: [ending = ''] }) => `.${ending}`),
};

/** What has a row of a table of its own. */
const rows: typeof choices = {
  'a strategy': Object.keys(strategies),
  'a reward': Object.keys(rewards),
  'a policy': Object.keys(policies),
  'an objective': Object.keys(objectives),
  'a surrogate': surrogateNames,
};

const wordsOf = (lines: readonly string[]): ReadonlySet<string> =>
  new Set(lines.flatMap((line) => line.split(/[^\w.-]+/)));

/** The names of each kind that are not among the words. */
const silentOf = (all: typeof choices, told: ReadonlySet<string>): readonly string[] =>
  Object.entries(all).flatMap(([what, names]) =>
    names.filter((name) => !told.has(name)).map((name) => `${what}: ${name}`),
  );

test('what is chosen by its name is told on a page, a strategy and the like in a row of a table', () => {
  assert.equal(silentOf(choices, wordsOf([...spans, ...shellLines])), []);
  const firstCells = [...text.matchAll(/^\| (`[^|]*)/gm)].flatMap(([, cell = '']) => spansOf(cell));
  assert.equal(silentOf(rows, wordsOf(firstCells)), []);
});

test('scripts of npm and entry points are there', () => {
  const { scripts, exports } = require(path.join(root, 'package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
    readonly exports: Readonly<Record<string, unknown>>;
  };
  const run = [...spans, ...shellLines].flatMap((line) => /npm run ([a-z-]+)/.exec(line)?.[1] ?? []);
  assert.equal(
    run.filter((name) => !(name in scripts)),
    [],
  );
  const asked = spans.filter((span) => /^batchgfn\/[a-z-]+$/.test(span));
  assert.ok(asked.length > 0);
  assert.equal(
    asked.filter((span) => !(span.replace('batchgfn', '.') in exports)),
    [],
  );
});

test('a name that is nowhere is told from one that is somewhere', () => {
  const [wrong] = spansOf('`src/gibbs/certificates.ts` and `batchgfn select --temprature 1`');
  assert.ok(wrong !== undefined && isPath(wrong) && !isThere(wrong));
  assert.not.ok(everyOption.has('temprature'));
  assert.equal(namesIn('proposeBatches'), ['proposeBatches']);
  assert.not.ok(isName('proposeBatches'));
  assert.ok(isName('proposeBatch') && isName('effectiveSampleSize') && isName('TaskEither'));
});

test.run();
