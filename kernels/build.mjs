// Builds the program into dist/, and does nothing where dist/ is what the sources are: then `npm start` begins at once.
// dist/.sources holds a hash of everything that the build reads; a compiler that was run by hand since then leaves a newer
// dist/.tsbuildinfo, and is not trusted.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist/.sources');
const compiled = join(root, 'dist/.tsbuildinfo');
const program = join(root, 'dist/node/main.js');

const filesIn = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

const hashOfSources = () => {
  const hash = createHash('sha256');
  const single = ['tsconfig.json', 'package.json', 'package-lock.json'].map((file) => join(root, file));
  for (const file of [...filesIn('src'), ...filesIn('kernels'), ...single])
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
};

const isFresh = () =>
  [stamp, compiled, program].every((file) => existsSync(file)) &&
  statSync(compiled).mtimeMs <= statSync(stamp).mtimeMs &&
  readFileSync(stamp, 'utf8') === hashOfSources();

if (!isFresh()) {
  await import('./embed.mjs');
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'src/tsconfig.json')], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  await import('./bundle.mjs');
  await import('./web.mjs');
  writeFileSync(stamp, hashOfSources());
}
