/**
 * The house's two lengths: a file has at most 300 lines, a function at most 60, from its first line to its last, without the
 * comment above it, in what is shipped and what builds it. Functions within a function count with it. There are no exceptions.
 *
 * TypeScript and AssemblyScript are read by TypeScript's own parser; a function of WGSL goes from the line that begins with
 * `fn` to the next line that is a closing brace.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import ts from 'typescript';

const FILE_LINES = 300;
const FUNCTION_LINES = 60;

/** Written by kernels/embed.mjs, not by hand. */
const written = [
  'src/engine/webgpu/kernel-sources.ts',
  'src/engine/cpu/wasm/bytes.ts',
  'src/linear-algebra/wasm/bytes.ts',
  'src/reward/wasm/bytes.ts',
];

interface Length {
  readonly what: string;
  readonly lines: number;
}

const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n');

const functionsOfScript = (file: string, text: string): readonly Length[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const found: Length[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = lineAt(node.getStart(source));
      found.push({ what: `${file}:${first + 1}`, lines: lineAt(node.end) - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

const functionsOfWgsl = (file: string, text: string): readonly Length[] => {
  const lines = linesOf(text);
  return lines.flatMap((line, first) => {
    if (!/^(?!\s*\/\/).*\bfn \w+\(/.test(line)) return [];
    // To the next brace that closes at the beginning of a line; where there is none the rest of the file counts.
    const length =
      lines.slice(first).findIndex((other) => /^\}/.test(other) || (other === line && /\}\s*$/.test(line))) +
      1;
    return [{ what: `${file}:${first + 1}`, lines: length > 0 ? length : lines.length - first }];
  });
};

const functionsOf = (file: string, text: string): readonly Length[] =>
  file.endsWith('.wgsl') ? functionsOfWgsl(file, text) : functionsOfScript(file, text);

const files = ['src', 'kernels', '.config'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js|mjs|wgsl)$/.test(entry.name))
    .map((entry) => path.posix.join(entry.parentPath, entry.name))
    .filter((file) => !written.includes(file)),
);

const texts = files.map((file) => ({ file, text: readFileSync(file, 'utf8') }));

const over = (lengths: readonly Length[], limit: number): readonly string[] =>
  lengths.filter(({ lines }) => lines > limit).map(({ what, lines }) => `${what} has ${lines} lines`);

test('the lengths of functions are found, in TypeScript and in WGSL', () => {
  const script = [
    '/** Comment. */',
    'export const f = (',
    '  x: number,',
    ') => {',
    '  return x;',
    '};',
  ].join('\n');
  assert.equal(functionsOf('a.ts', script), [{ what: 'a.ts:2', lines: 5 }]);
  const kernel = ['const N = 1u;', 'fn f() {', '  if (N == 1u) {', '  }', '}', ''].join('\n');
  assert.equal(functionsOf('a.wgsl', kernel), [{ what: 'a.wgsl:2', lines: 4 }]);
  assert.ok(texts.length > 300);
});

test('no file is longer than 300 lines', () => {
  assert.equal(
    over(
      texts.map(({ file, text }) => ({ what: file, lines: linesOf(text).length })),
      FILE_LINES,
    ),
    [],
  );
});

test('no function is longer than 60 lines', () => {
  assert.equal(
    over(
      texts.flatMap(({ file, text }) => functionsOf(file, text)),
      FUNCTION_LINES,
    ),
    [],
  );
});

test.run();
