// Joins the compiled modules of dist/ into few files for Node, dist/node/: it reads some 450 files one after the other, and
// twice as long as all else takes from the start to the first line. Bundlers take the modules themselves (package.json, "exports").
import { build } from 'esbuild';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'dist/node');

/** What is joined with the program's own modules, without what nothing uses of it. */
const joined = ['fp-ts', 'io-ts'];

const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// Parts are named by what is in them: those of an earlier build would stay.
rmSync(out, { recursive: true, force: true });
const shared = {
  absWorkingDir: join(root, 'dist'),
  outdir: out,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  external: [
    'node:*',
    ...Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !joined.includes(name)),
  ],
  logLevel: 'warning',
};
await build({
  ...shared,
  entryPoints: {
    index: 'index.js',
    learning: 'learning/index.js',
    verify: 'verify/index.js',
    pretrained: 'gflownet/pretrained/index.js',
    main: 'cli/main.js',
    // Files that are found by their address beside the one that asks for them.
    weights: 'gflownet/pretrained/weights.js',
    child: 'bench/child.js',
    'unit-worker': 'cli/unit-worker.js',
  },
  splitting: true,
});
// In one file: what it shared with the others would take these apart further.
await build({ ...shared, entryPoints: { 'chain-worker': 'gibbs/chain-worker.js' } });
await build({ ...shared, entryPoints: { tables: 'data/index.js' } });

writeFileSync(
  join(out, 'LICENSES.txt'),
  joined
    .map((name) => `${name}\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8')}`)
    .join('\n'),
);
