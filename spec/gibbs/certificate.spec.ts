/**
 * The certificate against the truth: the law of a chain after t updates by the exact transition matrix, and its distance from
 * the target, beside the bound that pairs of chains give. Both begin at a law that is far from the target.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boundAfter, lastMeeting } from '../../src/gibbs/certificate.js';
import { partnerOf, samePoints, updateTogether } from '../../src/gibbs/coupling.js';
import { update } from '../../src/gibbs/update.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { uniformStream } from '../../src/random/stream.js';
import { totalVariation } from '../../src/verify/divergence.js';
import { randomPool } from '../support/pools.js';
import { runs } from '../support/property.js';
import { listed } from './cases.js';

const BATCH = 3;
const PAIRS = 2000;
const LAG = 6;
const sharp = listed('T = 0.15', { whitened: randomPool(9, 3, 4, 2), batchSize: BATCH, temperature: 0.15 });
const { target, beta, order, exact } = sharp;

/** Batches that differ in one point of `row`'s, position by position: [rows of B ∖ m + n for all n]. */
const neighbours = (row: number): readonly (readonly number[])[] => {
  const batch = order.batchAt(row);
  return batch.map((m) =>
    Array.from({ length: target.utility.points }, (_, n) => n)
      .filter((n) => n === m || !batch.includes(n))
      .map((n) => order.rowOf([...batch.filter((other) => other !== m), n].toSorted((a, b) => a - b))),
  );
};

/** A law after one update, by the definition: a position at random, and there the target itself restricted to what can be. */
const updated = (law: Float64Array): Float64Array => {
  const next = new Float64Array(order.count);
  law.forEach((p, row) => {
    if (p === 0) return;
    for (const rows of neighbours(row)) {
      const total = rows.reduce((sum, other) => sum + (exact.probabilities[other] ?? 0), 0);
      for (const other of rows)
        next[other] = (next[other] ?? 0) + (p / BATCH) * ((exact.probabilities[other] ?? 0) / total);
    }
  });
  return next;
};

test('the bound is above the distance from the target at every update', () => {
  const least = exact.probabilities.indexOf(Math.min(...exact.probabilities));
  const start = order.batchAt(least);
  const scratch = [new Float64Array(9), new Float64Array(9)] as const;
  const meetings = Array.from({ length: PAIRS }, (_, i) => {
    const uniform = uniformStream(split(keyFromSeed(3), i));
    const [x, y] = [target.utility.batchFrom(start), target.utility.batchFrom(start)];
    for (let step = 0; step < LAG; step++) update(target, x, beta, step, uniform, scratch[0]);
    let step = 0;
    while (!samePoints(x.members, y.members)) updateTogether(target, [x, y], beta, step++, uniform, scratch);
    return LAG + step;
  });
  let law = new Float64Array(order.count);
  law[least] = 1;
  for (let t = 0; t <= lastMeeting(meetings, LAG) && t < 60; t++) {
    const distance = totalVariation(law, exact.probabilities);
    // The mean of 2000 pairs is below its expectation by more than 5 standard errors of a coin once in 3 million.
    const slack = 5 * Math.sqrt((distance * (1 - distance)) / PAIRS);
    const bound = boundAfter(meetings, LAG, t);
    assert.ok(bound >= distance - slack, `after ${t} updates: bound ${bound}, distance ${distance}`);
    if (t === 0) assert.ok(distance > 0.99);
    law = updated(law) as Float64Array<ArrayBuffer>;
  }
});

test('two chains that have met stay together, of one size and of several', () => {
  const sizes = { ...target, smallestBatch: 1, pointCost: 0.3 };
  for (const one of [target, sizes])
    fc.assert(
      fc.property(
        fc.nat(),
        fc.shuffledSubarray([...Array(9).keys()], { minLength: 1, maxLength: 3 }),
        (key, start) => {
          const points = one === target ? [0, 4, 7] : start;
          const uniform = uniformStream(keyFromSeed(key));
          const pair = [one.utility.batchFrom(points), one.utility.batchFrom(points.toReversed())] as const;
          const scratch = [new Float64Array(9), new Float64Array(9)] as const;
          for (let step = 0; step < 60; step++) {
            updateTogether(one, pair, beta, step, uniform, scratch);
            assert.ok(samePoints(pair[0].members, pair[1].members), `apart after update ${step}`);
          }
        },
      ),
      runs(30),
    );
});

test('positions correspond one to one: those of the same points, and the others in their order', () => {
  const batchOf = (size: number) =>
    fc.shuffledSubarray([...Array(9).keys()], { minLength: size, maxLength: size });
  fc.assert(
    fc.property(
      fc.nat(9).chain((size) => fc.tuple(batchOf(size), batchOf(size))),
      ([a, b]) => {
        const partners = a.map((_, position) => partnerOf(a, b, position));
        assert.equal(
          partners.toSorted((p, q) => p - q),
          [...a.keys()],
        );
        const alone = partners.filter((partner, position) => {
          const both = b.includes(a[position] ?? -1);
          if (both) assert.is(b[partner], a[position]);
          return !both;
        });
        assert.equal(
          alone,
          alone.toSorted((p, q) => p - q),
        );
      },
    ),
    runs(100),
  );
  assert.throws(() => partnerOf([0, 1], [0], 1), /not of one size/);
});

test('a pair that is apart leaves no bound below 1', () => {
  assert.is(boundAfter([10, Infinity], 4, 100), 1);
  assert.is(lastMeeting([10, 30], 4), 26);
});

test.run();
