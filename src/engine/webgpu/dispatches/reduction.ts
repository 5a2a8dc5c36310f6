/** Reductions as dispatches of reduce.wgsl: one thread or several an output. */
import { sizeOf } from '../../../tensor/expression.js';
import type { Dispatch, KernelCall } from '../../../tensor/primitive.js';
import { parts, type Axes } from '../../../tensor/primitives/reduction.js';
import { coalesce, four, type View } from '../../../tensor/view.js';
import { crossovers } from './crossovers.js';
import { typeCode } from './type-code.js';

/** A view without the axes that its neighbours cover. */
const merged = (view: View): View => {
  const { shape, strides } = coalesce([view]);
  return { shape, strides: strides[0] ?? [], offset: view.offset };
};

/**
 * How many threads share an output: as few as keep a GPU busy and its reads next to each other, for threads that wait
 * for each other are dear on adapters in software. Neighbouring outputs of a tall operand are read together already.
 */
const slicesOf = (kept: number, reduced: number, across: boolean): 1 | 8 | 64 =>
  reduced < crossovers.shortSum || (across && kept >= crossovers.manySums)
    ? 1
    : kept <= crossovers.fewSums
      ? 64
      : 8;

/** A reduction by its code in reduce.wgsl: 0 sum, 1 max, 2 argmax. */
export const reduction =
  (code: number) =>
  ({ attributes: { axes }, operands: [a] }: KernelCall<Axes>): readonly Dispatch[] => {
    if (a === undefined) return [];
    const [kept, reduced] = parts(a.view, axes).map(merged) as [View, View];
    const keptCount = sizeOf(kept.shape);
    const reducedCount = sizeOf(reduced.shape);
    const step = reduced.strides.at(-1) ?? 0;
    const across = (kept.strides.at(-1) ?? 0) < step;
    const slices = slicesOf(keptCount, reducedCount, across);
    const flat = reduced.shape.length <= 1;
    const walked = flat ? [kept] : [kept, reduced];
    return [
      {
        kernel: 'reduce',
        constants: { OP: code, TYPE: typeCode(a.dtype), SLICES: slices, FLAT: flat ? 1 : 0 },
        uniforms: [
          ...four(
            walked.flatMap(({ shape }) => shape),
            1,
          ),
          ...four(
            walked.flatMap(({ strides }) => strides),
            0,
          ),
          ...[kept.offset, keptCount, reducedCount, step],
          ...[across ? 1 : 0, 0, 0, 0],
        ],
        operands: [0],
        threads: keptCount * slices,
        workgroupSize: 64,
      },
    ];
  };
