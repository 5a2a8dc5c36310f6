// Timing: medians that a disturbed sample does not move, contenders that take turns, and stops when told to.
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { measure, median, medianAbsoluteDeviation, share, timingOf, turns } from '../../src/bench/measure.js';
import type { Failure } from '../../src/failure.js';
import { runs } from '../support/property.js';

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });

test('the median leaves at most half of the numbers on either side', () =>
  fc.assert(
    fc.property(numbers, (values) => {
      const middle = median(values);
      const half = values.length / 2;
      assert.ok(values.filter((x) => x < middle).length <= half);
      assert.ok(values.filter((x) => x > middle).length <= half);
      assert.is(median([...values].reverse()), middle, 'in whatever order they come');
      assert.is(
        median(values.map((x) => 0 - x)),
        0 - middle,
        'of an even count between the two in the middle',
      );
    }),
    runs(300),
  ));

test('fewer than half of the samples cannot carry median and spread away', () =>
  fc.assert(
    fc.property(numbers, fc.double({ min: 1e9, max: 1e12, noNaN: true }), (values, far) => {
      const disturbed = [...values, ...Array.from({ length: Math.ceil(values.length / 2) - 1 }, () => far)];
      assert.ok(median(disturbed) <= Math.max(...values));
      const range = Math.max(...values) - Math.min(...values);
      assert.ok(medianAbsoluteDeviation(disturbed) <= range + 1e-9);
    }),
    runs(300),
  ));

test('the spread moves with scale and not with place', () =>
  fc.assert(
    fc.property(
      numbers,
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: -100, max: 100 }),
      (xs, s, at) => {
        const moved = medianAbsoluteDeviation(xs.map((x) => s * x + at));
        const expected = s * medianAbsoluteDeviation(xs);
        assert.ok(Math.abs(moved - expected) <= 1e-9 * s * 1e6, `${moved}, should be ${expected}`);
      },
    ),
    runs(200),
  ));

test('a timing is of one call', () => {
  assert.equal(timingOf([6, 2, 4, 30, 4], 2), {
    seconds: 2,
    deviation: 1,
    fastest: 1,
    repeats: 5,
    calls: 2,
  });
  assert.equal(share(timingOf([6, 2, 4, 30, 4], 2), 4), {
    seconds: 0.5,
    deviation: 0.25,
    fastest: 0.25,
    repeats: 5,
    calls: 8,
  });
  assert.ok(Number.isNaN(median([])));
});

test('everyone has one turn a round, and the order of rounds alternates', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }), (contenders, repeats) => {
      const order = turns(contenders, repeats);
      const everyone = Array.from({ length: contenders }, (_, i) => i);
      for (let round = 0; round < repeats; round++)
        assert.equal(
          order.slice(round * contenders, (round + 1) * contenders),
          round % 2 === 0 ? everyone : [...everyone].reverse(),
        );
      assert.is(order.length, contenders * repeats);
    }),
    runs(100),
  ));

const calm = { progress: () => undefined, signal: new AbortController().signal };

/** A contender that writes down its turns. */
const scribe = (log: string[], name: string) => (calls: number) =>
  TE.fromIO<undefined, Failure>(() => {
    log.push(`${name}${calls}`);
    return undefined;
  });

test('contenders are warmed up, then take turns', async () => {
  const log: string[] = [];
  const sampling = { repeats: 3, minSeconds: 0 };
  const told: string[] = [];
  const measured = await measure('a stage', { a: scribe(log, 'a'), b: scribe(log, 'b') }, sampling, {
    ...calm,
    progress: ({ stage, done, total, note }) => told.push(`${stage} ${done}/${total} ${note}`),
  })();
  assert.ok(E.isRight(measured));
  assert.equal(log.join(' '), 'a1 a1 b1 b1 a1 b1 b1 a1 a1 b1');
  assert.equal([measured.right.a.repeats, measured.right.b.calls], [3, 1]);
  assert.ok(measured.right.a.seconds >= 0);
  assert.equal([told.length, told[0], told.at(-1)], [6, 'a stage 1/6 a', 'a stage 6/6 b']);
});

test('a sample is as many calls as fill its time, and a tenth more', async () => {
  const now = performance.now.bind(performance);
  let milliseconds = 0;
  const context: number[] = [];
  const work = (calls: number): TE.TaskEither<Failure, unknown> =>
    TE.fromIO(() => {
      context.push(calls);
      milliseconds += calls;
    });
  performance.now = () => milliseconds;
  try {
    const measured = await measure('', { work }, { repeats: 1, minSeconds: 0.03 }, calm)();
    assert.ok(E.isRight(measured));
    assert.equal(context, [1, 1, 16, 33, 33]);
    const { calls, seconds } = measured.right.work;
    assert.is(calls, 33);
    assert.ok(Math.abs(seconds - 0.001) < 1e-9, `${seconds} s a call`);
  } finally {
    performance.now = now;
  }
});

test('calls that take no time grow sixteenfold, up to a million', async () => {
  const context: number[] = [];
  const free = (calls: number): TE.TaskEither<Failure, unknown> => {
    context.push(calls);
    return TE.right(undefined);
  };
  assert.ok(E.isRight(await measure('', { free }, { repeats: 1, minSeconds: 1000 }, calm)()));
  assert.equal(context, [1, 1, 16, 256, 4096, 65536, 2 ** 20, 2 ** 20]);
});

test('a failure ends the measurement, and so does the user', async () => {
  const log: string[] = [];
  const failure: Failure = { _tag: 'NumericalFailure', during: 'a', problem: 'b', remedy: 'c' };
  const contenders = { sound: scribe(log, 's'), broken: () => TE.left(failure) };
  assert.equal(await measure('', contenders, { repeats: 2, minSeconds: 0 }, calm)(), E.left(failure));
  const heard = log.length;
  const aborted = { ...calm, signal: AbortSignal.abort() };
  assert.equal(
    await measure('', { sound: scribe(log, 's') }, { repeats: 2, minSeconds: 0 }, aborted)(),
    E.left({ _tag: 'Interrupted', during: 'bench' }),
  );
  assert.is(log.length, heard);
});

test.run();
