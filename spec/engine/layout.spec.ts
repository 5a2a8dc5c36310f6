// In which order elementwise steps walk: whatever the operands' views, every element of the result comes from its own.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layoutOf } from '../../src/engine/layout.js';
import { sizeOf } from '../../src/tensor/expression.js';
import { broadcastView, permuteView, wholeView, type View } from '../../src/tensor/view.js';
import { coordinates } from '../support/operands.js';
import { runs } from '../support/property.js';

const place = ({ offset, strides }: View, at: readonly number[]): number =>
  at.reduce((sum, c, axis) => sum + c * (strides[axis] ?? 0), offset);

/** Views of one shape: permuted, repeated along some axes, and begun later. */
const cases = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
  const axes = shape.map((_, axis) => axis);
  const view = fc
    .record({
      order: fc.constantFrom(axes, [...axes].reverse(), [...axes.slice(1), ...axes.slice(0, 1)]),
      repeated: fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      repeats: fc.boolean(),
      offset: fc.nat(3),
    })
    .map(({ order, repeated, repeats, offset }): View => {
      const own = shape.map((size, axis) => (repeats && repeated[axis] === true ? 1 : size));
      const back = order.map((_, axis) => order.indexOf(axis));
      const laid = permuteView(wholeView(order.map((axis) => own[axis] ?? 1)), back);
      return { ...broadcastView(laid, shape), offset };
    });
  return fc.record({ shape: fc.constant(shape), views: fc.array(view, { minLength: 1, maxLength: 3 }) });
});

test('each element of the result is made of the elements of the operands at its coordinates', () =>
  fc.assert(
    fc.property(cases, ({ shape, views }) => {
      const { shape: walked, operands, result } = layoutOf(shape, views);
      assert.equal(result.shape, shape);
      for (const operand of operands) assert.equal(operand.shape, walked);
      // What the step writes at each place of its row-major output.
      const made = Array.from({ length: sizeOf(walked) }, (_, i) =>
        operands.map((operand) => place(operand, coordinates(walked, i))),
      );
      for (let i = 0; i < sizeOf(shape); i++) {
        const at = coordinates(shape, i);
        assert.equal(
          made[place(result, at)],
          views.map((view) => place(view, at)),
        );
      }
    }),
    runs(500),
  ));

test('along axes where all repeat one element is made; operands that lie alike are walked as they lie', () => {
  const column = broadcastView(wholeView([5, 1]), [5, 3]);
  assert.equal(layoutOf([5, 3], [column, column]).shape, [5, 1]);
  const turned = permuteView(wholeView([3, 5]), [1, 0]);
  const layout = layoutOf([5, 3], [turned, turned, column]);
  assert.equal(layout.shape, [3, 5]);
  assert.equal(layout.operands[0]?.strides, [5, 1]);
  assert.equal(layoutOf([5, 3], [turned, wholeView([5, 3])]).shape, [5, 3]);
});

test.run();
