// Builds the page of `batchgfn explore` into dist/web/: plain files for any file server. It stands on the package as others have it, by
// its entry points (package.json, "exports"), whose modules must be compiled by then. Parts that few need are loaded when asked for.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src/web');
const out = join(root, 'dist/web');

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', join(source, 'tsconfig.json')], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The modules that an entry point has its names from: it only passes them on. */
const modulesBehind = (file) =>
  new Map(
    Array.from(
      readFileSync(file, 'utf8').matchAll(/^export (?:\*|\{([^}]*)\}) from '([^']+)';/gm),
      ([, names, from]) => {
        const module = join(dirname(file), from);
        return names === undefined
          ? [...modulesBehind(module)]
          : names.split(',').map((name) => [name.trim(), module]);
      },
    ).flat(),
  );

const behind = new Map();
const moduleOf = (entry, name) => {
  const file = join(root, manifest.exports[`.${entry}`].default);
  if (!behind.has(entry)) behind.set(entry, modulesBehind(file));
  // What an entry point makes itself is in it.
  return behind.get(entry).get(name) ?? file;
};

/**
 * Names of the package are taken from the modules behind its entry points. A bundler that splits keeps each file in one part: all that
 * an entry point passes on would be in the part that is loaded first.
 */
const pastEntries = {
  name: 'past-entries',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replace(
        /^import (?:type )?\{([^}]*)\} from 'batchgfn(\/\w+)?';/gm,
        (whole, names, entry = '') =>
          whole.startsWith('import type')
            ? ''
            : names
                .split(',')
                .map((name) => name.trim())
                .filter((name) => name !== '' && !name.startsWith('type '))
                .map((name) => `import { ${name} } from ${JSON.stringify(moduleOf(entry, name))};`)
                .join(''),
      ),
    }));
  },
};

// Parts are named by what is in them: those of an earlier build would stay.
rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'source'), { recursive: true });
await build({
  absWorkingDir: source,
  outdir: out,
  entryPoints: ['page.ts', 'worker.ts'],
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  external: ['webgpu'],
  plugins: [pastEntries],
  logLevel: 'warning',
});
for (const file of ['index.html', 'style.css', 'icon.svg']) copyFileSync(join(source, file), join(out, file));

// The files that the page links to, as text: it is read without a network too.
const linked = readFileSync(join(source, 'sources.ts'), 'utf8').matchAll(/'(src\/[^']+\.ts)'/g);
for (const [, file] of linked)
  writeFileSync(join(out, 'source', `${file.replaceAll('/', '.')}.txt`), readFileSync(join(root, file)));
