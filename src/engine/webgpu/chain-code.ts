/**
 * Pointwise steps as WGSL: one of them, or a chain of steps of one size in one dispatch, what one gives the next in a
 * register.
 *
 * Each primitive says its own function (src/tensor/pointwise); here those that are called, the bindings and `main` are
 * written behind kernels/pointwise.wgsl. Shapes, strides, offsets and constants of one element go into the uniform block, so that chains of one structure are one text
 * and one pipeline. Reshaped, transposed, sliced and repeated operands are read where they lie; `pad` reads zero outside
 * of its operand's box, and `concat` is the union, bit by bit, of operands that are zero outside of theirs.
 */
import { sizeOf, type Shape } from '../../tensor/expression.js';
import {
  coalesce,
  four,
  isContiguous,
  rowMajor,
  sliceView,
  wholeView,
  type View,
} from '../../tensor/view.js';
import type { Dispatch } from '../../tensor/primitive.js';
import { primitives } from '../../tensor/primitives/index.js';
import type { Place, Step } from '../plan.js';

/** Where an operand lies along the axes of the output; outside it reads as zero. */
interface Box {
  readonly from: readonly number[];
  readonly count: Shape;
}

/** An operand as each element of the output meets it. */
interface Read {
  readonly slot: number;
  /** In the shape of the output. */
  readonly view: View;
  readonly box: Box | undefined;
}

/** From the words of the operands' elements to that of the output's: the call, and what it calls. */
interface Operation {
  readonly call: (words: readonly string[]) => string;
  readonly text?: string;
}

/** A step whose output's elements each depend on one element of each operand. */
export interface Pointwise {
  readonly reads: readonly Read[];
  /** Undefined where the operand stays as it is. */
  readonly operation: Operation | undefined;
  readonly output: Step['output'];
}

const names = ['a', 'b', 'c'];

/** What `concat` makes of operands that are zero outside of their boxes. */
const union: Operation = { call: (words) => `(${words.join(' | ')})` };

/** The operation of a step, undefined where there is nothing to do; false where it is not pointwise. */
const operationOf = ({ primitive, operands, output }: Step): Operation | undefined | false => {
  const from = operands[0]?.dtype ?? output.dtype;
  if (from === 'f64' || output.dtype === 'f64') return false;
  if (primitive === 'copy' || primitive === 'pad') return undefined;
  if (primitive === 'concat') return union;
  const { lowering } = primitives[primitive];
  if (lowering.kind !== 'pointwise') return false;
  const body = lowering.wgsl(from, output.dtype);
  if (body === undefined) return undefined;
  const name = `${primitive}_${from}_${output.dtype}`;
  const parameters = names.slice(0, operands.length).map((parameter) => `${parameter}: u32`);
  return {
    call: (words) => `${name}(${words.join(', ')})`,
    text: `fn ${name}(${parameters.join(', ')}) -> u32 {\n${body.includes('return') ? body : `return ${body};`}\n}\n`,
  };
};

/** An operand, row-major, inside a larger output. */
const boxed = ({ slot, shape, view }: Place, output: Shape, from: readonly number[]): Read => ({
  slot,
  view: sliceView(
    { shape: output, strides: rowMajor(shape), offset: view.offset },
    from.map((start) => -start),
    output,
  ),
  box: { from, count: shape },
});

/** The step as a pointwise one; undefined where it is none. */
export const pointwiseOf = (step: Step): Pointwise | undefined => {
  const { primitive, attributes, operands, output } = step;
  const operation = operationOf(step);
  if (operation === false) return undefined;
  // The plan pairs each primitive with its own attributes.
  const { before = [], axis = 0 } = attributes as { before?: readonly number[]; axis?: number };
  let start = 0;
  const reads = operands.map((operand): Read => {
    if (primitive === 'pad') return boxed(operand, output.shape, before);
    if (primitive !== 'concat') return { slot: operand.slot, view: operand.view, box: undefined };
    const from = output.shape.map((_, i) => (i === axis ? start : 0));
    start += operand.shape[axis] ?? 0;
    return boxed(operand, output.shape, from);
  });
  return { reads, operation, output };
};

/** Whether element i of the output meets element i of the operand's memory. */
export const isAligned = ({ view, box }: Read): boolean =>
  box === undefined && view.offset === 0 && isContiguous(view);

/** Whether an operand's place is its element's number times a stride: no coordinates are needed. */
const isFlat = ({ view, box }: Read): boolean => box === undefined && coalesce([view]).shape.length <= 1;

/** The axes of one output shape, as few as all views and boxes allow. */
interface Axes {
  readonly sizes: readonly number[];
  readonly strides: (read: Read) => readonly number[];
  readonly box: (box: Box) => { readonly from: readonly number[]; readonly count: readonly number[] };
}

const axesOf = (shape: Shape, reads: readonly Read[]): Axes => {
  const cut = shape.flatMap((size, axis) =>
    reads.some(({ box }) => box !== undefined && box.count[axis] !== size) ? [axis] : [],
  );
  // A view with a stride along one axis alone keeps that axis from being merged with its neighbours.
  const marks = cut.map((marked) => ({
    shape,
    strides: shape.map((_, axis) => (axis === marked ? 1 : 0)),
    offset: 0,
  }));
  const merged = coalesce([wholeView(shape), ...reads.map(({ view }) => view), ...marks]);
  const places = cut.map((axis, mark) => ({
    axis,
    at: merged.strides[1 + reads.length + mark]?.indexOf(1) ?? -1,
  }));
  return {
    sizes: four(merged.shape, 1),
    strides: (read) => four(merged.strides[1 + reads.indexOf(read)] ?? [], 0),
    box: (box) => {
      const from = merged.shape.map(() => 0);
      const count = [...merged.shape];
      for (const { axis, at } of places) {
        from[at] = box.from[axis] ?? 0;
        count[at] = box.count[axis] ?? 1;
      }
      return { from: four(from, 0), count: four(count, 1) };
    },
  };
};

/** Pointwise steps as they are dispatched. */
export interface Code {
  readonly dispatch: Dispatch;
  /** What stands behind kernels/pointwise.wgsl. */
  readonly text: string;
}

const textOf = (
  functions: Iterable<string>,
  lines: readonly string[],
  storage: readonly string[],
  words: number,
): string =>
  `${[...functions].join('')}struct Program { size: u32, unused0: u32, unused1: u32, unused2: u32, words: array<vec4<u32>, ${words}> }
@group(0) @binding(0) var<uniform> program: Program;
${storage.map((variable, i) => `@group(0) @binding(${i + 1}) var${variable}: array<u32>;\n`).join('')}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
let i = id.x + id.y * groups.x * 64u;
if (i >= program.size) {
return;
}
${lines.join('\n')}
}
`;

/**
 * The code of pointwise steps of one size, each of which reads what earlier ones gave aligned. `reads` and `writes` are
 * the slots that are bound; `wordOf` gives the bits of slots that hold one known element and are not.
 */
export const codeOf = (
  steps: readonly Pointwise[],
  reads: readonly number[],
  writes: readonly number[],
  wordOf: (slot: number) => number | undefined,
): Code => {
  const inside = new Set(steps.map(({ output }) => output.slot));
  const functions = new Set<string>();
  const lines: string[] = [];
  const numbers: number[] = [];
  /** Up to four numbers of the uniform block. */
  const put = (...words: readonly number[]): string => {
    numbers.push(...words, ...new Array<number>(4 - words.length).fill(0));
    return `program.words[${numbers.length / 4 - 1}]`;
  };
  let names = 0;
  const define = (expression: string): string => {
    lines.push(`let v${names} = ${expression};`);
    return `v${names++}`;
  };
  const known = new Map<string, string>();
  const once = (key: string, make: () => string): string => {
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  };

  // Operands that need coordinates, together by shape, so that coordinates are divided out once.
  const spaces = new Map<string, Axes>();
  const axesFor = (shape: Shape): Axes => {
    const key = shape.join();
    const found = spaces.get(key);
    if (found !== undefined) return found;
    const made = axesOf(
      shape,
      steps
        .filter(({ output }) => output.shape.join() === key)
        .flatMap((step) => step.reads.filter((read) => reads.includes(read.slot) && !isFlat(read))),
    );
    spaces.set(key, made);
    return made;
  };
  const load = (read: Read, shape: Shape): string => {
    const { slot, view, box } = read;
    const word = wordOf(slot);
    if (word !== undefined) return define(`${put(word)}.x`);
    const operand = `operand${reads.indexOf(slot)}`;
    if (isFlat(read)) {
      const at = put(coalesce([view]).strides[0]?.[0] ?? 0, view.offset);
      return define(`${operand}[i * ${at}.x + ${at}.y]`);
    }
    const axes = axesFor(shape);
    const [outer = 1, middle = 1] = axes.sizes;
    const c = once(`coordinates ${axes.sizes.join()}`, () =>
      define(`${outer * middle === 1 ? 'rows' : 'coordinates'}(i, ${put(...axes.sizes)})`),
    );
    const at = `dot(${c}, ${put(...axes.strides(read))}) + ${put(view.offset)}.x`;
    if (box === undefined) return define(`${operand}[${at}]`);
    const { from, count } = axes.box(box);
    const is = define(`inside(${c}, ${put(...from)}, ${put(...count)})`);
    return define(`select(0u, ${operand}[select(0u, ${at}, ${is})], ${is})`);
  };
  const valueOf = (read: Read, shape: Shape): string => {
    const { slot, view, box } = read;
    const key = [slot, view.offset, view.strides, view.shape, box?.from, box?.count].join('|');
    return once(inside.has(slot) ? `${slot}` : key, () => load(read, shape));
  };

  for (const { reads: own, operation, output } of steps) {
    const taken = own.map((read) => valueOf(read, output.shape));
    if (operation?.text !== undefined) functions.add(operation.text);
    const value = operation === undefined ? (taken[0] ?? '') : define(operation.call(taken));
    known.set(`${output.slot}`, value);
    const place = writes.indexOf(output.slot);
    if (place >= 0) lines.push(`output${place}[i] = ${value};`);
  }
  if (numbers.length === 0) put();
  const size = sizeOf(steps[0]?.output.shape ?? []);
  const storage = [
    ...reads.map((_, i) => `<storage, read> operand${i}`),
    ...writes.map((_, i) => `<storage, read_write> output${i}`),
  ];
  return {
    dispatch: {
      kernel: 'pointwise',
      constants: {},
      uniforms: [size, 0, 0, 0, ...numbers],
      operands: reads.map((_, i) => i),
      threads: size,
      workgroupSize: 64,
    },
    text: textOf(functions, lines, storage, numbers.length / 4),
  };
};
