/** The package as people get it: packed, unpacked, imported by plain Node, and bundled for a browser. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
  const printed = execFileSync(process.execPath, [path.join(unpacked, 'dist/node/main.js'), '--version'], {
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

/** What Node reads of the package before the first line of a file runs: the file, and what it imports at once. */
const readAtStart = (file: string): ReadonlySet<string> => {
  const read = new Set<string>();
  const visit = (one: string): void => {
    if (read.has(one)) return;
    read.add(one);
    for (const [, next = ''] of readFileSync(one, 'utf8').matchAll(
      /^(?:import|\} from|export .* from) ?"?.*?"(\.\/[^"]+)"/gmu,
    ))
      visit(path.join(path.dirname(one), next));
  };
  visit(file);
  return read;
};

test('Node reads few files before the first line: some 450 would take it longer than all else', () => {
  for (const [file, most] of [
    ['index', 10],
    ['learning', 10],
    ['verify', 10],
    ['pretrained', 10],
    ['main', 14],
  ] as const) {
    const read = readAtStart(path.join(unpacked, `dist/node/${file}.js`));
    assert.ok(read.size > 1 && read.size <= most, `${file}: ${read.size} files`);
    assert.not.ok(read.has(path.join(unpacked, 'dist/node/weights.js')), `${file} reads the trained weights`);
  }
  assert.is(readAtStart(path.join(unpacked, 'dist/node/tables.js')).size, 1);
  assert.match(
    readFileSync(path.join(unpacked, 'dist/node/LICENSES.txt'), 'utf8'),
    /fp-ts[\s\S]*MIT[\s\S]*io-ts[\s\S]*MIT/u,
  );
});

/** A program bundled for a browser: its text, how many kB it has gzipped, the files it was made from, and those it holds. */
const bundled = async (
  contents: string,
): Promise<{
  readonly text: string;
  readonly size: number;
  readonly read: readonly string[];
  readonly held: readonly string[];
}> => {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify: true,
    write: false,
    metafile: true,
    external: ['webgpu'],
  });
  const text = outputFiles[0]?.text ?? '';
  const held = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  return { text, size: gzipSync(text).length / 1000, read: Object.keys(metafile.inputs), held };
};

const mustFit = (what: string, size: number, limit: number): void => {
  console.log(`# bundle for a browser, ${what}: ${size.toFixed(1)} kB gzipped`);
  assert.ok(size <= limit, `${what}: ${size} kB gzipped, more than ${limit}`);
};

test('the library bundles for a browser with its kernels and without anything of Node', async () => {
  const { text, size, read } = await bundled("export * from 'batchgfn';");
  assert.ok(text.includes('@compute'));
  assert.not.ok(
    read.some((file) => file.includes('cli') || file.includes('papaparse') || file.startsWith('node:')),
  );
  mustFit('everything', size, 140.8);
});

const application = (engine: string): string => `
import { ${engine}, maternProblem, proposeBatch } from 'batchgfn';
const { posterior } = maternProblem({ poolSize: 20, seed: 1 }).right;
export const propose = (engine) => proposeBatch(engine, posterior, { batchSize: 3, seed: 0, draws: 32 })();
export { ${engine} };
`;

test('a bundle holds what its program uses: one engine, no exact answers, codecs where they decode', async () => {
  const cpu = await bundled(application('cpuEngine'));
  assert.not.ok(cpu.held.some((file) => file.includes('webgpu') || file.includes('gflownet/exact/policy')));
  mustFit('a proposal on the CPU', cpu.size, 85.5);
  const any = await bundled(application('openEngine'));
  mustFit('a proposal on the engine of its choice', any.size, 105);
  const fits = await bundled("export { fitBayesianLinear, posteriorOver, encodeModel } from 'batchgfn';");
  assert.not.ok(fits.held.some((file) => file.includes('io-ts')));
  const decodes = await bundled("export { decodeModel } from 'batchgfn';");
  assert.ok(decodes.held.some((file) => file.includes('io-ts')));
});

test('the folder is removed', () => rmSync(folder, { recursive: true }));

test.run();
