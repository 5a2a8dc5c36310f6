/** `batchgfn serve`: requests of programs, a line of JSON each on stdin, or over HTTP. */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { type Failure, inputFailure } from '../../failure.js';
import { command, printed, type Work } from '../command.js';
import { integerUpTo } from '../decoders.js';
import { flag, optional } from '../options.js';
import { renderJson } from '../render.js';
import { answering } from '../serve/answer.js';
import { httpLimits, serveHttp, tokenOf, tokenVariable } from '../serve/http.js';
import { protocolSchema } from '../serve/schema.js';
import { serveLines } from '../serve/stdio.js';

/** Decoded options of serve. */
export interface ServeOptions {
  readonly http: number | undefined;
  readonly schema: boolean;
  readonly quiet: boolean;
}

const hidden = inputFailure({
  source: '--quiet',
  problem: 'the token that is made for --http would not be told',
  remedy: `Give one in the environment variable ${tokenVariable}, or leave it out`,
});

/** The work of serve. */
export const serveWork =
  ({ http: port, schema, quiet }: ServeOptions): Work =>
  (context) => {
    if (schema) return TE.right(printed(renderJson(protocolSchema())));
    const answer = answering(context);
    if (port === undefined) return serveLines(context, answer);
    return pipe(
      TE.fromEither(tokenOf(process.env)),
      TE.filterOrElse(
        ({ isNew }) => !(isNew && quiet),
        () => hidden,
      ),
      TE.mapLeft((failure): Failure => failure),
      TE.chain(({ token, isNew }) => {
        if (isNew) context.remark(`The token is ${token}`);
        return serveHttp({ port, token, limits: httpLimits }, context, answer);
      }),
    );
  };

/** The command, with its options and help. */
export const serve = command({
  name: 'serve',
  description: 'Answer requests of a program, one JSON object a line on stdin, each by a line on stdout.',
  examples: [
    { description: 'requests and answers, a line each', command: 'batchgfn serve' },
    {
      description: 'the same over HTTP, for programs of this machine',
      command: 'batchgfn serve --http 8080',
    },
  ],
  args: {
    http: optional(
      {
        long: 'http',
        placeholder: 'PORT',
        description: `over HTTP in place of stdin, on 127.0.0.1 alone; the token is that of ${tokenVariable}, or told`,
      },
      integerUpTo(65_535, 8080),
    ),
    schema: flag({ long: 'schema', description: 'print the JSON Schema of requests and answers, and end' }),
  },
  handler: serveWork,
});
