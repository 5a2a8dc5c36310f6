/** Requests over HTTP: what is refused (tokens, hosts, sizes, slowness, paths), and that the server goes on. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Context } from '../../src/cli/command.js';
import { answering, errorAnswer } from '../../src/cli/serve/answer.js';
import { type HttpLimits, httpLimits, serveHttp, tokenOf, tokenVariable } from '../../src/cli/serve/http.js';
import { observe } from './fake-services.js';

const token = 'a-token-of-some-length';
const home = process.cwd();

const limits: HttpLimits = { ...httpLimits, bodyBytes: 2000, headTime: 300, requestTime: 600, atWork: 2 };

const test = suite<{ folder: string; port: number; end: () => Promise<unknown> }>('serve over HTTP', {
  ...{ folder: '', port: 0 },
  end: () => Promise.resolve(),
});

test.before(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  process.chdir(context.folder);
  const cells = Array.from({ length: 12 }, (_, i) => `${i},${i < 3 ? i / 2 : ''}`);
  await writeFile('data.csv', `a,y\n${cells.join('\n')}\n`);
  assert.is((await observe(['init', 's', '-d', 'data.csv', '-t', 'y'])).exitCode, 0);
  const interruption = new AbortController();
  const own = {
    progress: () => undefined,
    signal: interruption.signal,
    services: {},
  } as unknown as Context;
  let ended: Promise<unknown> = Promise.resolve();
  context.port = await new Promise<number>((resolve) => {
    const remark = (sentence: string): void => {
      const [, port] = /^Listening on http:\/\/127\.0\.0\.1:(\d+)\/v1\/$/.exec(sentence) ?? [];
      resolve(Number(port));
    };
    ended = serveHttp({ port: 0, token, limits }, { ...own, remark }, answering({ ...own, remark }))();
  });
  context.end = () => {
    interruption.abort();
    return ended;
  };
});

test.after(async ({ folder, end }) => {
  assert.equal(await end(), E.left({ _tag: 'Interrupted', during: 'serve' }));
  process.chdir(home);
  await rm(folder, { recursive: true });
});

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly place?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const right = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

const ask = (
  port: number,
  { method = 'POST', place = '/v1/status', headers = right, body = '{"id":1,"session":"s"}' }: Asked,
): Promise<Got> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path: place, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });

/** What comes back to raw text, sent in pieces with pauses between them, until the server closes the connection. */
const raw = (port: number, pieces: readonly string[], pause = 0): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => {
      pieces.forEach((piece, i) => setTimeout(() => socket.writable && socket.write(piece), i * pause));
    });
    socket.on('data', (piece) => (text += String(piece)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(text);
    });
  });

const works = async (port: number): Promise<void> => {
  const { status, body } = await ask(port, {});
  assert.is(status, 200, body);
  assert.match(body, /^\{"protocol":1,"id":1,"answer":\{"target":"y",.*\}\}\n$/);
};

test('a request is answered as over lines, and nothing else is there', async ({ port }) => {
  await works(port);
  for (const [asked, status, words] of [
    [{ place: '/' }, 404, /nothing at its path/],
    [{ place: '/v2/status' }, 404, /nothing at its path/],
    [{ place: '/v1/statsu' }, 400, /Perhaps status is meant/],
    [{ place: '/v1/status?x=1' }, 400, /there is no such verb/],
    [{ place: '/v1/__proto__' }, 400, /there is no such verb/],
    [{ method: 'GET', body: '' }, 405, /Use POST/],
    [{ method: 'OPTIONS', body: '' }, 405, /Use POST/],
    [{ method: 'PUT' }, 405, /Use POST/],
    [{ headers: { ...right, 'content-type': 'text/plain' } }, 415, /application\/json/],
    [{ headers: { ...right, 'content-type': 'application/json; charset=latin1' } }, 415, /UTF-8/],
    [
      { body: '{"session":"s","verb":"ask"}' },
      400,
      /the body says .{1,3}ask.{1,3}, and the path .{1,3}status/,
    ],
    [{ body: '{"session":"none","session":"s"}' }, 400, /it has the name .{1,3}session.{1,3} twice/],
    [{ headers: { ...right, expect: 'a miracle' } }, 417, /Leave out Expect/],
    [{ body: '{' }, 400, /it is not JSON/],
    [{ body: '' }, 400, /it is not JSON/],
    [{ body: '{"session":"none"}' }, 400, /ENOENT/],
  ] as const) {
    const got = await ask(port, asked);
    assert.is(got.status, status, JSON.stringify(asked));
    assert.match(got.body, words);
    assert.not.ok(Object.keys(got.headers).some((name) => name.startsWith('access-control')));
    assert.is(got.headers['x-content-type-options'], 'nosniff');
  }
  await works(port);
});

test('without the token, with another, or under the name of another host nothing is told', async ({
  port,
}) => {
  const json = { 'content-type': 'application/json' };
  for (const authorization of [
    undefined,
    '',
    'Bearer',
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    token,
    `Basic ${token}`,
  ]) {
    const got = await ask(port, { headers: authorization === undefined ? json : { ...json, authorization } });
    assert.is(got.status, 401, authorization);
    assert.not.match(got.body, /answer|target/);
    assert.is(got.headers['www-authenticate'], 'Bearer');
  }
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port + 1}`,
    'localhost.evil.example',
    `[::1]:${port}`,
  ]) {
    const got = await ask(port, { headers: { ...right, host } });
    assert.is(got.status, 403, host);
    assert.match(got.body, /its Host is not that of this server/);
  }
  assert.is((await ask(port, { headers: { ...right, host: `LOCALHOST:${port}` } })).status, 200);
  const none = await raw(port, [`POST /v1/status HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n\r\n`]);
  assert.match(none, /^HTTP\/1\.1 400 /);
  assert.match(none, /"problem":"it has no Host"/);
  await works(port);
});

test('paths do not lead out of the folder', async ({ port, folder }) => {
  for (const [place, body] of [
    ['status', { session: folder }],
    ['status', { session: '..' }],
    ['status', { session: 's/../../s' }],
    ['init', { session: 'u', data: '/etc/passwd', target: 'y' }],
    ['init', { session: '../u', data: 'data.csv', target: 'y' }],
    ['select', { predictions: '../draws.npy' }],
    ['select', { file: '../data.csv', target: 'y' }],
    ['select', { predictions: 'draws.npy', ids: '/etc/passwd' }],
  ] as const) {
    const got = await ask(port, { place: `/v1/${place}`, body: JSON.stringify(body) });
    assert.is(got.status, 400);
    assert.match(got.body, /the path leads out of the folder that is served/);
  }
  assert.is((await ask(port, { body: '{"session":"./s"}' })).status, 200);
});

test('what is too large is refused, said or not', async ({ port }) => {
  const long = `{"session":"${'s'.repeat(3000)}"}`;
  const said = await ask(port, { body: long });
  assert.equal([said.status, /longer than 2000 bytes/.test(said.body)], [413, true]);
  const chunked = await ask(port, { headers: { ...right, 'transfer-encoding': 'chunked' }, body: long });
  assert.equal([chunked.status, /longer than 2000 bytes/.test(chunked.body)], [413, true]);
  const head = `POST /v1/status HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`;
  const body = (text: string): unknown => JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
  for (const [request, status, words] of [
    [head, 431, /its head is too large/],
    ['\0\0 nonsense\r\n\r\n', 400, /it is no request of HTTP/],
    ['CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n', 405, /Use POST/],
    [
      `POST /v1/status HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      405,
      /Use POST/,
    ],
  ] as const) {
    const got = await raw(port, [request]);
    assert.match(got, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(JSON.stringify(body(got)), words);
    assert.match(JSON.stringify(body(got)), /^\{"protocol":1,"id":null,"error":/);
  }
  await works(port);
});

test('who is too slow is not waited for', async ({ port }) => {
  const head = [
    `POST /v1/status HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n`,
    'Content-Type: application/json\r\nContent-Length: 22\r\n\r\n',
  ];
  const started = performance.now();
  // A head that never ends, and a body that comes too late, a byte at a time.
  const slow = await Promise.all([
    raw(port, ['POST /v1/status HTTP/1.1\r\nHo', 'st: x\r\n', 'A: b\r\n'], 200),
    raw(port, [...head, ...Array.from('{"id":1,"session":"s"}')], 200),
    works(port),
  ]);
  assert.ok(performance.now() - started < 8000);
  for (const text of slow.slice(0, 2)) assert.match(String(text), /^HTTP\/1\.1 408 /);
  await works(port);
});

test('what nobody waits for any more is told so, and makes room for others', async () => {
  const interruption = new AbortController();
  const verbs: (string | undefined)[] = [];
  let gone = 0;
  let remark: (sentence: string) => void = () => undefined;
  const listening = new Promise<number>((resolve) => {
    remark = (sentence) => resolve(Number(/:(\d+)\/v1/.exec(sentence)?.[1]));
  });
  const ended = serveHttp(
    { port: 0, token, limits: { ...limits, requestTime: 60_000 } },
    { signal: interruption.signal, remark },
    (_, origin) =>
      new Promise((resolve) => {
        verbs.push(origin.verb);
        origin.gone?.addEventListener('abort', () => {
          gone++;
          resolve(errorAnswer(null, { _tag: 'Interrupted', during: 'spec' }));
        });
      }),
  )();
  const port = await listening;
  // As many as may be at work leave; then as many again find room.
  for (let times = 1; times <= 2; times++) {
    const clients = Array.from({ length: limits.atWork }, () => {
      const asked = request({
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/v1/select',
        headers: right,
      });
      asked.on('error', () => undefined);
      asked.end('{"id":1}');
      return asked;
    });
    while (verbs.length < times * limits.atWork) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const client of clients) client.destroy();
    while (gone < times * limits.atWork) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(verbs, new Array(2 * limits.atWork).fill('select'));
  interruption.abort();
  assert.equal(await ended, E.left({ _tag: 'Interrupted', during: 'serve' }));
});

test('only work that changes nothing ends with its client', async () => {
  const gone = AbortSignal.abort();
  const own = {
    progress: () => undefined,
    signal: new AbortController().signal,
    services: {},
  } as unknown as Context;
  const answer = answering(own);
  const asked = (verb: string, body: object) =>
    answer(E.right(JSON.stringify({ id: 1, ...body })), { verb, anywhere: false, gone });
  await writeFile('again.csv', 'a,y\n1,1\n2,2\n3,\n4,\n');
  const init = await asked('init', { session: 'again', data: 'again.csv', target: 'y' });
  assert.not.ok('error' in init, JSON.stringify(init));
  const selected = await asked('select', { file: 'again.csv', target: 'y', 'batch-size': 1 });
  assert.ok('error' in selected && selected.error.kind === 'Interrupted', JSON.stringify(selected));
});

test('a token is given or made, and one that is easily guessed is refused', () => {
  const made = [tokenOf({}), tokenOf({ [tokenVariable]: '' })];
  for (const one of made) assert.ok(E.isRight(one) && one.right.isNew && one.right.token.length >= 43);
  assert.not.equal(made[0], made[1]);
  assert.equal(tokenOf({ [tokenVariable]: token }), E.right({ token, isNew: false }));
  for (const bad of ['short', 'with a space in it, long', 'é'.repeat(20)])
    assert.ok(E.isLeft(tokenOf({ [tokenVariable]: bad })));
});

test('a port that is taken, and a token that nobody would be told, are said', async ({ port }) => {
  const { stderr, exitCode } = await observe(['serve', '--http', String(port)]);
  assert.is(exitCode, 2);
  assert.match(stderr, /^--http: another program listens on the port\. Give another, or 0/);
  assert.match(
    (await observe(['serve', '--http', '0', '-q'])).stderr,
    /^--quiet: the token .* would not be told/,
  );
  assert.match(
    (await observe(['serve', '--http', '65536'])).stderr,
    /^--http: "65536" is not a whole number/,
  );
});

test.run();
