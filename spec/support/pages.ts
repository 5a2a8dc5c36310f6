/**
 * Do the README and the pages beside it say what the program does? What of a page runs, and how it is run.
 *
 * A `js` block is a program; the `text` block after it, with prose alone between them, is what it prints. A `console` block is
 * a transcript: lines after `$ ` are commands, the others what they print, and a line `…` stands for what is not shown.
 * Blocks of a page run in its order, in one empty folder. Seconds are not compared.
 *
 *   node .build/spec/support/pages.js [WORD]    writes into the pages whose path contains WORD what they print now
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.cwd();

/** The folder of the pages and of their pictures. */
export const docs = path.join('src', 'docs');

/** The README and the pages, by their paths from the root. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(path.join(root, docs))
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => path.join(docs, file)),
];

/** The text of a page. */
export const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');

/** A block between fences: its language, and its lines. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

const fenced = /^```(\w*)\n([^]*?)^```$/gm;

/** The blocks of a page, in its order. */
export const blocksOf = (text: string): readonly Block[] =>
  Array.from(text.matchAll(fenced), ([, language = '', inside = '']) => ({ language, text: inside }));

/** A page without its blocks. */
export const proseOf = (text: string): string => text.replace(fenced, '');

/** Commands on which the engine decides the last digits: they run on the CPU engine unless they name another. */
const withEngine = ['select', 'ask', 'ahead', 'demo', 'run', 'verify'];

const cli = path.join(root, 'dist', 'node', 'main.js');

const run = (folder: string, args: readonly string[]): string =>
  execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const runCommand = (folder: string, line: string): string => {
  const [program, name = '', ...words] = line.split(' ');
  if (program !== 'batchgfn')
    throw new Error(`a transcript has the command ${line}, and only batchgfn is run`);
  const free = withEngine.includes(name) && !words.some((word) => word === '-e' || word === '--engine');
  return run(folder, [cli, name, ...words, ...(free ? ['--engine', 'cpu'] : [])]);
};

const unshown = '…\n';

const playTranscript = (folder: string, text: string): string =>
  text
    .split(/^(?=\$ )/m)
    .map((part) => {
      const [first = '', ...rest] = part.split('\n');
      const printed = runCommand(folder, first.slice('$ '.length));
      return `${first}\n${rest.join('\n') === unshown ? unshown : printed}`;
    })
    .join('');

/** What stands in a page, and what would if it were written now. */
export interface Played {
  readonly said: string;
  readonly now: string;
}

/** Runs all that runs of a page in a folder: its programs with what they print, and its transcripts. */
export const play = (text: string, folder: string): readonly Played[] => {
  const blocks = blocksOf(text);
  return blocks.flatMap((block, i) => {
    if (block.language === 'console') return [{ said: block.text, now: playTranscript(folder, block.text) }];
    if (block.language !== 'js') return [];
    const file = path.join(folder, `program-${i}.mjs`);
    writeFileSync(file, block.text);
    const next = blocks[i + 1];
    return [{ said: next?.language === 'text' ? next.text : '', now: run(folder, [file]) }];
  });
};

/** The same without what differs from run to run: seconds, in sentences and in the last column of a table. */
export const steady = (text: string): string =>
  text
    .replace(/\d+(?:\.\d+)? s\b/g, 'N s')
    .replace(
      /( seconds\n)((?: .+\n)+)/g,
      (_, heading: string, rows: string) => heading + rows.replace(/ +[\d.]+$/gm, ' N'),
    );

/** An empty folder in which programs find the package. */
export const emptyFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-pages-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(root, path.join(folder, 'node_modules', 'batchgfn'), 'dir');
  return folder;
};

/** The pictures that a page's commands have drawn. */
export const picturesIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((file) => file.endsWith('.svg'));

const rewrite = (page: string): void => {
  const folder = emptyFolder();
  const text = textOf(page);
  const played = play(text, folder).filter(({ said, now }) => said !== '' && steady(said) !== steady(now));
  writeFileSync(
    path.join(root, page),
    played.reduce((whole, { said, now }) => whole.replace(`\n${said}\`\`\``, () => `\n${now}\`\`\``), text),
  );
  for (const file of picturesIn(folder))
    writeFileSync(path.join(root, docs, file), readFileSync(path.join(folder, file)));
  rmSync(folder, { recursive: true });
  console.log(`${page}: ${played.length} rewritten`);
};

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  pages.filter((page) => page.includes(process.argv[2] ?? '')).forEach(rewrite);
