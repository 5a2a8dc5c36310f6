/** Does `--help` say what a user needs, in the same way for every command? An example that parses comes first; one line an option. */
import { parse, setDefaultHelpFormatter, subcommands } from 'cmd-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../src/cli/commands/index.js';
import { exampleFirst } from '../../src/cli/help.js';
import { letters } from '../../src/cli/options.js';

setDefaultHelpFormatter(exampleFirst);

/** The most characters of a description. */
const widest = 110;

const program = subcommands({ name: 'batchgfn', cmds: commands });
const all = Object.entries(commands);

/** The options of a command: the long name, and the letter where there is one. */
const optionsOf = (command: (typeof all)[number][1]) =>
  command.helpTopics().flatMap(({ usage }) => {
    const [, long] = /--([a-z-]+)/.exec(usage) ?? [];
    const [, letter] = /(?:^|[ ,])-([A-Za-z])\b/.exec(usage) ?? [];
    return long === undefined ? [] : [{ long, letter }];
  });

const helpOf = (command: (typeof all)[number][1]): readonly string[] =>
  command.printHelp({ nodes: [], visitedNodes: new Set(), hotPath: ['batchgfn', command.name] }).split('\n');

for (const [name, command] of all) {
  test(`${name}: no two options share a name or a letter`, () => {
    const options = optionsOf(command);
    const longs = options.map(({ long }) => long);
    const short = options.flatMap(({ letter }) => (letter === undefined ? [] : [letter]));
    assert.ok(longs.length > 1 && short.length > 0);
    assert.is(new Set(longs).size, longs.length);
    assert.is(new Set(short).size, short.length);
  });

  test(`${name}: a letter is that of the table, and no option goes without its own`, () => {
    const table: Readonly<Record<string, string>> = { ...letters, help: 'h' };
    for (const { long, letter } of optionsOf(command)) assert.is(letter, table[long], `--${long}`);
  });

  test(`${name}: descriptions are of one line`, () => {
    for (const { description } of [{ description: command.description ?? '' }, ...command.helpTopics()]) {
      assert.not.match(description, '\n');
      assert.ok(description.length > 0 && description.length <= widest, description);
    }
  });

  test(`${name}: the help opens with an example, and the example parses`, async () => {
    const lines = helpOf(command);
    const [example = ''] = lines.filter((line) => line.startsWith('  $ '));
    const headings = lines.findIndex((line) => /^[A-Z]+:$/.test(line));
    assert.ok(lines.indexOf(example) > 0 && lines.indexOf(example) < headings, lines.join('\n'));
    const [first, own, ...words] = example.slice('  $ '.length).split(' ');
    assert.equal([first, own], ['batchgfn', name]);
    assert.is((await parse(program, [name, ...words]))._tag, 'ok', example);
  });
}

test.run();
