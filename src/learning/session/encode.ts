/**
 * A session outside of memory: its start and its events as text, and the policy as one file of bytes (gflownet/model-file.ts).
 * A session read from them goes on as the one that was written, to the bit, on either engine.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type * as t from '#io-ts';
import { notWhole, parseJson } from '../../data/json.js';
import { inputFailure, type InputFailure } from '../../failure.js';
import { decodeModel, encodeModel } from '../../gflownet/model-file.js';
import { membersOf, requireArray, wrongArgument } from '../../misuse.js';
import { problemOfErrors } from '../decoding.js';
import { sessionEventCodec, sessionStartCodec, type SessionEvent, type SessionStart } from './events.js';
import { after, requireSession, type Session, sessionFrom } from './session.js';

/** What is kept of a session. */
export interface EncodedSession {
  /** JSON of the start. */
  readonly start: string;
  /** JSON of the events, one each, in their order; no line breaks in them. */
  readonly events: readonly string[];
  /** The policy in safetensors layout, where there is one. */
  readonly policy?: Uint8Array;
}

/** What is kept of a session. Throws a TypeError for what is none. */
export const encodeSession = (session: Session): EncodedSession => {
  requireSession('encodeSession', session);
  const { origin, events, policy } = session;
  return {
    start: JSON.stringify(origin),
    events: events.map((event) => JSON.stringify(event)),
    ...(policy === undefined ? {} : { policy: encodeModel(policy) }),
  };
};

const decodedBy =
  <A>(codec: t.Decoder<unknown, A>, source: string, remedy: string) =>
  (text: string): E.Either<InputFailure, A> =>
    pipe(
      parseJson(text),
      E.chain(({ value, whole }) =>
        pipe(
          codec.decode(value),
          E.mapLeft(problemOfErrors),
          E.filterOrElse(
            () => whole,
            () => notWhole,
          ),
        ),
      ),
      E.mapLeft((problem) => inputFailure({ source, problem, remedy })),
    );

/** The start of a session from its text. */
export const decodeStart: (text: string) => E.Either<InputFailure, SessionStart> = decodedBy(
  sessionStartCodec,
  'session',
  'Give the text that the session was written as, unchanged',
);

/** An event from its text. */
export const decodeEvent: (text: string) => E.Either<InputFailure, SessionEvent> = decodedBy(
  sessionEventCodec,
  'event',
  'Give the text that the event was written as, unchanged',
);

/** A session after events, without its policy. Fails where an event cannot have happened. */
export const replayed = (begun: Session, events: readonly SessionEvent[]): E.Either<InputFailure, Session> =>
  events.reduce<E.Either<InputFailure, Session>>(
    (session, event) => pipe(session, E.chain(after(event))),
    E.right(begun),
  );

/** The session with its policy. An InputFailure where it has none and should, or the bytes are none. */
export const withPolicy =
  (policy: Uint8Array | undefined) =>
  (session: Session): E.Either<InputFailure, Session> => {
    if (!session.trained) return E.right(session);
    if (policy === undefined)
      return E.left(
        inputFailure({
          source: 'policy',
          problem: `the policy that was trained in round ${session.rounds} is missing`,
          remedy: 'Give the bytes that the session was written with',
        }),
      );
    return pipe(
      decodeModel(policy),
      E.map((trained) => ({ ...session, policy: trained })),
    );
  };

/**
 * The session that was written. An InputFailure where a part is not what {@link encodeSession} made, or missing. Throws a TypeError
 * for what is no object of parts.
 */
export const decodeSession = (encoded: EncodedSession): E.Either<InputFailure, Session> => {
  const where = 'decodeSession';
  const { events, policy } = membersOf(where, 'encoded', encoded, 'what encodeSession gives');
  requireArray(where, 'encoded.events', events);
  if (policy !== undefined && !(policy instanceof Uint8Array))
    throw wrongArgument(where, 'encoded.policy', policy, 'a Uint8Array, or nothing');
  return pipe(
    E.Do,
    E.bind('from', () => decodeStart(encoded.start)),
    E.bind('happened', () => E.traverseArray(decodeEvent)(encoded.events)),
    E.bind('begun', ({ from }) => sessionFrom(from)),
    E.chain(({ begun, happened }) => replayed(begun, happened)),
    E.chain(withPolicy(policy)),
  );
};
