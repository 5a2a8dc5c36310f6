/** A session is what was told and asked: twice is once, a correction counts, what was written goes on as what was not. */
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../src/engine/engine.js';
import { showFailure } from '../../src/failure.js';
import { proposeBatch } from '../../src/acquisition/index.js';
import { rowsAt } from '../../src/linear-algebra/matrix.js';
import { forPool } from '../../src/gflownet/model-file.js';
import { draw } from '../../src/gflownet/sample.js';
import { afterBatch } from '../../src/learning/lookahead/hypothetical.js';
import { alignTo } from '../../src/learning/lookahead/align.js';
import { sessionPolicyOf } from '../../src/learning/session/posterior.js';
import { trainAheadOfLabels } from '../../src/learning/session/ahead.js';
import { ask } from '../../src/learning/session/ask.js';
import { decodeSession, decodeStart, encodeSession } from '../../src/learning/session/encode.js';
import type { SessionStart } from '../../src/learning/session/events.js';
import { poolOf, type Session, sessionFrom, skip, tell } from '../../src/learning/session/session.js';
import { keyFromSeed } from '../../src/random/key.js';
import { distance, right } from '../linear-algebra/arbitrary.js';
import { succeed } from '../support/device.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { runs } from '../support/property.js';

const engines = await openEngines();

const ROWS = 16;
/** Rows by numbers that are not their places. */
const rowAt = (i: number): number => 2 * i + 5;
const labelOf = (row: number): number => Math.sin(row);

const start: SessionStart = {
  version: 1,
  featureNames: ['a', 'b'],
  targetName: 'y',
  rows: Array.from({ length: ROWS }, (_, i) => rowAt(i)),
  features: Array.from({ length: ROWS }, (_, i) => [Math.sin(3 * i), i / 7]),
  labels: [
    [rowAt(0), labelOf(rowAt(0))],
    [rowAt(5), labelOf(rowAt(5))],
    [rowAt(9), labelOf(rowAt(9))],
  ],
  surrogate: { kind: 'bayesian-linear', featureMap: { kind: 'polynomial', degree: 2 } },
  acquisition: 'gflownet',
  settings: { iterations: 2, trajectories: 2, temperature: 0.5 },
  seed: 7,
};

const classOf = (row: number): number => (labelOf(row) > 0 ? 1 : 0);

/** The same of two classes. */
const startOfClasses: SessionStart = {
  ...start,
  classNames: ['below', 'above'],
  labels: start.labels.map(([row]) => [row, classOf(row)] as const),
  surrogate: {
    ...{ kind: 'gaussian-process-classes', kernel: { kind: 'rbf', lengthScales: 'shared' } },
    ...{ draws: 16, seed: 1, classes: 2 },
  },
};

const begun = (settings: SessionStart['settings'] = start.settings): Session =>
  right(sessionFrom({ ...start, settings }));

const told = (session: Session, rows: readonly number[]): Session =>
  right(
    tell(
      rows.map((row) => [row, (session.start.classNames === undefined ? labelOf : classOf)(row)] as const),
    )(session),
  );

const askedOn = async (engine: Engine, session: Session, batchSize = 3) =>
  right(await ask(engine, { batchSize })(session)());

/** What a strategy was given, and the session of its answer. */
const observed = async (engine: Engine, session: Session, batchSize = 3) => {
  const given: Parameters<typeof proposeBatch>[] = [];
  const propose: typeof proposeBatch = (...all) => {
    given.push(all);
    return proposeBatch(...all);
  };
  const { session: now, proposal } = right(await ask(engine, { batchSize, propose })(session)());
  const [[, posterior, { start: from, seed }]] = given as [Parameters<typeof proposeBatch>];
  return { session: now, proposal, posterior, from, seed };
};

const refusal = (result: E.Either<Parameters<typeof showFailure>[0], unknown>): string =>
  E.isLeft(result) ? showFailure(result.left) : 'no failure';

test('telling twice is telling once, in whatever order; the last label counts; a refused row leaves the pool', () => {
  const indices = fc.uniqueArray(fc.nat(ROWS - 1), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(indices, indices, fc.double({ min: -9, max: 9, noNaN: true }), (some, others, other) => {
      const rows = some.map(rowAt);
      const session = begun();
      const once = told(session, rows);
      assert.equal(told(once, rows), once);
      assert.equal(
        told(told(session, rows.slice(0, 2)), rows.slice(2)).labels,
        told(told(session, rows.slice(2)), rows.slice(0, 2)).labels,
      );
      const [first = 0] = rows;
      const corrected = right(tell([[first, other]])(once));
      assert.is(corrected.labels.get(first), other);
      const free = others.map(rowAt).filter((row) => !once.labels.has(row));
      const refused = right(skip(free)(once));
      assert.equal(right(skip(free)(refused)), refused);
      assert.equal(
        poolOf(refused),
        start.rows.filter((row) => !once.labels.has(row) && !free.includes(row)),
      );
      // A refused row that is labelled after all is labelled.
      assert.is(told(refused, free).labels.size, once.labels.size + free.length);
    }),
    runs(60),
  );
});

test('what cannot be told names the row', () => {
  const session = begun();
  for (const [result, says] of [
    [tell([[4, 1]])(session), /row 4: the session has no such row/],
    [tell([[5, Number.NaN]])(session), /row 5: its label is NaN/],
    [
      tell([
        [5, 1],
        [5, 2],
      ])(session),
      /row 5: the row is given twice/,
    ],
    [skip([6])(session), /row 6: the session has no such row/],
    [skip([5])(session), /row 5: the row has a label already/],
    [sessionFrom({ ...start, rows: start.rows.map(() => 5) }), /row 5: the row is given twice/],
    [sessionFrom({ ...start, features: [[1]] }), /features: they are not 16 rows of 2/],
    [sessionFrom({ ...start, labels: [[1, 1]] }), /row 1: the session has no such row/],
    [
      decodeStart(JSON.stringify({ ...start, settings: { temperature: 'hot' } })),
      /session: settings\.temperature is missing or of another kind/,
    ],
  ] as const)
    assert.match(refusal(result), says);
});

test('a label is the number of a class that the session began with; another is refused', () => {
  const session = right(sessionFrom(startOfClasses));
  const labels = fc.uniqueArray(fc.nat(ROWS - 1), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(labels, fc.nat(1), (some, c) => {
      const all = some.map((i) => [rowAt(i), c] as const);
      const once = right(tell(all)(session));
      assert.ok(all.every(([row]) => once.labels.get(row) === c));
      assert.equal(right(tell(all)(once)), once);
      assert.equal(right(decodeSession(encodeSession(once))), once);
    }),
    runs(30),
  );
  const named = (classNames: readonly string[]) => sessionFrom({ ...startOfClasses, classNames });
  for (const label of [2, -1, 0.5, Number.NaN])
    assert.match(
      refusal(tell([[5, label]])(session)),
      new RegExp(`row 5: its label is ${label}, and no class has that number.*from 0 to 1`),
    );
  // Written before names were kept.
  const unnamed = right(decodeStart(JSON.stringify({ ...startOfClasses, classNames: undefined })));
  assert.match(refusal(tell([[5, 2]])(right(sessionFrom(unnamed)))), /no class has that number/);
  for (const [result, says] of [
    [named(['only']), /class names: there are 1 of them/],
    [named(['a', 'a']), /class names: one is empty, or given twice/],
    [named(['a', '']), /class names: one is empty, or given twice/],
    [named(['a', 'b', 'c']), /class names: the surrogate is not one of 3 classes/],
    [sessionFrom({ ...start, classNames: ['a', 'b'] }), /class names: the surrogate is not one of 2 classes/],
    [sessionFrom({ ...startOfClasses, labels: start.labels }), /row 5: its label is -0\.9\d*, and no class/],
  ] as const)
    assert.match(refusal(result), says);
});

test('asking twice is asking once, and no row is asked for that is labelled or refused', async () => {
  const [engine] = engines;
  let session = right(skip([rowAt(1), rowAt(2)])(begun()));
  const seen = new Set<number>(session.labels.keys());
  for (let round = 1; round <= 3; round++) {
    const pool = poolOf(session);
    const answer = await askedOn(engine, session);
    assert.is(answer.rows.length, 3);
    assert.ok(answer.rows.every((row) => pool.includes(row) && !seen.has(row)));
    answer.rows.forEach((row) => seen.add(row));
    const again = await askedOn(engine, answer.session);
    assert.equal([again.rows, again.proposal], [answer.rows, undefined]);
    assert.is(again.session, answer.session);
    const [first = 0, ...others] = answer.rows;
    const partly = told(answer.session, [first]);
    assert.equal((await askedOn(engine, partly)).rows, others);
    assert.match(
      refusal(await ask(engine, { batchSize: 2 })(partly)()),
      /batch size: a batch of 3 is pending, and one of 2 is asked for/,
    );
    session = right(skip(others.slice(0, 1))(told(partly, others.slice(1))));
    assert.equal(session.pending, []);
  }
  assert.match(refusal(await ask(engine, { batchSize: 9 })(session)()), /a batch of 9 from a pool of 2 rows/);
});

const starts = { numbers: start, classes: startOfClasses } as const;

for (const [engine, labels] of engines.flatMap((each) => [
  [each, 'numbers'] as const,
  [each, 'classes'] as const,
]))
  test(`${engine.kind}: of ${labels}, what was written and read goes on, on the same engine to the same bits, and on others`, async () => {
    const one = await askedOn(engine, right(sessionFrom(starts[labels])));
    const written = encodeSession(one.session);
    assert.ok(written.policy !== undefined);
    const read = right(decodeSession(written));
    assert.equal(encodeSession(read), written);
    const [own, again] = [told(one.session, one.rows), told(read, one.rows)];
    const [cpu] = engines;
    if (engine === cpu)
      assert.equal(
        encodeSession((await askedOn(engine, again)).session),
        encodeSession((await askedOn(engine, own)).session),
      );
    for (const other of engines.filter(({ kind }) => kind !== engine.kind)) {
      const { session, from } = await observed(other, again);
      assert.is(session.pending.filter((row) => poolOf(again).includes(row)).length, 3);
      // Training went on from what was read: in two steps no weight goes far; the levels of its flows are estimated anew.
      const trained = session.policy?.parameters ?? new Float64Array(0);
      assert.ok(trained.filter((x, i) => !(Math.abs(x - (from?.parameters[i] ?? NaN)) < 0.05)).length <= 3);
      assert.is(trained.length, from?.parameters.length);
    }
    const lost = { start: written.start, events: written.events };
    assert.match(refusal(decodeSession(lost)), /the policy that was trained in round 1 is missing/);
  });

test('a policy goes on: it draws as it did from what is left of its pool, in a quarter of the iterations', async () => {
  const [engine] = engines;
  const gaussianProcess = {
    kind: 'gaussian-process',
    kernel: { kind: 'rbf', lengthScales: 'shared' },
  } as const;
  for (const surrogate of [start.surrogate, gaussianProcess]) {
    const settings = { trajectories: 4, temperature: 0.5, policy: 'deepSets' } as const;
    const one = await observed(engine, right(sessionFrom({ ...start, surrogate, settings })));
    const { policy } = one.session;
    assert.ok(policy !== undefined);
    // What was learned, and the features that it was learned on, of the rows that are left. They depend on the pool.
    const learnedIn = ({ session, posterior }: typeof one, pool: readonly number[], now: Session) => {
      const left = poolOf(now).map((row) => pool.indexOf(row));
      const trained = session.policy ?? policy;
      return { trained: forPool(trained, left.length), whitened: rowsAt(posterior.whitened, left) };
    };
    // Nothing is learned, only rows go: those of the batch, and another.
    const fewer = right(skip([...one.session.pending, rowAt(2)])(one.session));
    const two = await observed(engine, fewer);
    assert.is(two.proposal?.iterations, Math.ceil((one.proposal?.iterations ?? 0) / 4));
    // Every round has a key of its own.
    assert.not.equal(two.seed, one.seed);
    const [before, after] = await Promise.all(
      [
        learnedIn(one, poolOf(begun()), fewer),
        { trained: two.from ?? policy, whitened: two.posterior.whitened },
      ].map(async ({ trained: { model, parameters }, whitened }) => {
        const problem = { whitened, batchSize: 3, temperature: 0.5 };
        return right(await draw(engine, model, problem, parameters, 32, keyFromSeed(3))());
      }),
    );
    assert.equal(after?.actions, before?.actions);
    assert.ok(distance(after?.logForward ?? [], before?.logForward ?? []) < 1e-3);
    // Labels change the posterior, and may be corrections: what it learned on stays what it was.
    const news = right(tell([[rowAt(0), 3]])(told(one.session, one.session.pending)));
    const next = await observed(engine, news);
    const learned = learnedIn(one, poolOf(begun()), news);
    assert.equal(next.from?.parameters, right(alignTo(learned, next.posterior.whitened)).parameters);
    const later = told(next.session, next.session.pending);
    const last = await observed(engine, later);
    const relearned = learnedIn(next, poolOf(news), later);
    assert.equal(last.from?.parameters, right(alignTo(relearned, last.posterior.whitened)).parameters);
  }
});

test('training ahead of labels: so many rounds, written and read between them or not, and no more when asked again', async () => {
  const [engine] = engines;
  const { session: one, posterior } = await observed(engine, begun());
  const kept: Session[] = [];
  const options = {
    source: 'random',
    keep: (session: Session) => {
      kept.push(session);
      return TE.right(undefined);
    },
  } as const;
  const ahead = async (rounds: number, session: Session) =>
    right(await trainAheadOfLabels(engine, { ...options, rounds })(session)());
  const three = await ahead(3, one);
  assert.equal(
    kept.map(({ ahead: done }) => done?.rounds),
    [1, 2, 3],
  );
  assert.is(kept[2], three);
  const events = three.events.slice(1).map((event) => (event.event === 'ahead' ? event.rows : []));
  // First the batch that is pending, then that and another.
  assert.equal(events[0], one.batch);
  assert.not.equal(events[1], events[2]);
  for (const rows of events.slice(1)) {
    assert.equal(rows.slice(0, 3), one.batch);
    assert.is(new Set(rows.filter((row) => poolOf(one).includes(row))).size, 6);
  }
  const step = right(decodeSession(encodeSession(await ahead(1, one))));
  assert.equal(encodeSession(await ahead(3, step)), encodeSession(three));
  assert.is(await ahead(2, three), three);
  assert.equal([three.policies, three.pending], [4, one.pending]);
  // What is asked for next goes on from there: from a policy for the posterior after the batch.
  const told3 = told(three, one.batch);
  const next = await observed(engine, told3);
  assert.equal([next.session.rounds, next.session.policies, next.session.ahead], [2, 5, undefined]);
  const fantasised = one.batch.map((row) => poolOf(begun()).indexOf(row));
  const { whitened } = right(afterBatch(posterior.whitened, fantasised));
  const { policy } = three;
  assert.ok(policy !== undefined);
  assert.equal(
    next.from?.parameters,
    right(alignTo({ trained: policy, whitened }, next.posterior.whitened)).parameters,
  );
});

test('after training ahead the policy is closer to what the labels make of it, before it has seen them', async () => {
  const [engine] = engines;
  const settings = { iterations: 60, trajectories: 16, temperature: 0.3, policy: 'deepSets' } as const;
  const one = (await askedOn(engine, begun(settings))).session;
  const ahead = trainAheadOfLabels(engine, { rounds: 4, source: 'mixture' });
  const gaps = [];
  for (const session of [one, right(await ahead(one)())]) {
    const { from, posterior } = await observed(engine, told(session, one.batch));
    assert.ok(from !== undefined);
    const problem = { whitened: posterior.whitened, batchSize: 3, temperature: 0.3 };
    const { model, parameters } = forPool(from, posterior.whitened.rows);
    const { estimates } = right(await draw(engine, model, problem, parameters, 512, keyFromSeed(6))());
    gaps.push(estimates.logZ - estimates.elbo);
  }
  const [without = 0, having = 0] = gaps;
  assert.ok(having < 0.7 * without, `${having} nats, without ${without}`);
});

test('a session of class labels trains ahead after labels that are drawn, and goes on', async () => {
  const [engine] = engines;
  const { session, posterior } = await observed(engine, right(sessionFrom(startOfClasses)));
  assert.ok(posterior.classes !== undefined && session.policy !== undefined);
  assert.equal((await succeed(sessionPolicyOf(session.policy, session))).classes, posterior.classes);
  const ahead = right(await trainAheadOfLabels(engine, { rounds: 2, source: 'mixture' })(session)());
  assert.is(ahead.ahead?.rounds, 2);
  const { policy } = ahead;
  assert.ok(policy !== undefined && distance(policy.parameters, session.policy.parameters) > 0);
  const known = told(ahead, ahead.pending);
  const next = await observed(engine, known);
  assert.is(next.session.pending.filter((row) => poolOf(known).includes(row)).length, 3);
  // Training ahead left the policy with the features that it had: those before the labels.
  const left = poolOf(known).map((row) => poolOf(session).indexOf(row));
  const learned = { trained: forPool(policy, left.length), whitened: rowsAt(posterior.whitened, left) };
  assert.equal(next.from?.parameters, right(alignTo(learned, next.posterior.whitened)).parameters);
});

test('what cannot be trained ahead says why', async () => {
  const [engine] = engines;
  const ahead = async (session: Session, rounds = 1) =>
    refusal(await trainAheadOfLabels(engine, { rounds, source: 'random' })(session)());
  assert.match(await ahead(begun()), /no policy was trained yet.*Ask for a batch first/);
  const greedy = right(sessionFrom({ ...start, acquisition: 'greedy', settings: {} }));
  const byGreedy = (await askedOn(engine, greedy)).session;
  assert.match(await ahead(byGreedy), /keeps no policy: its batches are drawn by greedy/);
  const one = (await askedOn(engine, begun())).session;
  assert.match(await ahead(told(one, one.batch)), /no labels are pending/);
  const five = (await askedOn(engine, begun(), 5)).session;
  assert.match(await ahead(five, 2), /8 rows are left after the batch, too few for two of 5/);
  assert.throws(() => trainAheadOfLabels(engine, { rounds: 0, source: 'random' })(one), /0 rounds/);
});

test('engines are closed', () => closeEngines(engines));

test.run();
