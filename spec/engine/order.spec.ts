/**
 * The order of steps and where their values lie: each after what it reads, memory given back early, and no two values in
 * the same bytes while both are needed.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressesOf } from '../../src/engine/cpu/addresses.js';
import { inPlace } from '../../src/engine/cpu/in-place.js';
import { groupsOf, stepsOf, stretch, tileSlots } from '../../src/engine/cpu/runs.js';
import { ordered } from '../../src/engine/order.js';
import { plan, usedSlots, type Plan, type Step } from '../../src/engine/plan.js';
import { bytesOf, sizeOf, type Tensor } from '../../src/tensor/expression.js';
import * as o from '../../src/tensor/operations.js';
import { program, type Program } from '../../src/tensor/program.js';
import { runs } from '../support/property.js';
import { sessions } from '../support/random-program.js';

/** Most bytes of values that are needed at once, if each lies apart. */
const peak = (steps: readonly Step[]): number => {
  const last = new Map<number, number>();
  steps.forEach(({ operands }, i) => {
    for (const { slot } of operands) last.set(slot, i);
  });
  let [now, most] = [0, 0];
  const bytes = new Map<number, number>();
  steps.forEach(({ operands, output }, i) => {
    bytes.set(output.slot, sizeOf(output.shape) * bytesOf(output.dtype));
    now += bytes.get(output.slot) ?? 0;
    most = Math.max(most, now);
    for (const slot of new Set(operands.map((operand) => operand.slot)))
      if (last.get(slot) === i) now -= bytes.get(slot) ?? 0;
  });
  return most;
};

const x = o.input('x', 'f32', [16, 40_000]);
const megabytes = (4 * 16 * 40_000) / 1e6;

test('what is summed up at the end is made, summed up and forgotten one after the other', () => {
  // Built so that all ten are made before the first sum is asked for.
  const parts = Array.from({ length: 10 }, (_, i) => o.exp(o.add(x, i)));
  const sums = parts.map((part) => o.reshape(o.sum(part), [1]));
  const weights = parts.map((part, i) => o.mul(part, o.broadcast(sums[9 - i] ?? x, part.shape)));
  const { body } = plan(
    program({ y: o.concat([...sums, ...weights.map((w) => o.reshape(o.sum(w), [1]))], 0) }),
  );
  const far = plan(program({ y: o.concat(sums, 0) })).body;
  assert.ok(peak(far) / 1e6 <= 2.1 * megabytes, `${peak(far) / 1e6} MB`);
  assert.ok(peak(body) / 1e6 <= 12.1 * megabytes, `${peak(body) / 1e6} MB`);
});

test('a chain that ends in little runs before what its beginning waits for', () => {
  // log Σ e^a of a large a, asked for long after a was made.
  const softmaxes = Array.from({ length: 8 }, (_, i) => {
    const a = o.mul(x, i + 2);
    return { a: o.reshape(o.max(a), [1]), sum: o.reshape(o.log(o.sum(o.exp(o.sub(a, o.max(a))))), [1]) };
  });
  const all = [...softmaxes.map(({ a }) => a), ...softmaxes.map(({ sum }) => sum)];
  const { body } = plan(program({ y: o.concat(all, 0) }));
  assert.ok(peak(body) / 1e6 <= 3.1 * megabytes, `${peak(body) / 1e6} MB`);
});

test('of any program: an order of the same steps, each after what it reads', () =>
  fc.assert(
    fc.property(sessions, ({ program: given }) => {
      const { body } = plan(given);
      const again = ordered([...body], new Set());
      assert.equal(new Set(again).size, body.length);
      const written = new Set(body.map(({ output }) => output.slot));
      const known = new Set<number>();
      for (const { operands, output } of again) {
        for (const { slot } of operands) assert.ok(known.has(slot) || !written.has(slot), `slot ${slot}`);
        known.add(output.slot);
      }
    }),
    runs(200),
  ));

/** Slots of a plan that hold a value which a group of steps, or a later one, or somebody outside still needs. */
const needed = ({ inputs, constants, carry, outputs }: Plan, groups: readonly (readonly Step[])[]) => {
  const always = new Set([
    ...Object.values(inputs).map(({ slot }) => slot),
    ...constants.map(({ slot }) => slot),
    ...Object.values(carry).flatMap(({ current, next }) => [current, next]),
    ...Object.values(outputs).map(({ slot }) => slot),
  ]);
  return groups.map((group, i) => {
    const here = group.flatMap(({ operands, output }) => [...operands.map(({ slot }) => slot), output.slot]);
    const before = new Set(groups.slice(0, i).flatMap((g) => g.map(({ output }) => output.slot)));
    const later = groups
      .slice(i + 1)
      .flatMap((g) => g.flatMap(({ operands }) => operands.map(({ slot }) => slot)));
    return new Set([...always, ...here, ...later.filter((slot) => before.has(slot))]);
  });
};

const large = (seed: number): Program => {
  const rows = o.input('rows', 'f32', [64, 100]);
  const step = (a: Tensor, i: number): Tensor =>
    [
      () => o.tanh(a),
      () => o.add(a, rows),
      () => o.matmul(o.matmul(a, o.transpose(rows)), rows),
      () => o.sub(a, o.reshape(o.max(a, [1]), [64, 1])),
      () => o.add(o.matmul(o.matmul(rows, o.transpose(a)), a), a),
    ][i % 5]?.() ?? a;
  let [a, b] = [rows, o.exp(rows)];
  for (let k = seed + 8; k > 0; k = Math.floor(k / 5)) [a, b] = [b, step(o.add(a, b), k)];
  return program({ a, b });
};

test('of any program: values that are needed at once lie apart', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        sessions.map((session) => session.program),
        fc.nat(100_000).map(large),
      ),
      (given) => {
        const planned = inPlace(plan(given));
        const grouped = { prologue: groupsOf(planned.prologue), body: groupsOf(planned.body) };
        const groups = [...grouped.prologue, ...grouped.body];
        const tiles = tileSlots(planned, groups);
        const own = usedSlots(planned).filter((slot) => !tiles.offsets.has(slot));
        const { addresses, end } = addressesOf(planned, own, grouped);
        for (const slots of needed(planned, groups.map(stepsOf))) {
          const ranges = [...slots]
            .filter((slot) => !tiles.offsets.has(slot))
            .map((slot) => {
              const { dtype, size } = planned.slots[slot] ?? { dtype: 'f32', size: 0 };
              return [addresses[slot] ?? NaN, size * bytesOf(dtype), slot] as const;
            })
            .sort(([p], [q]) => p - q);
          ranges.forEach(([start, bytes, slot], i) => {
            const next = ranges[i + 1]?.[0] ?? end;
            assert.ok(
              start % 64 === 0 && start + bytes <= next,
              `slot ${slot} at ${start}, ${bytes} bytes, meets ${next}`,
            );
          });
        }
      },
    ),
    runs(200),
  ));

test('values between elementwise steps take the room of a tile, those that are kept all of theirs', () => {
  const x = o.input('x', 'f32', [100, 1000]);
  const planned = plan(program({ y: o.tanh(o.exp(o.mul(o.tanh(x), x))) }));
  const groups = groupsOf(planned.body);
  assert.is(groups.length, 1);
  const { offsets, bytes } = tileSlots(planned, groups);
  const kept = new Set([...planned.body.slice(-1).map(({ output }) => output.slot)]);
  const between = planned.body.map(({ output }) => output.slot).filter((slot) => !kept.has(slot));
  assert.equal([...offsets.keys()].sort(), [...new Set(between)].sort());
  assert.ok(bytes > 0 && bytes <= 4 * between.length * stretch);
});

test.run();
