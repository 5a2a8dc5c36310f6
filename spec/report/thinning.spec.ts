/** Thinning of dots and curves, and the marks of logarithmic axes. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evenTicks, logTicks, wholeTicks } from '../../src/report/log-axis.js';
import { thinnedCurve, thinnedSpots } from '../../src/report/thinning.js';
import { runs } from '../support/property.js';

const part = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

test('spots: at most so many, every point counted, none moved further than its cell or off its edge', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(part, part), { maxLength: 300 }),
      fc.integer({ min: 9, max: 200 }),
      (points, most) => {
        const { spots, side } = thinnedSpots(
          points.map(([u]) => u),
          points.map(([, v]) => v),
          most,
        );
        assert.ok(spots.length <= most);
        assert.is(side === null, points.length <= most);
        assert.is(
          spots.reduce((sum, { count }) => sum + count, 0),
          points.length,
        );
        const reach = side === null ? 0 : 0.5 / side + 1e-12;
        const near = (a: number, b: number): boolean => (a === 0) === (b === 0) && Math.abs(a - b) <= reach;
        // Each spot has just as many points in its cell as it counts, but for points between two cells.
        for (const [u, v] of points) assert.ok(spots.some((spot) => near(u, spot.u) && near(v, spot.v)));
        for (const spot of spots)
          assert.ok(points.filter(([u, v]) => near(u, spot.u) && near(v, spot.v)).length >= spot.count);
      },
    ),
    runs(200),
  ));

test('spots: the grid is as fine as the limit allows', () => {
  // A diagonal takes one cell a column, and a spot in each.
  const diagonal = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
  assert.is(thinnedSpots(diagonal, diagonal, 128).side, 128);
  assert.is(thinnedSpots(diagonal, diagonal, 127).side, 96);
  assert.is(thinnedSpots(diagonal, diagonal, 95).side, 64);
  assert.is(thinnedSpots(diagonal, diagonal, 10).side, 8);
  assert.throws(
    () => thinnedSpots(diagonal, diagonal, 8),
    (error: unknown) => error instanceof RangeError,
  );
});

test('curves: at most so many points, in order, with the least and the greatest of all', () =>
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 300 }),
      fc.integer({ min: 1, max: 40 }),
      (values, half) => {
        const points = values.map((value, place) => ({ value, place }));
        const kept = thinnedCurve(points, ({ value }) => value, 2 * half);
        assert.ok(kept.length <= 2 * half);
        if (points.length <= 2 * half) assert.equal(kept, points);
        kept.forEach(({ value, place }, i) => {
          assert.is(values[place], value);
          assert.ok(place > (kept[i - 1]?.place ?? -1));
        });
        const ends = (all: readonly number[]) => [Math.min(...all), Math.max(...all)];
        assert.equal(ends(kept.map(({ value }) => value)), ends(values));
        // Every stretch is there: no gap is longer than two of them.
        const stretch = Math.ceil(points.length / half);
        kept.forEach(({ place }, i) => {
          assert.ok(place - (kept[i - 1]?.place ?? 0) <= 2 * stretch);
        });
      },
    ),
    runs(200),
  ));

test('a logarithmic axis has two to eight marks, inside it, each written as what it is', () => {
  const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const valueOf = (text: string): number => {
    const [, digits = '', power = ''] = /^(?:(.*)·)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/.exec(text) ?? [];
    const exponent = Array.from(power, (c) => (c === '⁻' ? '-' : superscripts.indexOf(c))).join('');
    return power === '' ? Number(text) : Number(`${digits === '' ? '1' : digits}e${exponent}`);
  };
  fc.assert(
    fc.property(
      fc.double({ min: -12, max: 4, noNaN: true }),
      fc.double({ min: 0.4, max: 16, noNaN: true }),
      (low, span) => {
        const { values, show } = logTicks(low, low + span);
        assert.ok(values.length >= 2 && values.length <= 8, `${values.length} marks`);
        assert.is(new Set(values.map(show)).size, values.length);
        for (const value of values) {
          assert.ok(value >= low - 1e-6 && value <= low + span + 1e-6);
          const ratio = valueOf(show(value)) / 10 ** value;
          assert.ok(Math.abs(ratio - 1) <= 5.1e-3, `${show(value)} for 10^${value}`);
        }
      },
    ),
    runs(500),
  );
});

test('marks by hand', () => {
  const texts = (low: number, high: number, most?: number) => {
    const { values, show } = logTicks(low, high, most);
    return values.map(show);
  };
  assert.equal(texts(-3.2, 2.1), ['10⁻³', '10⁻²', '10⁻¹', '1', '10', '10²']);
  assert.equal(texts(-10.5, 0.2), ['10⁻¹⁰', '10⁻⁸', '10⁻⁶', '10⁻⁴', '10⁻²', '1']);
  assert.equal(texts(-2.1, -0.9), ['0.01', '0.02', '0.05', '0.1']);
  assert.equal(texts(-5.1, -4.2), ['10⁻⁵', '2·10⁻⁵', '5·10⁻⁵']);
  assert.equal(texts(-2.9, -0.1, 5), ['0.003', '0.01', '0.03', '0.1', '0.3']);
  // Two marks, or none, of 1, 2 and 5 say little of an axis.
  assert.equal(texts(Math.log10(0.011), Math.log10(0.0185)), ['0.012', '0.014', '0.016', '0.018']);
  assert.equal(texts(Math.log10(0.45), Math.log10(1.1)), ['0.6', '0.8', '1']);
});

test('even marks are three to eight round numbers inside; whole ones have no halves', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
      (low, span) => {
        const even = evenTicks(low, low + span);
        assert.ok(even.length >= 3 && even.length <= 8, `${even.length} marks`);
        assert.ok(even.every((value) => value >= low - 1e-6 * span && value <= low + span + 1e-6 * span));
        const counted = wholeTicks(low, low + span);
        assert.ok(counted.every(Number.isInteger) && counted.length <= 8);
      },
    ),
    runs(500),
  );
  assert.equal(wholeTicks(0.9, 3.1), [1, 2, 3]);
  assert.equal(wholeTicks(-0.25, 5.25), [0, 1, 2, 3, 4, 5]);
});

test.run();
