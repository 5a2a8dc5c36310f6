/** Steps other than elementwise ones as records: products, reductions, copies, rows of tables, random bits. */
import { bytesOf, sizeOf } from '../../tensor/expression.js';
import { coalesce, permuteView, wholeView, type View } from '../../tensor/view.js';
import { rowsOf } from '../../tensor/primitives/gather.js';
import { startOf, type Located, type LocatedStep } from './located.js';
import { productRecord } from './products.js';
import { kinds, type Sharing, type StepRecord, type Word } from './records.js';

/** The records of a step, in order; undefined where the kernels cannot do it. */
type Records = readonly StepRecord[] | undefined;

/** The product, after a copy of what it is added to where that lies elsewhere. */
const productOf = (located: LocatedStep, sharing: Sharing): Records => {
  const { operands, output } = located;
  const [, , addend] = operands;
  const product = productRecord(located, addend !== undefined, sharing);
  if (product === undefined) return undefined;
  if (addend === undefined || addend.slot === output.slot) return [product];
  // It is whole and row-major, though of another rank.
  const line = wholeView([sizeOf(output.shape)]);
  const from = { ...addend, view: { ...line, offset: addend.view.offset } };
  return [copyRecord(from, line, output.address), product];
};

/** The kept and the reduced axes of a reduction's operand, each merged as far as it goes. */
const partsOf = (view: View, axes: readonly number[]) => {
  const all = view.shape.map((_, axis) => axis);
  const merged = (own: readonly number[]) => {
    const { shape, strides } = coalesce([permuteView(view, own)]);
    return { shape, strides: strides[0] ?? [] };
  };
  return {
    kept: merged(all.filter((axis) => !axes.includes(axis))),
    reduced: merged([...axes].sort((x, y) => x - y)),
  };
};

/** Offsets of every element of some axes, in bytes of f32. */
const offsetsOf = (shape: readonly number[], strides: readonly number[]): Int32Array =>
  Int32Array.from(
    shape.reduce<readonly number[]>(
      (offsets, size, axis) =>
        offsets.flatMap((offset) =>
          Array.from({ length: size }, (_, i) => offset + i * (strides[axis] ?? NaN)),
        ),
      [0],
    ),
    (offset) => 4 * offset,
  );

/** Shorter reductions go to plain TypeScript. */
const minReduced = 8;

/** Which reduction of rows, by its number in steps.ts. */
const rowKernels: Readonly<Record<string, number>> = { 'sum f32': 0, 'max f32': 1, 'argmax f32': 2 };

const reductionOf = ({ step, operands: [a], output }: LocatedStep): Records => {
  if (a === undefined || !('axes' in step.attributes)) return undefined;
  const { kept, reduced } = partsOf(a.view, step.attributes.axes);
  const which = rowKernels[`${step.primitive} ${a.dtype}`];
  if (which === undefined || reduced.shape.length > 1 || sizeOf(a.shape) < minReduced) return undefined;
  const count = reduced.shape[0] ?? 1;
  const along = reduced.strides[0] ?? 0;
  const last = kept.shape.length - 1;
  const inner = kept.shape[last] ?? 1;
  const stride = kept.strides[last] ?? 0;
  const outer = offsetsOf(kept.shape.slice(0, -1), kept.strides);
  const cost = 0.3 * sizeOf(a.shape);
  const common = [count, output.address, startOf(a), inner];
  if (along === 1 && count >= minReduced)
    return [
      {
        ...{ kind: kinds.rows, units: outer.length * inner, cost },
        words: [which, ...common, stride, outer],
      },
    ];
  // Columns side by side are summed row by row.
  return which === 0 && stride === 1 && inner >= minReduced
    ? [
        {
          ...{ kind: kinds.columns, units: outer.length * Math.ceil(inner / 16), cost: 2 * cost },
          words: [...common, along, outer],
        },
      ]
    : undefined;
};

/** The copy of a view into a box of the output. */
const copyRecord = (from: Located, to: View, address: number): StepRecord => {
  const width = bytesOf(from.dtype);
  const { shape, strides } = coalesce([from.view, to]);
  const [read = [], write = []] = strides;
  // A kernel writes elements in a row: along the axis that is written so, the longest as a rule, else one at a time.
  const along = write.lastIndexOf(1);
  const count = shape[along] ?? 1;
  const outer = shape.map((_, axis) => axis).filter((axis) => axis !== along);
  // At most four axes: three of them are walked.
  const axes = [outer.at(-3), outer.at(-2), outer.at(-1)];
  const size = (axis: number | undefined): number => (axis === undefined ? 1 : (shape[axis] ?? 1));
  const bytes = (own: readonly number[]): readonly number[] =>
    axes.map((axis) => (axis === undefined ? 0 : width * (own[axis] ?? NaN)));
  const units = axes.reduce<number>((product, axis) => product * size(axis), 1);
  return {
    kind: kinds.copy,
    units,
    cost: units * (10 + 0.2 * count),
    words: [
      ...[count, address + width * to.offset, startOf(from), read[along] ?? 1, size(axes[1]), size(axes[2])],
      ...[...bytes(read), ...bytes(write), width],
    ],
  };
};

const boxAt = (shape: readonly number[], box: readonly number[], starts: readonly number[]): View => {
  const { strides } = wholeView(shape);
  return {
    shape: box,
    strides,
    offset: starts.reduce((sum, start, axis) => sum + start * (strides[axis] ?? NaN), 0),
  };
};

const concatOf = ({ step, operands, output }: LocatedStep): Records => {
  if (!('axis' in step.attributes)) return undefined;
  const { axis } = step.attributes;
  const parts: StepRecord[] = [];
  let start = 0;
  for (const operand of operands) {
    const starts = output.shape.map((_, i) => (i === axis ? start : 0));
    parts.push(copyRecord(operand, boxAt(output.shape, operand.shape, starts), output.address));
    start += operand.shape[axis] ?? NaN;
  }
  return parts;
};

/** Bytes of zeros a unit. */
const zerosUnit = 4096;

const zerosRecord = (address: number, bytes: number): StepRecord => ({
  ...{ kind: kinds.zeros, units: Math.ceil(bytes / zerosUnit), cost: 0.05 * bytes },
  words: [address, bytes],
});

const padOf = ({ step, operands: [a], output }: LocatedStep): Records => {
  if (a === undefined || !('before' in step.attributes)) return undefined;
  return [
    zerosRecord(output.address, bytesOf(output.dtype) * sizeOf(output.shape)),
    copyRecord(a, boxAt(output.shape, a.shape, step.attributes.before), output.address),
  ];
};

/** Blocks of random bits a unit. */
const threefryUnit = 64;

const threefryOf = ({ operands: [key, counters], output }: LocatedStep): Records => {
  if (key === undefined || counters === undefined) return undefined;
  const blocks = sizeOf(output.shape) / 2;
  return [
    {
      ...{ kind: kinds.threefry, units: Math.ceil(blocks / threefryUnit), cost: 10 * blocks },
      words: [blocks, output.address, startOf(counters), startOf(key)],
    },
  ];
};

const gatherOf = ({ operands: [table, indices], output }: LocatedStep): Records => {
  if (table === undefined || indices === undefined || bytesOf(table.dtype) !== 4) return undefined;
  const { count, row } = rowsOf(indices.shape, table.shape);
  const words: readonly Word[] = [output.address, startOf(table), startOf(indices), row, table.shape[0] ?? 0];
  return [{ kind: kinds.gather, units: count, cost: count * (5 + 0.3 * row), words }];
};

/** The records of a step; undefined where the kernels cannot do it. */
export const recordsOf = (located: LocatedStep, sharing: Sharing): Records => {
  const { step, operands, output } = located;
  const [first] = operands;
  switch (step.primitive) {
    case 'matmul':
      return productOf(located, sharing);
    case 'sum':
    case 'max':
    case 'argmax':
      return reductionOf(located);
    case 'concat':
      return concatOf(located);
    case 'pad':
      return padOf(located);
    case 'gather':
      return gatherOf(located);
    case 'copy':
      return first && [copyRecord(first, wholeView(output.shape), output.address)];
    case 'threefry':
      return threefryOf(located);
    default:
      return undefined;
  }
};
