/**
 * The state of active learning as an immutable value: what is labelled, what was refused, which batch is pending. It is
 * what the session's start and its events come to, event by event; nothing else has to be kept, but for the weights of the
 * policy, which could be trained again.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import type * as t from '#io-ts';
import { badInput, type InputFailure, noneOf } from '../../failure.js';
import type { TrainedModel } from '../../gflownet/model-file.js';
import { isRecord, membersOf, requireArray, requireNumbers, wrongArgument } from '../../misuse.js';
import { problemOfErrors } from '../decoding.js';
import type { Expectation } from '../expectation.js';
import { faultsOf, knownNames } from './event-faults.js';
import { type SessionEvent, sessionEventCodec, type SessionStart, sessionStartCodec } from './events.js';
import { faultsOfStart } from './start-faults.js';
import { isLabelledIn, type Labels, labelsByTarget, placeOfTarget, withLabels } from './targets.js';

/** What is known of the rows. They are by the numbers that people know them by. */
export interface Known extends Labels {
  readonly skipped: ReadonlySet<number>;
}

/** A session. */
export interface Session extends Known {
  /** With the rows that joined since. */
  readonly start: SessionStart;
  /** As it was. */
  readonly origin: SessionStart;
  /** In the order in which they happened. */
  readonly events: readonly SessionEvent[];
  /** How often a batch was asked for. */
  readonly rounds: number;
  /** The batch that was asked for last, and those of its rows that still lack a label and were not skipped. */
  readonly batch: readonly number[];
  readonly pending: readonly number[];
  /** JMI of that batch, nats, when it was proposed. */
  readonly jointMutualInformation: number | null;
  /** What it was expected to do for predictions, where that is known. */
  readonly expected: Expectation | undefined;
  /** What was known then. */
  readonly then: Known;
  /** How many policies were trained so far. */
  readonly policies: number;
  /** Whether one was for that batch, */
  readonly trained: boolean;
  /** and the last, if so: it reads the whitened features of the posterior of what was known then. */
  readonly policy: TrainedModel | undefined;
  /** What was trained ahead of the labels of that batch, if anything was (ahead.ts). */
  readonly ahead: Ahead | undefined;
}

/** Training ahead of labels. */
export interface Ahead {
  /** How many posteriors the policy was trained on since the batch was asked for. */
  readonly rounds: number;
  /** The rows whose labels had come since, or were pending: the policy is for the posterior after them. */
  readonly rows: readonly number[];
}

const wanted = 'what sessionFrom or decodeSession gives, the right side of it';

/** Throws a TypeError unless a value holds by its form what is known of the rows of a session. */
const requireKnown = (where: string, session: unknown): void => {
  const { start, labels, furtherLabels, skipped } = membersOf(where, 'session', session, wanted);
  if (!(isRecord(start) && labels instanceof Map && Array.isArray(furtherLabels) && skipped instanceof Set))
    throw wrongArgument(where, 'session', session, wanted);
};

/** Throws a TypeError unless a value is a session by its form. */
export const requireSession = (where: string, session: unknown): void => {
  requireKnown(where, session);
  if (!Array.isArray((session as Session).pending)) throw wrongArgument(where, 'session', session, wanted);
};

/** The rows that may be asked for, in the order of the table: those that lack the label of some target. */
export const poolOf = (session: Known & Pick<Session, 'start'>): readonly number[] => {
  requireKnown('poolOf', session);
  const { start, skipped: refused } = session;
  const isLabelled = isLabelledIn(session);
  return start.rows.filter((row) => !isLabelled(row) && !refused.has(row));
};

/** The rows whose labels have come since the last batch was asked for, or are pending; in the order of the table. */
export const pendingRows = (session: Session): readonly number[] => {
  const { start, then, pending } = session;
  const [coming, isLabelled] = [new Set(pending), isLabelledIn(session)];
  return poolOf({ start, ...then }).filter((row) => isLabelled(row) || coming.has(row));
};

/** What rows without names are named by once others have joined that have some. */
const nameColumn = 'name';

/** The start of a session with rows that join: what is shown of the others is empty of them. */
const withRows = (
  session: Session,
  { rows, features, names }: Extract<SessionEvent, { readonly event: 'added' }>,
): SessionStart => {
  const { start } = session;
  const { rowNames, shown } = start;
  return {
    ...start,
    rows: [...start.rows, ...rows],
    features: [...start.features, ...features],
    rowNames: { column: rowNames?.column ?? nameColumn, texts: [...knownNames(session), ...names] },
    ...(shown === undefined
      ? {}
      : { shown: shown.map(({ column, texts }) => ({ column, texts: [...texts, ...names.map(() => '')] })) }),
  };
};

const next = (session: Session, event: SessionEvent): Session => {
  const events = [...session.events, event];
  switch (event.event) {
    case 'told': {
      const known = withLabels(session, placeOfTarget(session.start, event.target) ?? NaN, event.labels);
      const isLabelled = isLabelledIn(known);
      return { ...session, ...known, events, pending: session.pending.filter((row) => !isLabelled(row)) };
    }
    case 'skipped': {
      const skipped = new Set(event.rows);
      return {
        ...session,
        events,
        skipped: new Set([...session.skipped, ...skipped]),
        pending: session.pending.filter((row) => !skipped.has(row)),
      };
    }
    case 'asked':
      return {
        ...session,
        events,
        rounds: session.rounds + 1,
        batch: event.rows,
        pending: event.rows,
        jointMutualInformation: event.jointMutualInformation,
        expected: event.expected,
        then: {
          ...{ labels: session.labels, furtherLabels: session.furtherLabels },
          skipped: session.skipped,
        },
        policies: session.policies + (event.trained ? 1 : 0),
        trained: event.trained,
        policy: undefined,
        ahead: undefined,
      };
    case 'added':
      return { ...session, events, start: withRows(session, event) };
    case 'ahead':
      return {
        ...session,
        events,
        policies: session.policies + 1,
        policy: undefined,
        ahead: { rounds: (session.ahead?.rounds ?? 0) + 1, rows: pendingRows(session) },
      };
  }
};

/** A copy of what is written of a value and read again: no member undefined, 0 for −0, null for what JSON has no word for. */
const copied = (value: unknown): unknown => {
  if (typeof value === 'number') return value + 0;
  if (Array.isArray(value)) return [...(value as unknown[])].map(copied);
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, member]) =>
        member === undefined || key === '__proto__' ? [] : [[key, copied(member)]],
      ),
    );
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
};

/** A copy of a value that a codec takes, so that what is written of it is read again; an InputFailure where it takes none. */
const taken =
  <A>(codec: t.Type<A, unknown>, source: string) =>
  (value: unknown): E.Either<InputFailure, A> => {
    const own = copied(value);
    return codec.is(own)
      ? E.right(own)
      : pipe(
          codec.decode(own),
          E.mapLeft((errors) =>
            badInput(
              source,
              problemOfErrors(errors),
              'Give values of the kinds and ranges that its type tells',
            ),
          ),
        );
  };

/** The session after an event. An InputFailure for rows it does not have, labels that cannot be, and the like. */
export const after =
  (event: SessionEvent) =>
  (session: Session): E.Either<InputFailure, Session> =>
    pipe(
      noneOf(faultsOf(session, event)),
      E.chain(() => taken(sessionEventCodec, event.event)(event)),
      E.map((own) => next(session, own)),
    );

/**
 * The session at its start, of which it has a copy. An InputFailure where a value is of another kind or out of its range
 * ({@link sessionStartCodec}), where a setting is none of the strategy's, where rows repeat, have no features or labels of rows that are not there, and where the names of classes
 * are not those of the surrogate's classes. Throws a TypeError for what is no object.
 */
export const sessionFrom = (start: SessionStart): E.Either<InputFailure, Session> =>
  pipe(
    membersOf('sessionFrom', 'start', start, 'an object of the members that SessionStart has'),
    taken(sessionStartCodec, 'session'),
    E.chain((own) => {
      const known: Known = {
        labels: new Map(own.labels),
        furtherLabels: (own.furtherTargets ?? []).map((one) => new Map(one.labels)),
        skipped: new Set(),
      };
      const session: Session = {
        ...{ ...known, start: own, origin: own, events: [], rounds: 0, batch: [] },
        ...{ pending: [], jointMutualInformation: null, then: known, policies: 0 },
        ...{ trained: false, policy: undefined, ahead: undefined, expected: undefined },
      };
      return pipe(
        noneOf(faultsOfStart(session)),
        E.map(() => session),
      );
    }),
  );

/**
 * Labels of rows, as [row, label]; of a row that has one, a correction. `target`: the name of theirs, which a session of several is to
 * be told. What is known already is passed over, so telling twice is telling once. Fails as {@link after}. Throws a TypeError for what
 * are no pairs of numbers, or no name.
 */
export const tell =
  (labels: readonly (readonly [row: number, label: number])[], target?: string) =>
  (session: Session): E.Either<InputFailure, Session> => {
    requireArray('tell', 'labels', labels);
    [...labels].forEach((pair: readonly number[], i) => {
      requireNumbers('tell', `labels[${i}]`, pair);
      if (pair.length !== 2) throw wrongArgument('tell', `labels[${i}]`, `[${pair.join()}]`, '[row, label]');
    });
    if (target !== undefined && typeof target !== 'string')
      throw wrongArgument('tell', 'target', target, 'the name of a target');
    requireSession('tell', session);
    const { furtherTargets } = session.start;
    const told = (some: typeof labels) =>
      after({
        ...{ event: 'told', labels: some },
        // The only target need not be named.
        ...(target === undefined || (furtherTargets === undefined && target === session.start.targetName)
          ? {}
          : { target }),
      })(session);
    return pipe(
      told(labels),
      E.chain(() => {
        const known = labelsByTarget(session)[placeOfTarget(session.start, target) ?? NaN];
        const news = labels.filter(([row, label]) => known?.get(row) !== label);
        return news.length === 0 ? E.right(session) : told(news);
      }),
    );
  };

/** Refuses rows: they are not asked for again, but may be told. Twice is once. Fails as {@link after}, and for a labelled row. */
export const skip =
  (rows: readonly number[]) =>
  (session: Session): E.Either<InputFailure, Session> => {
    requireArray('skip', 'rows', rows);
    requireNumbers('skip', 'rows', rows);
    requireSession('skip', session);
    return pipe(
      session,
      after({ event: 'skipped', rows }),
      E.chain(() => {
        const news = rows.filter((row) => !session.skipped.has(row));
        return news.length === 0 ? E.right(session) : after({ event: 'skipped', rows: news })(session);
      }),
    );
  };
