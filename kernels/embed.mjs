// Writes the .wgsl files of this folder into one TypeScript module, so that the package carries its kernels into
// Node and into browser bundles alike, without reading files at run time. `npm run build` calls it.
import { readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '../src/engine/webgpu/kernel-sources.ts');

const entries = readdirSync(here)
  .filter((file) => file.endsWith('.wgsl'))
  .sort()
  .map((file) => `  '${file.slice(0, -5)}': ${JSON.stringify(readFileSync(join(here, file), 'utf8'))},\n`);

const text = `// Written by kernels/embed.mjs. Do not edit.

/** The text of every kernel by its file's name without ending. */
export const kernelSources: Readonly<Record<string, string>> = {
${entries.join('')}};
`;

if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
