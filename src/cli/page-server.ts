/**
 * How is the page of `explore` served? Its files alone, read once, to programs of this machine: on 127.0.0.1, by GET and HEAD. A page of
 * a browser that has a name of its own resolved to this machine (DNS rebinding) has another Host, and is refused. The page may ask nothing
 * but this server, which its Content-Security-Policy says.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type Server } from 'node:http';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import type * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { badInput, type Failure, type InputFailure } from '../failure.js';
import type { Context, Printed } from './command.js';
import { address, listening, portOf } from './listening.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** Scripts, styles and workers of this server alone; kernels are WebAssembly. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const always: OutgoingHttpHeaders = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** The files of a page by their addresses. */
export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly bytes: Uint8Array }>;

/** Reads them. An InputFailure where the folder holds no page. */
export const pageFiles = (folder: string): E.Either<InputFailure, PageFiles> =>
  pipe(
    E.tryCatch(
      () =>
        new Map(
          readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .flatMap((entry) => {
              const file = path.join(entry.parentPath, entry.name);
              const place = `/${path.relative(folder, file).split(path.sep).join('/')}`;
              const type = types[path.extname(file)] ?? 'application/octet-stream';
              const served = { type, bytes: readFileSync(file) };
              return [place, ...(place === '/index.html' ? ['/'] : [])].map((at) => [at, served] as const);
            }),
        ),
      () => undefined,
    ),
    E.filterOrElse(
      (files) => files.has('/'),
      () => undefined,
    ),
    E.mapLeft(() => badInput(folder, 'the page is not there', 'Build it: npm run web')),
  );

/** Answers one request: its status, what is said of it, and the file. */
const answerTo = (
  files: PageFiles,
  { headers: { host = '' }, method, url = '' }: IncomingMessage,
  port: number,
): { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: string | Uint8Array } => {
  const refused = (status: number, body: string, headers: OutgoingHttpHeaders = {}) => ({
    ...{ status, body: `${body}\n` },
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
  });
  const hosts = [address, 'localhost'].flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]);
  if (!hosts.includes(host.toLowerCase()))
    return refused(403, `Its Host is not that of this server. Open http://${address}:${port}/.`);
  if (method !== 'GET' && method !== 'HEAD') return refused(405, 'Use GET.', { allow: 'GET, HEAD' });
  const [place = ''] = url.split('?');
  const file = files.get(place);
  return file === undefined
    ? refused(404, 'There is nothing at its path. Open /.')
    : { status: 200, headers: { 'content-type': file.type }, body: file.bytes };
};

const serverOf = (files: PageFiles): Server => {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, requireHostHeader: false });
  server.maxConnections = 64;
  server.on('request', (request, response) => {
    request.resume();
    const { status, headers, body } = answerTo(files, request, portOf(server));
    response.writeHead(status, { ...always, ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  return server;
};

/** Serves until the signal is aborted, which is told as Interrupted; fails where the port cannot be had. Prints the page's address. */
export const servePage =
  (
    files: PageFiles,
    port: number,
    { signal, print, remark }: Pick<Context, 'signal' | 'print' | 'remark'>,
  ): TE.TaskEither<Failure, Printed> =>
  () =>
    listening(
      serverOf(files),
      { port, option: '--port', remedy: 'Give another, or leave it out' },
      'explore',
      { signal },
      (own) => {
        void print(`http://${address}:${own}/\n`);
        remark('Open this address in a browser. Ctrl-C ends it.');
      },
    )();
