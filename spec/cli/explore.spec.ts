/** The page's server: which requests it answers, which it refuses, and how it ends. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageFiles, servePage } from '../../src/cli/page-server.js';
import { observe } from './fake-services.js';

const test = suite<{ folder: string; port: number; end: () => Promise<unknown> }>('explore', {
  ...{ folder: '', port: 0 },
  end: () => Promise.resolve(),
});

test.before(async (context) => {
  context.folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-spec-'));
  mkdirSync(path.join(context.folder, 'web/source'), { recursive: true });
  writeFileSync(path.join(context.folder, 'web/index.html'), '<p>page</p>');
  writeFileSync(path.join(context.folder, 'web/page.js'), 'script');
  writeFileSync(path.join(context.folder, 'web/source/a.ts.txt'), 'source');
  writeFileSync(path.join(context.folder, 'secret.txt'), 'secret');
  const files = pageFiles(path.join(context.folder, 'web'));
  if (E.isLeft(files)) throw new Error('no files');
  const interruption = new AbortController();
  const { signal } = interruption;
  let ended: Promise<unknown> = Promise.resolve();
  const remark = (): void => undefined;
  context.port = await new Promise<number>((resolve) => {
    const print = (text: string): Promise<O.Option<never>> => {
      const [, port] = /^http:\/\/127\.0\.0\.1:(\d+)\/\n$/.exec(text) ?? [];
      resolve(Number(port));
      return Promise.resolve(O.none);
    };
    ended = servePage(files.right, 0, { signal, remark, print })();
  });
  context.end = () => {
    interruption.abort();
    return ended;
  };
});

test.after(async ({ folder, end }) => {
  assert.equal(await end(), E.left({ _tag: 'Interrupted', during: 'explore' }));
  rmSync(folder, { recursive: true });
});

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

const ask = (
  port: number,
  place: string,
  { method = 'GET', host = `127.0.0.1:${port}` }: { readonly method?: string; readonly host?: string } = {},
): Promise<Got> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path: place, headers: { host } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (body += piece));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });

test('the files of the folder are given, with their types and a policy that allows nothing from elsewhere', async ({
  port,
}) => {
  for (const [place, type, text] of [
    ['/', 'text/html; charset=utf-8', '<p>page</p>'],
    ['/?a=b', 'text/html; charset=utf-8', '<p>page</p>'],
    ['/index.html', 'text/html; charset=utf-8', '<p>page</p>'],
    ['/page.js', 'text/javascript; charset=utf-8', 'script'],
    ['/source/a.ts.txt', 'text/plain; charset=utf-8', 'source'],
  ] as const) {
    const { status, headers, body } = await ask(port, place);
    assert.equal([status, headers['content-type'], body], [200, type, text]);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self'/);
    assert.is(headers['x-content-type-options'], 'nosniff');
  }
  const head = await ask(port, '/page.js', { method: 'HEAD' });
  assert.equal([head.status, head.headers['content-length'], head.body], [200, '6', '']);
  assert.is((await ask(port, '/', { host: `localhost:${port}` })).status, 200);
});

test('other hosts, methods and paths are refused', async ({ port }) => {
  for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1:${port + 1}`, '127.0.0.1'])
    assert.is((await ask(port, '/', { host })).status, 403, host);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await ask(port, '/', { method });
    assert.equal([status, headers['allow']], [405, 'GET, HEAD'], method);
  }
  for (const place of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/source',
    '/index.html/',
    '//page.js',
    '/none.js',
  ]) {
    const { status, body } = await ask(port, place);
    assert.is(status, 404, place);
    assert.not.match(body, 'secret');
  }
});

test('where there is no page the command says how it is built', async ({ folder }) => {
  assert.ok(E.isLeft(pageFiles(path.join(folder, 'nowhere'))));
  // Compiled for the specs, the command has no page beside it.
  const { exitCode, stderr } = await observe(['explore']);
  assert.is(exitCode, 2);
  assert.match(stderr, 'the page is not there. Build it: npm run web.');
});

test('a port that is taken is refused', async ({ port, folder }) => {
  const files = pageFiles(path.join(folder, 'web'));
  if (E.isLeft(files)) throw new Error('no files');
  const nothing = { signal: new AbortController().signal, remark: () => undefined };
  const outcome = await servePage(files.right, port, { ...nothing, print: () => Promise.resolve(O.none) })();
  assert.ok(E.isLeft(outcome) && outcome.left._tag === 'InputFailure');
  assert.is(outcome.left.faults[0].problem, 'another program listens on the port');
});

test.run();
