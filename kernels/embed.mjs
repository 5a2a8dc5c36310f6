// Writes the kernels of this folder into TypeScript modules, so that the package carries them into Node and into
// browser bundles alike, without reading files at run time: the .wgsl files as minified text (minify.mjs), the
// AssemblyScript of cpu/, cpu/conditional/ and cpu/linear-algebra/ each compiled to a module of WebAssembly, in printable characters: most
// bytes are one, so that the text compresses nearly as the module does (base64 hides its bytes from compression; deflated in
// base64 it is no shorter in a bundle).
// `npm run build` calls it; nothing is compiled where the sources are unchanged.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, flags } from './compile.mjs';
import { minified } from './minify.mjs';
import { kernelTexts } from './sources.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const written = '// Written by kernels/embed.mjs. Do not edit.';

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

const filesOf = (folder, ending) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));

const embedWgsl = () => {
  const target = join(here, '../src/engine/webgpu/kernel-sources.ts');
  const entries = kernelTexts(here).map(
    ({ file, text }) => `  '${file.slice(0, -5)}': ${JSON.stringify(minified(file, text))},\n`,
  );
  const text = `${written}

/** The code of every kernel by its file's name without ending. */
export const kernelSources: Readonly<Record<string, string>> = {
${entries.join('')}};
`;
  if (read(target) !== text) writeFileSync(target, text);
};

/* Byte 91 h + l − 6, modulo 256, as character 35 + l, behind nothing, '!' or ' ' for h = 0, 1, 2. With the 6, the bytes from
   250 on, which end negative numbers, are one character each: the shift that compresses best. */
const printable = (byte) => {
  const shifted = (byte + 6) % 256;
  return ['', '!', ' '][Math.floor(shifted / 91)] + String.fromCharCode(35 + (shifted % 91));
};

/* Changes where the module is written down in another way. */
const embedded = 'a character a byte below 85 or from 250';

const embedWasm = async (from, to) => {
  const folder = join(here, to);
  const target = join(folder, 'bytes.ts');
  const sources = filesOf(join(here, from), '.ts');
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  const hash = createHash('sha256')
    .update(JSON.stringify([embedded, version, flags, sources]))
    .digest('hex');
  const head = `${written}\n// sources: ${hash}\n`;
  if (read(target).startsWith(head)) return;
  const binary = await compile(sources);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    target,
    `${head}
/** The WebAssembly module of kernels/${from}: byte 91 h + l − 6 as character 35 + l, behind nothing, '!' or ' ' for h = 0, 1, 2. */
export const kernelBytes =
  ${JSON.stringify(Array.from(binary, printable).join(''))};
`,
  );
};

embedWgsl();
await embedWasm('cpu', '../src/engine/cpu/wasm');
await embedWasm('cpu/conditional', '../src/reward/wasm');
await embedWasm('cpu/linear-algebra', '../src/linear-algebra/wasm');
