/** What the page is made of: how much a browser loads before anything is asked for, what is left for later, and where it comes from. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const folder = path.resolve('dist/web');

const textOf = (file: string): string => readFileSync(path.join(folder, file), 'utf8');

/** A script and what it imports at once. */
const loadedWith = (file: string): ReadonlySet<string> => {
  const loaded = new Set<string>();
  const visit = (one: string): void => {
    if (loaded.has(one)) return;
    loaded.add(one);
    for (const [, next = ''] of textOf(one).matchAll(/(?:from|import) ?"\.\/([^"]+)"/g)) visit(next);
  };
  visit(file);
  return loaded;
};

const kilobytes = (files: Iterable<string>): number =>
  Array.from(files).reduce((sum, file) => sum + gzipSync(textOf(file)).length / 1000, 0);

const scripts = readdirSync(folder).filter((file) => file.endsWith('.js'));

test('what is loaded at once, the kernels among it, is at most 120 kB gzipped', () => {
  const atOnce = new Set([...loadedWith('page.js'), ...loadedWith('worker.js')]);
  const later = scripts.filter((file) => !atOnce.has(file));
  const size = kilobytes(atOnce);
  console.log(
    `# the page's scripts: ${size.toFixed(1)} kB gzipped at once, ${kilobytes(later).toFixed(1)} kB when asked for`,
  );
  assert.ok(size <= 120, `${size} kB`);
  assert.ok([...atOnce].some((file) => textOf(file).includes('@compute')));
  const pretrained = later.filter((file) => file.startsWith('pretrained'));
  assert.is(pretrained.length, 1);
  assert.ok(kilobytes(later.filter((file) => !pretrained.includes(file))) <= 65.3);
});

test('nothing that it is made of names another address', () => {
  for (const file of ['index.html', 'style.css', ...scripts])
    for (const [address] of textOf(file).matchAll(/https?:\/\/[\w.-]+/g))
      assert.match(address, /^http:\/\/www\.w3\.org$/, `${file}: ${address}`);
});

test.run();
