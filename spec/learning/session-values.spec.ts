/** Whatever a program gives a session for its start, its labels or its candidates is refused in words, or is kept: it survives being written. */
import * as E from 'fp-ts/lib/Either.js';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { type Failure, showFailure } from '../../src/failure.js';
import { ask } from '../../src/learning/session/ask.js';
import { decodeSession, encodeSession } from '../../src/learning/session/encode.js';
import type { SessionStart } from '../../src/learning/session/events.js';
import { type Session, sessionFrom, skip, tell } from '../../src/learning/session/session.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { right } from '../linear-algebra/arbitrary.js';
import { runs } from '../support/property.js';

const start: SessionStart = {
  version: 1,
  featureNames: ['a', 'b'],
  targetName: 'y',
  rows: [3, 5, 8, 9, 12, 20],
  features: [0, 1, 2, 3, 4, 5].map((i) => [Math.sin(3 * i), i / 7]),
  labels: [
    [3, 1],
    [9, -2],
  ],
  surrogate: { kind: 'bayesian-linear', featureMap: { kind: 'polynomial', degree: 2 } },
  acquisition: 'greedy',
  settings: { candidates: 6, reward: 'information' },
  seed: 7,
  rowKind: 'row',
  rowNames: { column: 'name', texts: ['p', 'q', 'r', 's', 't', 'u'] },
  shown: [{ column: 'day', texts: ['1', '2', '3', '4', '5', '6'] }],
  costs: { column: 'cost', values: [1, 2, 3, 1, 2, 3] },
  groups: { column: 'plate', texts: ['A', 'A', 'A', 'B', 'B', 'B'] },
  data: { file: 'pool.csv', bytes: 12, sha256: 'ab', delimiter: ';', decimal: ',', format: 'csv' },
};

/** The same of two targets. */
const ofSeveral: SessionStart = { ...start, furtherTargets: [{ targetName: 'z', labels: [[5, 4]] }] };

type Place = readonly (string | number)[];

/** Where something stands in a value, the whole among it. */
const placesIn = (value: unknown): readonly Place[] => [
  [],
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) =>
        placesIn(member).map((place) => [Array.isArray(value) ? Number(key) : key, ...place]),
      )
    : []),
];

const withPlace = (value: unknown, [first, ...rest]: Place, put: unknown): unknown => {
  if (first === undefined) return put;
  const inner = withPlace((value as Readonly<Record<string, unknown>>)[first], rest, put);
  return Array.isArray(value) ? value.with(Number(first), inner) : { ...(value as object), [first]: inner };
};

/** What stands where something else belongs, made anew each time. */
const others: readonly (() => unknown)[] = [
  ...[undefined, null, true, false, '', '7', 'zz', 'gflownet', NaN, Infinity, -Infinity],
  ...[-1, 0.5, -0, 0, 1, 2, 1e12, 2 ** 53, 1e300, 5n, Symbol('x')],
].map((value) => () => value);
const made: readonly (() => unknown)[] = [
  () => [],
  () => [[]],
  () => [5],
  () => ({}),
  () => ({ kind: 'zz' }),
  () => new Date(0),
  () => new Map(),
  () => Float64Array.of(5, 1),
  () => BigInt64Array.of(5n, 1n),
  () => Array<unknown>(2),
  () => Object.assign([3, 1], { more: 2n }),
  () => ({ classes: 2, temperature: 0.5 }),
  () => ({ file: 'x', more: [5n, () => 1, -0, undefined] }),
  () => () => 1,
];

const slips = fc.constantFrom(...others, ...made);

/** The answer; undefined where it is refused, which is told in words, by the function's name where it is misuse. */
const taken = (where: string, call: () => E.Either<Failure, Session>): Session | undefined => {
  try {
    const result = call();
    if (E.isRight(result)) return result.right;
    assert.not.match(showFailure(result.left), /Cannot|undefined|\[object/);
    return undefined;
  } catch (error) {
    assert.instance(error, TypeError);
    assert.match((error as Error).message, new RegExp(`^${where}: .*; give `));
    return undefined;
  }
};

const survives = (session: Session): void => {
  assert.equal(right(decodeSession(encodeSession(session))), session);
};

/** A value with something else at one place or two. */
const slipped = (value: unknown) =>
  fc.array(fc.tuple(fc.constantFrom(...placesIn(value)), slips), { minLength: 1, maxLength: 2 }).map((all) =>
    all.reduce((whole, [place, slip]) => {
      try {
        return withPlace(whole, place, slip());
      } catch {
        // The first slip left no such place.
        return whole;
      }
    }, value),
  );

test('whatever a session is begun with is refused in words, or survives being written', () => {
  for (const own of [start, ofSeveral]) {
    survives(right(sessionFrom(own)));
    let kept = 0;
    fc.assert(
      fc.property(slipped(own), (value) => {
        const session = taken('sessionFrom', () => sessionFrom(value as SessionStart));
        if (session === undefined) return;
        kept++;
        survives(session);
      }),
      runs(2000),
    );
    assert.ok(kept > 20, `${kept} of them were taken`);
  }
});

test('a setting that the strategy has no use for is refused at the start', () => {
  for (const [acquisition, settings] of [
    ['greedy', { temperature: 0.5 }],
    ['gflownet', { coldness: 2 }],
  ] as const) {
    const refused = sessionFrom({ ...start, acquisition, settings });
    assert.ok(
      E.isLeft(refused) && new RegExp(`${acquisition} has no use for it`).test(showFailure(refused.left)),
    );
  }
});

test('what else a start holds does it no harm', () => {
  const more = { ...start, more: 5n, of: () => 1, at: undefined };
  Object.defineProperty(more, '__proto__', { value: 1, enumerable: true });
  survives(right(sessionFrom(more)));
});

test('a session is its own: what was given may change afterwards', () => {
  for (const [first, ...path] of placesIn(start)) {
    if (first === undefined) continue;
    const given = structuredClone(start);
    const session = right(sessionFrom(given));
    const places = [first, ...path];
    const holder = places
      .slice(0, -1)
      .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>>)[key], given);
    (holder as Record<string, unknown>)[places.at(-1) ?? ''] = 'changed';
    assert.equal(session, right(sessionFrom(start)), places.join('.'));
  }
  const pair: [number, number] = [5, 1];
  const told = right(tell([pair])(right(sessionFrom(start))));
  pair[1] = 9;
  assert.is(told.labels.get(5), 1);
  survives(told);
});

test('whatever is told or skipped is refused in words, or survives being written', () => {
  const session = right(sessionFrom(start));
  const labels = [
    [5, 1],
    [8, 2],
  ];
  fc.assert(
    fc.property(slipped(labels), slipped([5, 8]), (told, skipped) => {
      const after = [
        taken('tell', () => tell(told as never)(session)),
        taken('skip', () => skip(skipped as never)(session)),
      ];
      after.forEach((one) => one === undefined || survives(one));
    }),
    runs(1000),
  );
  fc.assert(
    fc.property(slipped(labels), fc.oneof(fc.constantFrom('y', 'z'), slips), (told, target) => {
      const name = typeof target === 'function' ? target() : target;
      const after = taken('tell', () => tell(told as never, name as never)(right(sessionFrom(ofSeveral))));
      if (after !== undefined) survives(after);
    }),
    runs(1000),
  );
  for (const label of [true, null, false, '7', '', new Date(0), 2n, {}, undefined])
    assert.throws(
      () => tell([[5, label as never]])(session),
      /^tell: labels\[0\]\[1\] is .*; give a number$/,
    );
  assert.throws(() => tell([[5] as never])(session), /^tell: labels\[0\] is '\[5\]'; give \[row, label\]$/);
});

test('whatever is asked for is refused in words, or survives being written', async () => {
  const engine = cpuEngine();
  const session = right(sessionFrom(start));
  const names = ['v', 'w'];
  const features = matrixFrom(2, 2, (i, j) => 40 + i + j);
  const asked = async (options: object): Promise<Session | undefined> => {
    let answer: E.Either<Failure, { readonly session: Session }>;
    try {
      answer = await ask(engine, options as never)(session)();
    } catch (error) {
      assert.match((error as Error).message, /^ask: /);
      return undefined;
    }
    return taken('ask', () => (E.isLeft(answer) ? answer : E.right(answer.right.session)));
  };
  const predictions = { file: 'p.npy', bytes: 9, sha256: 'cd', of: 'draws', shape: [8, 6] };
  const wanted = { batchSize: 2, candidates: { names, features }, predictions };
  const kept = await asked(wanted);
  assert.ok(kept !== undefined && kept.start.rows.length > 6);
  survives(kept);
  await fc.assert(
    fc.asyncProperty(slipped(wanted), async (options) => {
      const one = await asked(options as object);
      if (one !== undefined) survives(one);
    }),
    runs(200),
  );
});

test('what is no session and no written one is told by name', () => {
  for (const other of [undefined, null, 7, 'x', {}, []]) {
    assert.throws(
      () => encodeSession(other as never),
      /^encodeSession: session is .*; give what sessionFrom/,
    );
    assert.throws(() => decodeSession(other as never), /^decodeSession: encoded.* is .*; give /);
    assert.is(
      taken('decodeSession', () => decodeSession({ events: [], start: other as never })),
      undefined,
    );
    if (other !== undefined)
      assert.throws(
        () => decodeSession({ ...encodeSession(right(sessionFrom(start))), policy: other as never }),
        /^decodeSession: encoded.policy is /,
      );
  }
});

test.run();
