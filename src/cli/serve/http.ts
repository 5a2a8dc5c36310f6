/**
 * How are requests served over HTTP? `POST /v1/VERB` with the request as a body, on 127.0.0.1 alone, and nothing else. Who asks has to
 * know a token, told apart in constant time. A page of a browser that has a name of its own resolved to this machine (DNS rebinding) has
 * another Host; no header lets a page of another origin read an answer. Heads, bodies, their time and the requests at work are limited.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import * as E from '#fp-ts/Either';
import type * as TE from '#fp-ts/TaskEither';
import { type Failure, inputFailure, type InputFailure } from '../../failure.js';
import type { Context, Printed } from '../command.js';
import { codeOf } from '../file-trouble.js';
import { address, listening, portOf } from '../listening.js';
import { type Answer, type Answering, answerLine, errorAnswer, isError } from './answer.js';
import { longestRequest, requestText, tooLong } from './lines.js';

/** What a request may take. */
export interface HttpLimits {
  readonly bodyBytes: number;
  readonly headBytes: number;
  /** Milliseconds from its begin until its head, and all of it, is there. */
  readonly headTime: number;
  readonly requestTime: number;
  readonly connections: number;
  /** Requests at work at once. */
  readonly atWork: number;
}

/** What it may take where nothing is said. */
export const httpLimits: HttpLimits = {
  ...{ bodyBytes: longestRequest, headBytes: 2 ** 13 },
  ...{ headTime: 10_000, requestTime: 30_000 },
  ...{ connections: 64, atWork: 32 },
};

/** The environment variable that may hold the token. */
export const tokenVariable = 'BATCHGFN_TOKEN';

/** Least characters of a token that is given. */
const shortest = 16;

/** The token that an environment gives, or a new one, and whether it is new. Fails where the given one is easily guessed. */
export const tokenOf = (
  environment: Readonly<Record<string, string | undefined>>,
): E.Either<InputFailure, { readonly token: string; readonly isNew: boolean }> => {
  const { [tokenVariable]: given } = environment;
  if (given === undefined || given === '')
    return E.right({ token: randomBytes(32).toString('base64url'), isNew: true });
  return given.length >= shortest && /^[\x21-\x7e]+$/.test(given)
    ? E.right({ token: given, isNew: false })
    : E.left(
        inputFailure({
          source: tokenVariable,
          problem: `the token has fewer than ${shortest} characters, or others than those of ASCII without spaces`,
          remedy: 'Give a longer one, or none to have one made',
        }),
      );
};

/** Whether two texts are the same, in a time that tells nothing of either. */
const sameText = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
};

interface Refusal {
  readonly status: number;
  readonly failure: InputFailure;
}

const refusal = (status: number, problem: string, remedy: string): Refusal => ({
  status,
  failure: inputFailure({ source: 'request', problem, remedy }),
});

/** Why a request is refused by its head; undefined where it is not. */
const refusedHead = (
  { headers, url = '', method }: IncomingMessage,
  port: number,
  token: string,
  { bodyBytes }: HttpLimits,
): Refusal | undefined => {
  if (headers.host === undefined) return refusal(400, 'it has no Host', `Ask http://${address}:${port}`);
  const hosts = [address, 'localhost'].flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]);
  if (!hosts.includes(headers.host.toLowerCase()))
    return refusal(403, 'its Host is not that of this server', `Ask http://${address}:${port}`);
  if (!sameText(headers.authorization ?? '', `Bearer ${token}`))
    return refusal(401, 'it has no token, or a wrong one', 'Send the header Authorization: Bearer TOKEN');
  if (!url.startsWith('/v1/')) return refusal(404, 'there is nothing at its path', 'Ask /v1/VERB');
  if (method !== 'POST') return refusal(405, 'its method is not POST', 'Use POST');
  const [type, ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  if (type?.trim() !== 'application/json')
    return refusal(415, 'its body is not said to be JSON', 'Send the header Content-Type: application/json');
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
    return refusal(415, 'its body is not said to be UTF-8', 'Write it as UTF-8, and say so or nothing');
  return Number(headers['content-length'] ?? 0) > bodyBytes
    ? { status: 413, failure: tooLong(bodyBytes) }
    : undefined;
};

/** The body of a request. Fails where it is too long, and where it is no text. Rejects where the client is gone, or too slow. */
const bodyOf = async (
  request: IncomingMessage,
  { bodyBytes }: HttpLimits,
): Promise<E.Either<InputFailure, string>> => {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    length += piece.length;
    // What is left is read, and dropped, so that the answer gets there; the time for it is limited.
    if (length <= bodyBytes) pieces.push(piece);
    else pieces.length = 0;
  }
  return length > bodyBytes ? E.left(tooLong(bodyBytes)) : requestText(Buffer.concat(pieces));
};

const statusOf = (answer: Answer): number =>
  !isError(answer)
    ? 200
    : answer.error.exitCode === 2
      ? 400
      : answer.error.kind === 'Interrupted'
        ? 503
        : 500;

const send = (response: ServerResponse, status: number, answer: Answer): void => {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(status === 405 ? { allow: 'POST' } : {}),
  });
  response.end(answerLine(answer));
};

/** What is said of a request that is none, or too slow or too large to be one: by the codes of Node's parser. */
const unreadable: Readonly<Partial<Record<string, Refusal>>> = {
  HPE_HEADER_OVERFLOW: refusal(431, 'its head is too large', 'Send fewer or shorter headers'),
  ERR_HTTP_REQUEST_TIMEOUT: refusal(408, 'it was not sent in time', 'Send it at once'),
};

const noRequest = refusal(400, 'it is no request of HTTP', 'Ask POST /v1/VERB with the token');

/** An answer to what never became a request: on the socket itself. */
const sendOn = (socket: Duplex, { status, failure }: Refusal): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = answerLine(errorAnswer(null, failure));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
};

/** Answers what Node would answer by itself without an object, or not at all. */
const answerTheRest = (server: Server): void => {
  server.on('clientError', (error, socket) => sendOn(socket, unreadable[codeOf(error)] ?? noRequest));
  for (const event of ['connect', 'upgrade'] as const)
    server.on(event, (_, socket: Duplex) =>
      sendOn(socket, refusal(405, 'its method is not POST', 'Use POST')),
    );
  server.on('checkExpectation', (request, response) => {
    request.resume();
    const { status, failure } = refusal(417, 'it expects what is not known here', 'Leave out Expect');
    send(response, status, errorAnswer(null, failure));
  });
};

/** What one server does with its requests. */
const responder = (
  server: Server,
  token: string,
  limits: HttpLimits,
  answer: Answering,
): ((request: IncomingMessage, response: ServerResponse) => Promise<void>) => {
  let atWork = 0;
  return async (request, response) => {
    const port = portOf(server);
    const busy = refusal(503, `${limits.atWork} requests are at work`, 'Ask again when some are done');
    const refused = refusedHead(request, port, token, limits) ?? (atWork >= limits.atWork ? busy : undefined);
    if (refused !== undefined) {
      request.resume();
      send(response, refused.status, errorAnswer(null, refused.failure));
      return;
    }
    atWork++;
    const gone = new AbortController();
    // It is closed too when all was sent.
    response.once('close', () => gone.abort());
    try {
      const text = await bodyOf(request, limits);
      const own = await answer(text, {
        ...{ verb: (request.url ?? '').slice('/v1/'.length), anywhere: false, gone: gone.signal },
      });
      const isLong =
        E.isLeft(text) && text.left.faults[0].problem === tooLong(limits.bodyBytes).faults[0].problem;
      send(response, isLong ? 413 : statusOf(own), own);
    } catch {
      // The client is gone, or was too slow; there is nobody to tell.
      response.destroy();
    } finally {
      atWork--;
    }
  };
};

/** A server, and where it is to listen. */
export interface HttpOptions {
  /** 0 for one that is free. */
  readonly port: number;
  readonly token: string;
  readonly limits: HttpLimits;
}

/** Serves until the signal is aborted, which is told as Interrupted; fails where the port cannot be had. Says where it listens. */
export const serveHttp =
  (
    { port, token, limits }: HttpOptions,
    { signal, remark }: Pick<Context, 'signal' | 'remark'>,
    answer: Answering,
  ): TE.TaskEither<Failure, Printed> =>
  () => {
    const server = createServer({
      headersTimeout: limits.headTime,
      requestTimeout: limits.requestTime,
      connectionsCheckingInterval: Math.min(1000, limits.headTime / 4),
      maxHeaderSize: limits.headBytes,
      keepAliveTimeout: limits.headTime,
      requireHostHeader: false,
    });
    server.maxConnections = limits.connections;
    const respond = responder(server, token, limits, answer);
    server.on('request', (request, response) => void respond(request, response));
    answerTheRest(server);
    const from = { port, option: '--http', remedy: 'Give another, or 0 for one that is free' };
    return listening(server, from, 'serve', { signal }, (own) =>
      remark(`Listening on http://${address}:${own}/v1/`),
    )();
  };
