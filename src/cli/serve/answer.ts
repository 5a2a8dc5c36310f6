/**
 * What is answered to a request? What the command of its verb reports, or why it failed, in the same words, under the request's id.
 * Requests of one session are done one after another, in the order in which they came.
 */
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { type Failure, type InputFailure, showFailure } from '../../failure.js';
import { printableLine } from '../../printable.js';
import type { Context } from '../command.js';
import { exitCodeOf } from '../exit-code.js';
import { type Origin, type RequestId, requestOf } from './request.js';
import { idCodec, protocol } from './verbs.js';

const head = { protocol: t.literal(protocol), id: idCodec };

const foot = t.partial({
  /** What a command would say on stderr. */
  remarks: t.readonlyArray(t.string),
});

/** An answer: what the command reports with `--json`. */
export const answerCodec = t.intersection([t.type({ ...head, answer: t.UnknownRecord }), foot], 'Answer');

const faultCodec = t.intersection([
  t.type({ source: t.string, problem: t.string, remedy: t.string }),
  t.partial({ line: t.number, column: t.union([t.string, t.number]), of: t.literal('machine') }),
]);

/** Why there is none. */
export const errorCodec = t.intersection(
  [
    t.type({
      ...head,
      error: t.intersection([
        t.type({
          kind: t.keyof({
            InputFailure: null,
            EngineFailure: null,
            NumericalFailure: null,
            Interrupted: null,
            Defect: null,
          }),
          /** That of the command. */
          exitCode: t.number,
          /** What the command says on stderr. */
          text: t.string,
        }),
        t.partial({ faults: t.readonlyArray(faultCodec) }),
      ]),
    }),
    foot,
  ],
  'Error',
);

/** What is answered to a request. */
export type Answer = t.TypeOf<typeof answerCodec> | t.TypeOf<typeof errorCodec>;

/** Whether a request failed. */
export const isError = (answer: Answer): answer is t.TypeOf<typeof errorCodec> => 'error' in answer;

/** The answer to a request that failed. */
export const errorAnswer = (id: RequestId, failure: Failure, remarks: readonly string[] = []): Answer => ({
  ...{ protocol, id },
  error: {
    kind: failure._tag,
    exitCode: exitCodeOf(failure),
    text: showFailure(failure),
    ...(failure._tag === 'InputFailure' ? { faults: failure.faults } : {}),
  },
  ...(remarks.length > 0 ? { remarks } : {}),
});

/** A mistake of the program: the one request ends by it, the others go on. */
const defectAnswer = (id: RequestId, cause: unknown): Answer => ({
  ...{ protocol, id },
  error: {
    kind: 'Defect',
    exitCode: 1,
    text: printableLine(
      `a mistake of batchgfn: ${cause instanceof Error ? cause.message : String(cause)}. Report it, with the request.`,
    ),
  },
});

/** The answer as a line of JSON, harmless to a terminal. */
export const answerLine = (answer: Answer): string => `${printableLine(JSON.stringify(answer))}\n`;

/** Answers a text. Never rejects. */
export type Answering = (text: E.Either<InputFailure, string>, origin: Origin) => Promise<Answer>;

/** Work under names, that of one name one after another. */
const queues = (): (<A>(name: string, work: () => Promise<A>) => Promise<A>) => {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name);
    const own = (async () => {
      await before;
      return work();
    })();
    const settled = own.catch(() => undefined);
    last.set(name, settled);
    try {
      return await own;
    } finally {
      if (last.get(name) === settled) last.delete(name);
    }
  };
};

/** Answers requests in a context. */
export const answering = (context: Context): Answering => {
  const inTurn = queues();
  return async (text, origin) => {
    if (E.isLeft(text)) return errorAnswer(null, text.left);
    const request = requestOf(origin)(text.right);
    if (E.isLeft(request)) return errorAnswer(request.left.id, request.left.failure);
    const { id, verb, options, queue } = request.right;
    const remarks: string[] = [];
    const own: Context = {
      ...context,
      remark: (sentence) => remarks.push(printableLine(sentence)),
      progress: () => undefined,
      ...(origin.gone !== undefined && verb.changesNothing === true
        ? { signal: AbortSignal.any([context.signal, origin.gone]) }
        : {}),
    };
    try {
      const done = await inTurn(queue, () => verb.run(options, own)());
      return E.isLeft(done)
        ? errorAnswer(id, done.left, remarks)
        : { ...{ protocol, id, answer: { ...done.right } }, ...(remarks.length > 0 ? { remarks } : {}) };
    } catch (cause) {
      return defectAnswer(id, cause);
    }
  };
};
