/** The README and the pages of src/docs: what runs in them prints what they say, and what they point at is there. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  blocksOf,
  docs,
  emptyFolder,
  pages,
  picturesIn,
  play,
  proseOf,
  steady,
  textOf,
} from './support/pages.js';

const root = process.cwd();

/** The most lines of a page. */
const longest = (page: string): number => (page === 'README.md' ? 180 : 150);

/** The anchors of a page, as GitHub makes them of its headings. */
const anchorsOf = (page: string): readonly string[] =>
  Array.from(proseOf(textOf(page)).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  );

const pictures = new Set<string>();

test('there are pages, programs and transcripts', () => {
  const all = pages.flatMap((page) => blocksOf(textOf(page)));
  assert.ok(pages.length >= 10);
  assert.ok(all.filter(({ language }) => language === 'js').length >= 6);
  assert.ok(all.filter(({ language }) => language === 'console').length >= 4);
});

for (const page of pages) {
  const text = textOf(page);

  test(`${page}: has at most ${longest(page)} lines`, () => {
    assert.ok(text.split('\n').length - 1 <= longest(page));
  });

  test(`${page}: its programs and commands print what it says, and draw its pictures`, () => {
    const folder = emptyFolder();
    for (const { said, now } of play(text, folder)) assert.is(steady(now), steady(said));
    for (const file of picturesIn(folder)) {
      pictures.add(file);
      assert.ok(
        readFileSync(path.join(folder, file)).equals(readFileSync(path.join(root, docs, file))),
        `${file} is not what its command draws`,
      );
    }
    rmSync(folder, { recursive: true });
  });

  test(`${page}: links lead somewhere`, () => {
    for (const [, link = ''] of proseOf(text).matchAll(/\]\(([^)]+)\)/g)) {
      if (link.startsWith('https://')) continue;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.join(path.dirname(page), file);
      assert.ok(existsSync(path.join(root, target)), link);
      if (anchor !== undefined) assert.ok(anchorsOf(target).includes(anchor), link);
    }
  });
}

test('every picture that a page shows is drawn by a command of a page', () => {
  const shown = pages.flatMap((page) =>
    Array.from(textOf(page).matchAll(/\(([^()]+\.svg)\)/g), ([, file = '']) => path.basename(file)),
  );
  assert.ok(shown.length >= 2);
  assert.equal([...new Set(shown)].sort(), [...pictures].sort());
});

test.run();
