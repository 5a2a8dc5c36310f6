// The texts of the kernels: each .wgsl file of this folder, or the .wgsl files of a folder in it, one after another.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const isKernel = (file) => file.endsWith('.wgsl');

/** The kernels of a folder as if each were one file, by its name. */
export const kernelTexts = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const at = join(folder, entry.name);
      const parts = entry.isDirectory() ? readdirSync(at).filter(isKernel).sort() : [];
      if (parts.length === 0 && !isKernel(entry.name)) return [];
      const texts = parts.map((part) => readFileSync(join(at, part), 'utf8'));
      return parts.length === 0
        ? [{ file: entry.name, text: readFileSync(at, 'utf8') }]
        : [{ file: `${entry.name}.wgsl`, text: texts.join('') }];
    })
    .sort((a, b) => (a.file < b.file ? -1 : 1));
