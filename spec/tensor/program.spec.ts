// Programs: what they take, what they refuse, their order, and the same program at another precision.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showType, type Tensor } from '../../src/tensor/expression.js';
import * as o from '../../src/tensor/operations.js';
import { program, topologicalOrder, withPrecision } from '../../src/tensor/program.js';
import { runs } from '../support/property.js';
import { sessions } from '../support/random-program.js';

const x = o.input('x', 'f32', [2, 3]);
const n = o.input('n', 'u32', [3]);

const refuses = (make: () => unknown, ...says: readonly string[]): void =>
  assert.throws(
    make,
    (error: unknown) => error instanceof TypeError && says.every((part) => error.message.includes(part)),
    `not refused with ${says.join(', ')}`,
  );

test('a program takes the inputs that its expressions read, each once', () => {
  const again = o.input('x', 'f32', [2, 3]);
  const { inputs } = program({ y: o.add(x, again) }, { n: o.add(n, 1) });
  assert.equal(Object.keys(inputs).sort(), ['n', 'x']);
  assert.equal(inputs['x'], { shape: [2, 3], dtype: 'f32' });
});

test('one name cannot stand for two types', () => {
  refuses(() => program({ y: x, z: o.input('x', 'f32', [3]) }), "'x'", 'f32[2, 3]', 'f32[3]', 'rename');
  refuses(() => program({ y: x, z: o.input('x', 'u32', [2, 3]) }), "'x'", 'u32[2, 3]');
});

test('what is carried is an input of the same type', () => {
  refuses(() => program({ y: x }, { state: x }), "'state'", 'no expression reads');
  refuses(() => program({ y: x }, { x: o.sum(x, [0]) }), "'x'", 'f32[2, 3]', 'f32[3]', 'alike');
  refuses(() => program({ y: x }, { x: o.cast(x, 'i32') }), "'x'", 'i32[2, 3]');
});

test('operands come before their users, each node once', () =>
  fc.assert(
    fc.property(sessions, ({ program: { outputs, carry } }) => {
      const order = topologicalOrder([...Object.values(outputs), ...Object.values(carry)]);
      const seen = new Set<Tensor>();
      for (const node of order) {
        assert.not(seen.has(node), 'a node comes twice');
        for (const operand of node.operands) assert.ok(seen.has(operand), 'an operand comes after its user');
        seen.add(node);
      }
      for (const root of Object.values(outputs)) assert.ok(seen.has(root));
    }),
    runs(100),
  ));

test('a graph deeper than the stack has an order', () => {
  const deep = Array.from({ length: 100_000 }).reduce<Tensor>((y) => o.neg(y), x);
  assert.is(topologicalOrder([deep]).length, 100_001);
});

test('at another precision floats change and nothing else does; back again it is the same program', () =>
  fc.assert(
    fc.property(sessions, ({ program: single }) => {
      const types = (of: typeof single) =>
        Object.entries({ ...of.inputs, ...of.outputs, ...of.carry }).map(
          ([name, type]) => `${name} ${showType(type)}`,
        );
      const precise = withPrecision('f64', single);
      assert.equal(
        types(precise),
        types(single).map((text) => text.replace('f32', 'f64')),
      );
      assert.equal(types(withPrecision('f32', precise)), types(single));
      const nodes = (of: typeof single) =>
        topologicalOrder([...Object.values(of.outputs), ...Object.values(of.carry)]).map(
          ({ primitive }) => primitive,
        );
      assert.equal(nodes(precise), nodes(single));
    }),
    runs(100),
  ));

test.run();
