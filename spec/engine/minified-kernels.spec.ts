// The kernels that are embedded say what those of kernels/ say, line by line, in other names. That devices take them,
// and that they compute the same, is what the specs of the WebGPU engine see: they run on nothing else.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kernelSources } from '../../src/engine/webgpu/kernel-sources.js';

const folder = path.join(process.cwd(), 'kernels');
const { minified } = (await import(pathToFileURL(path.join(folder, 'minify.mjs')).href)) as {
  readonly minified: (file: string, text: string) => string;
};

const { kernelTexts } = (await import(pathToFileURL(path.join(folder, 'sources.mjs')).href)) as {
  readonly kernelTexts: (folder: string) => readonly { readonly file: string; readonly text: string }[];
};

const kernels = kernelTexts(folder).map(({ file, text }) => ({ name: file.slice(0, -5), text }));

test('no file of a kernel is left out', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.wgsl'),
  );
  const lengths = files.map((file) => readFileSync(path.join(folder, file), 'utf8').length);
  assert.is(
    kernels.reduce((sum, { text }) => sum + text.length, 0),
    lengths.reduce((sum, length) => sum + length, 0),
  );
});

/** The tokens of a line that are no names, and the names. */
const dissected = (line: string): { readonly rest: string; readonly names: readonly string[] } => {
  const code = line
    .replace(/\/\/.*/, '')
    .replace(/\b(vec[234])<([fiu])32>/g, '$1$2')
    .replace(/\s+/g, ' ');
  const names = code.match(/\b[A-Za-z_]\w*/g) ?? [];
  const rest = code
    .replace(/\b[A-Za-z_]\w*/g, '_')
    .replace(/ /g, '')
    .replace(/,(?=[)}]|$)/g, '');
  return { rest, names };
};

/* A comma before a bracket on the next line goes, too. */
const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n');

test('every kernel of the folder is embedded, minified', () => {
  assert.equal(
    kernels.map(({ name, text }) => [name, minified(`${name}.wgsl`, text)]),
    Object.entries(kernelSources),
  );
});

test('line by line the same code in other names, and every name stands for one', () => {
  for (const { name, text } of kernels) {
    const before = linesOf(text).map(dissected);
    const after = linesOf(kernelSources[name] ?? '').map(dissected);
    assert.is(after.length, before.length, name);
    // In a function each short name comes from one name alone, save that members are apart from what is declared.
    let told = new Map<string, string>();
    before.forEach(({ rest, names }, i) => {
      assert.is(after[i]?.rest, rest, `${name}.wgsl, line ${i + 1}`);
      if (names[0] === 'fn' || names[0] === 'struct') told = new Map();
      const line = (linesOf(kernelSources[name] ?? '')[i] ?? '').replace(/\s+/g, ' ');
      const isMember = [...line.matchAll(/(.?)\b[A-Za-z_]\w*/g)].map(([, dot]) => dot === '.');
      names.forEach((long, k) => {
        const short = after[i]?.names[k] ?? '';
        const key = `${isMember[k] === true ? '.' : ''}${short}`;
        assert.is(told.get(key) ?? long, long, `${name}.wgsl, line ${i + 1}: ${short}`);
        told.set(key, long);
      });
    });
  }
});

test('names that TypeScript and other texts use stay', () => {
  for (const { name, text } of kernels)
    for (const [declaration] of text.matchAll(/\boverride \w+|\bfn main\b/g))
      assert.ok(kernelSources[name]?.includes(declaration), `${name}.wgsl: ${declaration}`);
  assert.match(
    minified(
      'x.wgsl',
      'fn helper(x: u32) -> u32 { return x; }\nfn called_from_elsewhere(count: u32) { helper(count); }',
    ),
    'fn A(a:u32)->u32{return a;}\nfn called_from_elsewhere(a:u32){A(a);}',
  );
});

test('members are told from components, and minus signs apart', () => {
  assert.is(
    minified(
      'x.wgsl',
      'struct Sizes { x: u32, step: u32 }\nfn main() {\n  let step = sizes.step - -sizes.x; // twice\n  let v = step.xy;\n}',
    ),
    'struct A{x:u32,c:u32}\nfn main(){\nlet a=sizes.c- -sizes.x;\nlet b=a.xy;\n}',
  );
});

test('a function that declares a name of the module is refused', () => {
  assert.throws(
    () => minified('x.wgsl', 'const size = 1u;\nfn main() { let size = 2u; }'),
    /kernels\/x\.wgsl: a function declares size, a name of the module/,
  );
});

test.run();
