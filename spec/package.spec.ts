/** The package as people get it: packed, unpacked, imported by plain Node, and bundled for a browser. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = process.cwd();
const folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-package-'));

/** The packed package, unpacked as a dependency of an empty project that has the project's own dependencies. */
const installed = (): string => {
  // The build is there already; packing must not start it again under the specs' feet.
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [archive = ''] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, 'batchgfn'), { recursive: true });
  execFileSync('tar', [
    '-xzf',
    path.join(folder, archive),
    '--strip-components=1',
    '-C',
    path.join(modules, 'batchgfn'),
  ]);
  for (const dependency of [
    'fp-ts',
    'io-ts',
    'cmd-ts',
    'papaparse',
    'chalk',
    'debug',
    'ms',
    'didyoumean',
    'strip-ansi',
    'ansi-regex',
  ])
    symlinkSync(path.join(root, 'node_modules', dependency), path.join(modules, dependency));
  return path.join(modules, 'batchgfn');
};

const unpacked = installed();

const first = `
import { cpuEngine, draw, greedyBatch, keyFromSeed, maternProblem, modelOf, proposeBatch } from 'batchgfn';
const { posterior } = maternProblem({ poolSize: 20, seed: 1 }).right;
const proposal = await proposeBatch(cpuEngine(), posterior, { batchSize: 3, seed: 0, draws: 32, iterations: 5 })();
console.log(proposal._tag, proposal.right.best.indices.length, greedyBatch(posterior, 3).indices.length);
`;

test('plain Node imports the packed package and proposes a batch', () => {
  const file = path.join(folder, 'first.mjs');
  writeFileSync(file, first);
  const printed = execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
  assert.is(printed.trim(), 'Right 3 3');
});

test('the packed command line tells its version', () => {
  const printed = execFileSync(process.execPath, [path.join(unpacked, 'dist/cli/main.js'), '--version'], {
    encoding: 'utf8',
  });
  assert.match(printed, /^\d+\.\d+\.\d+/);
});

test('the package holds its kernels, its types and nothing of the specs', () => {
  const files = readdirSync(unpacked, { recursive: true }).map(String);
  assert.ok(files.includes('kernels/matmul.wgsl'));
  assert.ok(files.includes('dist/engine/webgpu/kernel-sources.js'));
  assert.ok(files.includes('dist/index.d.ts'));
  assert.ok(files.includes('LICENSE') && files.includes('README.md'));
  assert.not.ok(files.some((file) => file.includes('.spec.') || file.startsWith('spec')));
  assert.not.ok(files.some((file) => file.endsWith('.tsbuildinfo') || file.endsWith('.map')));
});

test('the library bundles for a browser with its kernels and without anything of Node', async () => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: "export * from 'batchgfn';", resolveDir: folder },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify: true,
    write: false,
    metafile: true,
    external: ['webgpu'],
  });
  const text = outputFiles[0]?.text ?? '';
  assert.ok(text.includes('@compute'));
  const inputs = Object.keys(metafile.inputs);
  assert.not.ok(
    inputs.some((file) => file.includes('cli') || file.includes('papaparse') || file.startsWith('node:')),
  );
  console.log(`# bundle for a browser: ${(gzipSync(text).length / 1000).toFixed(1)} kB gzipped`);
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
