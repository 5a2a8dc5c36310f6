/** A session of several targets: labels by target, rows that are pending until they have all, and batches by what all labels tell. */
import * as E from 'fp-ts/lib/Either.js';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { showFailure } from '../../src/failure.js';
import { fitForBatch } from '../../src/learning/fit-for-batch.js';
import { proposeForOutputs } from '../../src/learning/outputs.js';
import { trainAheadOfLabels } from '../../src/learning/session/ahead.js';
import { type Answer, ask } from '../../src/learning/session/ask.js';
import { decodeSession, encodeSession, replayed } from '../../src/learning/session/encode.js';
import type { SessionStart } from '../../src/learning/session/events.js';
import { scanPart } from '../../src/learning/session/part.js';
import { poolOf, type Session, sessionFrom, skip, tell } from '../../src/learning/session/session.js';
import { lackedIn } from '../../src/learning/session/targets.js';
import { matrixFrom } from '../../src/linear-algebra/matrix.js';
import { right } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { runs } from '../support/property.js';

const ROWS = 14;
const rowAt = (i: number): number => 2 * i + 5;
const rows = Array.from({ length: ROWS }, (_, i) => rowAt(i));
const truth: Readonly<Record<string, (row: number) => number>> = {
  a: (row) => Math.sin(row),
  b: (row) => 10 * Math.cos(2 * row),
};
const labelsOf = (target: string, some: readonly number[]) =>
  some.map((row) => [row, truth[target]?.(row) ?? NaN] as const);

const further = [{ targetName: 'b', labels: labelsOf('b', [0, 1, 2, 5].map(rowAt)) }];

/** Of one target. */
const one: SessionStart = {
  version: 1,
  featureNames: ['x', 'z'],
  targetName: 'a',
  rows,
  features: rows.map((_, i) => [Math.sin(3 * i), i / 7]),
  labels: labelsOf('a', [0, 1, 2, 3, 4].map(rowAt)),
  surrogate: { kind: 'bayesian-linear', featureMap: { kind: 'polynomial', degree: 2 } },
  acquisition: 'greedy',
  settings: {},
  seed: 7,
};

/** Rows 0 to 2 have both labels, 3 and 4 that of `a`, 5 that of `b`. */
const start: SessionStart = { ...one, furtherTargets: further };

const begun = (more: Partial<SessionStart> = {}): Session => right(sessionFrom({ ...start, ...more }));
const askedOf = async (session: Session, batchSize = 4): Promise<Answer> =>
  right(await ask(cpuEngine(), { batchSize })(session)());
const told = (session: Session, target: string, some: readonly number[]): Session =>
  right(tell(labelsOf(target, some), target)(session));
const refusal = (result: E.Either<Parameters<typeof showFailure>[0], unknown>): string =>
  E.isLeft(result) ? showFailure(result.left) : 'not refused';
/** What is known, as plain data. */
const knownOf = ({ labels, furtherLabels, skipped, pending }: Session) => ({
  labels: [labels, ...furtherLabels].map((own) => [...own].toSorted(([a], [b]) => a - b)),
  ...{ skipped: [...skipped], pending },
});

test('the pool is what lacks some label, and a row of a batch is pending until it has all', async () => {
  const session = begun();
  assert.equal(poolOf(session), rows.slice(3));
  const { session: asking, rows: batch } = await askedOf(session, 11);
  assert.equal(batch, rows.slice(3));
  const withA = told(asking, 'a', rows.slice(5));
  // The label of `b` is that which row 5 had, so that it lacks none.
  assert.equal(withA.pending, [3, 4, 6, 7, 8, 9, 10, 11, 12, 13].map(rowAt));
  assert.equal(lackedIn(withA)(rowAt(6)), ['b']);
  assert.equal(lackedIn(asking)(rowAt(5)), ['a']);
  assert.equal(lackedIn(asking)(rowAt(9)), ['a', 'b']);
  const withBoth = told(withA, 'b', [3, 6].map(rowAt));
  assert.equal(withBoth.pending, [4, 7, 8, 9, 10, 11, 12, 13].map(rowAt));
  // A row that has some label may be refused, and is not asked for again.
  const refused = right(skip([rowAt(4)])(withBoth));
  assert.equal(refused.pending, [7, 8, 9, 10, 11, 12, 13].map(rowAt));
  assert.not(poolOf(refused).includes(rowAt(4)));
  assert.match(refusal(skip([rowAt(3)])(refused)), /^row 11: the row has a label already/);
});

test('a batch is what the posteriors of all targets propose, of labels and of none', async () => {
  for (const furtherTargets of [further, [{ targetName: 'b', labels: [] }]]) {
    const session = begun({ furtherTargets });
    const answer = await askedOf(session);
    const pool = poolOf(session);
    const features = (some: readonly number[]) =>
      matrixFrom(some.length, 2, (i, j) => start.features[rows.indexOf(some[i] ?? NaN)]?.[j] ?? NaN);
    const all = [start.labels, ...furtherTargets.map(({ labels }) => labels)];
    const outputs = await Promise.all(
      all.map(async (labels) => {
        const own = new Map(labels);
        const fitted = await succeed(
          fitForBatch(start.surrogate as Parameters<typeof fitForBatch>[0], {
            inputs: features(rows.filter((row) => own.has(row))),
            targets: Float64Array.from(
              rows.filter((row) => own.has(row)),
              (row) => own.get(row) ?? NaN,
            ),
            pool: features(rows.filter((row) => !own.has(row))),
          }),
        );
        return {
          posterior: await succeed(fitted.posterior(features(pool))),
          known: Uint8Array.from(pool, (row) => (own.has(row) ? 1 : 0)),
        };
      }),
    );
    const { best } = await succeed(
      proposeForOutputs(cpuEngine(), outputs, { batchSize: 4, draws: 1, seed: 1, acquisition: 'greedy' }),
    );
    assert.equal(
      answer.rows,
      best.indices.map((i) => pool[i]).toSorted((a = 0, b = 0) => a - b),
    );
    assert.is(answer.session.jointMutualInformation, best.jointMutualInformation);
    assert.equal(
      answer.outputs?.map(({ target, labelled, known }) => [target, labelled, known]),
      outputs.map(({ known }, j) => [['a', 'b'][j], all[j]?.length, known]),
    );
    const [event] = answer.session.events;
    assert.ok(event?.event === 'asked' && !event.trained);
    assert.equal(
      event.outputs?.map(({ target }) => target),
      furtherTargets === further ? ['a', 'b'] : ['a'],
    );
  }
});

test('two targets that are the same are asked for as one is', async () => {
  const twice = { ...start, furtherTargets: [{ targetName: 'again', labels: start.labels }] };
  let [single, double] = [right(sessionFrom(one)), right(sessionFrom(twice))];
  for (let round = 0; round < 3; round++) {
    const [a, b] = [await askedOf(single, 2), await askedOf(double, 2)];
    assert.equal(b.rows, a.rows);
    assert.ok(
      Math.abs((b.session.jointMutualInformation ?? NaN) - 2 * (a.session.jointMutualInformation ?? NaN)) <
        1e-9,
    );
    single = told(a.session, 'a', a.rows);
    double = right(tell(labelsOf('a', a.rows), 'again')(told(b.session, 'a', a.rows)));
    assert.equal(double.pending, []);
  }
});

test('in which order labels are told, and in how many pieces, does not matter', async () => {
  const { session: asking, rows: batch } = await askedOf(begun());
  const pieces = ['a', 'b'].flatMap((target) => batch.map((row) => [target, row] as const));
  const all = told(told(asking, 'a', batch), 'b', batch);
  const next = await askedOf(all, 2);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(pieces, { minLength: pieces.length, maxLength: pieces.length }),
      async (order) => {
        const now = order.reduce((session, [target, row]) => told(session, target, [row]), asking);
        assert.equal(knownOf(now), knownOf(all));
        assert.equal((await askedOf(now, 2)).rows, next.rows);
        // Told twice is told once.
        assert.is(
          order.reduce((session, [target, row]) => told(session, target, [row]), now),
          now,
        );
      },
    ),
    runs(8),
  );
});

test('what was written goes on as what was not, and from any of its events as if it had stopped there', async () => {
  const { session: asking, rows: batch } = await askedOf(begun());
  const left = poolOf(asking).filter((row) => !batch.includes(row));
  const all = right(skip(left.slice(0, 1))(told(told(asking, 'a', batch), 'b', batch)));
  const again = right(decodeSession(encodeSession(all)));
  assert.equal(again, all);
  assert.equal((await askedOf(again, 3)).rows, (await askedOf(all, 3)).rows);
  for (let kept = 1; kept < all.events.length; kept++) {
    const stopped = right(replayed(begun(), all.events.slice(0, kept)));
    const goneOn = right(skip(left.slice(0, 1))(told(told(stopped, 'a', batch), 'b', batch)));
    assert.equal(knownOf(goneOn), knownOf(all));
    assert.equal(goneOn.events, all.events);
  }
});

test('a session of one target is written as ever, whether its target is named or not', () => {
  const session = right(sessionFrom(one));
  const [named, unnamed] = [told(session, 'a', [rowAt(9)]), right(tell(labelsOf('a', [rowAt(9)]))(session))];
  assert.equal(encodeSession(named), encodeSession(unnamed));
  assert.not.match(encodeSession(named).events.join(), /target/);
});

test('what several targets are not taken with is refused in words', async () => {
  const session = begun();
  for (const [pattern, result] of [
    [
      /^target: the session has several targets, and it is not said which .* Name one of its targets: a, b\.$/m,
      tell(labelsOf('a', [rowAt(9)]))(session),
    ],
    [/^target: the session has no target c\. /m, tell([[rowAt(9), 1]], 'c')(session)],
    [/^row 23: its label is 1e\+300, and b may be/m, tell([[rowAt(9), 1e300]], 'b')(session)],
    [/^furtherTargets: there are none/m, sessionFrom({ ...start, furtherTargets: [] })],
    [/that of another/m, sessionFrom({ ...start, furtherTargets: [{ targetName: 'a', labels: [] }] })],
    [
      /^row 6: the session has no such row/m,
      sessionFrom({ ...start, furtherTargets: [{ targetName: 'b', labels: [[6, 1]] }] }),
    ],
    [/^surrogate: predictions of a model/m, sessionFrom({ ...start, surrogate: { kind: 'predictions' } })],
    [/^settings\.reward: batches for several/m, sessionFrom({ ...start, settings: { reward: 'epig' } })],
    [/^acquisition: margin is of class labels/m, sessionFrom({ ...start, acquisition: 'margin' })],
    [
      /^surrogate: several targets are of numbers/m,
      sessionFrom({
        ...{ ...start, labels: [], furtherTargets: [{ targetName: 'b', labels: [] }] },
        surrogate: {
          ...{ kind: 'gaussian-process-classes', kernel: { kind: 'rbf', lengthScales: 'shared' } },
          ...{ draws: 16, seed: 1, classes: 2 },
        },
      }),
    ],
    [
      /^training ahead: the session has several targets, and a policy for them is trained anew/m,
      await trainAheadOfLabels(cpuEngine(), { rounds: 1, source: 'policy' })(
        (await askedOf(session)).session,
      )(),
    ],
    [
      /^parts: the session has several targets/m,
      await scanPart(
        matrixFrom(3, 2, () => 1),
        { count: 3, batchSize: 2 },
      )(session)(),
    ],
    [
      /^candidates: the session has several targets/m,
      await ask(cpuEngine(), {
        batchSize: 2,
        candidates: { names: ['new'], features: matrixFrom(1, 2, () => 1) },
      })(session)(),
    ],
  ] as const)
    assert.match(refusal(result), pattern);
  assert.throws(() => tell([[rowAt(9), 1]], 5 as unknown as string)(session), /^tell: target /);
});

test('a policy is trained anew for each batch, and none is kept', async () => {
  const session = begun({ acquisition: 'gflownet', settings: { iterations: 2, trajectories: 2 } });
  const { session: asking, rows: batch, proposal } = await askedOf(session, 2);
  assert.ok(proposal?.trained);
  assert.equal([asking.policy, asking.trained, encodeSession(asking).policy], [undefined, false, undefined]);
  const next = await askedOf(told(told(asking, 'a', batch), 'b', batch), 2);
  assert.ok((next.proposal?.iterations ?? 0) > 0);
});

test.run();
