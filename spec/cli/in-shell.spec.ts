/** A text that is printed as a word of a command line is that word to a shell, and nothing to a terminal but characters. */
import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inShell } from '../../src/cli/in-shell.js';
import { renderAsk } from '../../src/cli/session-text.js';
import { printable } from '../../src/printable.js';

const test = suite('words of a shell');

/** What bash makes of words, one or several in each text. */
const wordsOf = (texts: readonly string[]): readonly (readonly string[])[] => {
  const { stdout } = spawnSync('bash', ['-s'], {
    encoding: 'utf8',
    input: texts.map((text) => `printf '%s\\0' ${text}; printf '\\0'\n`).join(''),
  });
  return stdout
    .slice(0, -2)
    .split('\0\0')
    .map((words) => words.split('\0'));
};

const bash = spawnSync('bash', ['-c', 'true']).status === 0;

test('a word comes out of a shell as it went in', () => {
  if (!bash) return;
  const odd = [
    'a b',
    "it's",
    'my\nsess',
    '\u001b[31m',
    '\u202e',
    '\u{e0041}1',
    "\n'\\",
    '$HOME',
    'é',
    'a,b',
    '"',
    '~',
    '-a',
  ];
  const texts = [...odd, ...fc.sample(fc.stringMatching(/^[^\0]+$/u), { seed: 3, numRuns: 200 })];
  assert.equal(
    wordsOf(texts.map(inShell)),
    texts.map((text) => [text]),
  );
  for (const text of texts) assert.is(printable(inShell(text)), inShell(text));
  assert.equal(['a/b-1.csv', 'my sess', 'my\nsess'].map(inShell), [
    'a/b-1.csv',
    "'my sess'",
    "$'my\\x0asess'",
  ]);
});

test('ask prints commands that a shell and the program take', () => {
  const printed = (name: string, folder = 's', file?: string) => {
    const text = renderAsk(
      folder,
      {
        ...{
          round: 1,
          rows: [4],
          again: true,
          values: [{ x: 1 }],
          jointMutualInformation: null,
          target: 'y',
        },
        ...{ names: [name], idColumn: 'id' },
      },
      file,
    );
    return text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
  };
  const known = (tell: string, skip: string) =>
    `When a label is known: batchgfn tell ${tell} …   (or --skip ${skip})\n`;
  assert.is(printed('a'), known('s a=LABEL', 'a'));
  assert.is(printed('a,b'), known("s 'a,b=LABEL'", `'"a,b"'`));
  assert.is(printed('a "b"'), known(`s 'a "b"=LABEL'`, `'"a ""b"""'`));
  assert.is(printed('-5'), known('s line:4=LABEL', 'line:4'));
  assert.is(printed('line:2'), known('s line:4=LABEL', 'line:4'));
  assert.is(printed('a', 'my\nsess'), known("$'my\\x0asess' a=LABEL", 'a'));
  assert.is(
    printed('a', 'my sess', 'to do.csv'),
    "When labels are in the column y of it: batchgfn tell 'my sess' --labels 'to do.csv'\n",
  );
});

test.run();
