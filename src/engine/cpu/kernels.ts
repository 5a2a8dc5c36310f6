/** Steps other than elementwise ones on the WebAssembly kernels: products, reductions, copies, random bits. */
import { bytesOf, sizeOf, type TypedArray } from '../../tensor/expression.js';
import { coalesce, permuteView, wholeView, type View } from '../../tensor/view.js';
import type { Step } from '../plan.js';
import { startOf, type Located, type LocatedStep } from './located.js';
import type { WasmKernels } from './wasm/exports.js';

/** A step as a closed action. */
export type Action = () => void;

/** The product of each pair of matrices in a batch, added to a third operand if there is one. */
const matmulOf = (
  k: WasmKernels,
  { operands: [a, b, addend], output }: LocatedStep,
  scratch: number,
): Action | undefined => {
  if (a === undefined || b === undefined) return undefined;
  const multiply = output.dtype === 'f32' ? k.matmulF32 : output.dtype === 'f64' ? k.matmulF64 : undefined;
  if (multiply === undefined) return undefined;
  const [batch = 0, m = 0, n = 0] = output.shape;
  const depth = a.shape[2] ?? NaN;
  const width = bytesOf(output.dtype);
  const [at = 0, aRow = 0, aColumn = 0] = a.view.strides;
  const [bt = 0, bRow = 0, bColumn = 0] = b.view.strides;
  const [startA, startB] = [startOf(a), startOf(b)];
  const adds = addend === undefined ? 0 : 1;
  const elsewhere = addend !== undefined && addend.slot !== output.slot ? startOf(addend) : undefined;
  const copy = width === 4 ? k.copy32 : k.copy64;
  return () => {
    if (elsewhere !== undefined) copy(batch * m * n, output.address, elsewhere, 1);
    for (let t = 0; t < batch; t++)
      multiply(
        output.address + t * m * n * width,
        startA + t * at * width,
        aRow,
        aColumn,
        startB + t * bt * width,
        bRow,
        bColumn,
        m,
        depth,
        n,
        scratch,
        adds,
      );
  };
};

/** Bytes of room that a step wants from the kernels. */
export const scratchOf = (
  k: WasmKernels,
  { primitive, operands: [a], output: { shape, dtype } }: Step,
): number => {
  if (primitive !== 'matmul') return 0;
  const [, m = 0, n = 0] = shape;
  return k.matmulScratchBytes(m, a?.shape[2] ?? 0, n) * (dtype === 'f64' ? 2 : 1);
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

/** Offsets of every element of some axes, in elements. */
const offsetsOf = (shape: readonly number[], strides: readonly number[]): readonly number[] =>
  shape.reduce<readonly number[]>(
    (offsets, size, axis) =>
      offsets.flatMap((offset) =>
        Array.from({ length: size }, (_, i) => offset + i * (strides[axis] ?? NaN)),
      ),
    [0],
  );

/** Shorter reductions go to plain TypeScript. */
const minReduced = 8;

const reductionOf = (k: WasmKernels, { step, operands: [a], output }: LocatedStep): Action | undefined => {
  if (a === undefined || !('axes' in step.attributes)) return undefined;
  const { kept, reduced } = partsOf(a.view, step.attributes.axes);
  if (reduced.shape.length > 1 || sizeOf(a.shape) < minReduced) return undefined;
  const count = reduced.shape[0] ?? 1;
  const along = reduced.strides[0] ?? 0;
  const width = bytesOf(a.dtype);
  const outWidth = bytesOf(output.dtype);
  const start = startOf(a);
  const rows = (f: typeof k.sumRowsF32): Action | undefined => {
    if (along !== 1 || count < minReduced) return undefined;
    const last = kept.shape.length - 1;
    const inner = kept.shape[last] ?? 1;
    const stride = kept.strides[last] ?? 0;
    const outer = offsetsOf(kept.shape.slice(0, -1), kept.strides);
    return () => {
      outer.forEach((offset, i) =>
        f(inner, count, output.address + i * inner * outWidth, start + offset * width, stride),
      );
    };
  };
  const columns = (f: typeof k.sumColumnsF32): Action | undefined => {
    const last = kept.shape.length - 1;
    const inner = kept.shape[last] ?? 1;
    if (kept.strides[last] !== 1 || inner < minReduced) return undefined;
    const outer = offsetsOf(kept.shape.slice(0, -1), kept.strides);
    return () => {
      outer.forEach((offset, i) =>
        f(count, inner, output.address + i * inner * outWidth, start + offset * width, along),
      );
    };
  };
  switch (`${step.primitive} ${a.dtype}`) {
    case 'sum f32':
      return rows(k.sumRowsF32) ?? columns(k.sumColumnsF32);
    case 'max f32':
      return rows(k.maxRowsF32);
    case 'argmax f32':
      return rows(k.argmaxRowsF32);
    default:
      return undefined;
  }
};

/** Copies a view into a box of the output, row by row. */
const placed = (k: WasmKernels, from: Located, to: View, address: number): Action | undefined => {
  if (bytesOf(from.dtype) !== 4) return undefined;
  const { shape, strides } = coalesce([from.view, to]);
  const [read = [], write = []] = strides;
  const start = startOf(from);
  const end = address + 4 * to.offset;
  // A kernel writes elements in a row: along the axis that is written so, the longest as a rule, else one at a time.
  const along = write.lastIndexOf(1);
  const count = shape[along] ?? 1;
  const stride = read[along] ?? 1;
  const outer = shape.map((_, axis) => axis).filter((axis) => axis !== along);
  const [third, second, first] = [outer.at(-3), outer.at(-2), outer.at(-1)];
  const size = (axis: number | undefined): number => (axis === undefined ? 1 : (shape[axis] ?? 1));
  const bytes = (own: readonly number[], axis: number | undefined): number =>
    axis === undefined ? 0 : 4 * (own[axis] ?? NaN);
  // At most four axes: three of them are walked here.
  return () => {
    for (let x = 0; x < size(third); x++)
      for (let y = 0; y < size(second); y++) {
        let source = start + x * bytes(read, third) + y * bytes(read, second);
        let target = end + x * bytes(write, third) + y * bytes(write, second);
        for (let z = 0; z < size(first); z++) {
          k.copy32(count, target, source, stride);
          source += bytes(read, first);
          target += bytes(write, first);
        }
      }
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

const concatOf = (k: WasmKernels, { step, operands, output }: LocatedStep): Action | undefined => {
  if (!('axis' in step.attributes)) return undefined;
  const { axis } = step.attributes;
  const parts: Action[] = [];
  let start = 0;
  for (const operand of operands) {
    const starts = output.shape.map((_, i) => (i === axis ? start : 0));
    const part = placed(k, operand, boxAt(output.shape, operand.shape, starts), output.address);
    if (part === undefined) return undefined;
    parts.push(part);
    start += operand.shape[axis] ?? NaN;
  }
  return () => {
    for (const part of parts) part();
  };
};

const padOf = (
  k: WasmKernels,
  { step, operands: [a], output }: LocatedStep,
  arrays: Arrays,
): Action | undefined => {
  if (a === undefined || !('before' in step.attributes)) return undefined;
  const whole = arrays[output.slot];
  const part = placed(k, a, boxAt(output.shape, a.shape, step.attributes.before), output.address);
  if (part === undefined || whole === undefined) return undefined;
  return () => {
    whole.fill(0);
    part();
  };
};

const threefryOf = (
  k: WasmKernels,
  { operands: [key, counters], output }: LocatedStep,
  arrays: Arrays,
): Action | undefined => {
  const words = arrays[key?.slot ?? -1];
  if (key === undefined || counters === undefined || words === undefined) return undefined;
  const { offset } = key.view;
  const from = startOf(counters);
  const blocks = sizeOf(output.shape) / 2;
  return () => k.threefry(blocks, output.address, from, words[offset] as number, words[offset + 1] as number);
};

/** The arrays over the same memory, by slot. */
type Arrays = readonly TypedArray[];

/** The action of a step on the kernels, undefined where they cannot do it. */
export const kernelAction = (
  k: WasmKernels,
  located: LocatedStep,
  arrays: Arrays,
  scratch: number,
): Action | undefined => {
  const { step, operands, output } = located;
  const [first] = operands;
  switch (step.primitive) {
    case 'matmul':
      return matmulOf(k, located, scratch);
    case 'sum':
    case 'max':
    case 'argmax':
      return reductionOf(k, located);
    case 'concat':
      return concatOf(k, located);
    case 'pad':
      return padOf(k, located, arrays);
    case 'copy':
      return first === undefined ? undefined : placed(k, first, wholeView(output.shape), output.address);
    case 'threefry':
      return threefryOf(k, located, arrays);
    default:
      return undefined;
  }
};
