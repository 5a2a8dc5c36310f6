/**
 * Pointwise steps as WGSL: one of them, or a chain of steps of one size in one dispatch, what one gives the next in a
 * register.
 *
 * Each primitive says its own function (src/tensor/pointwise); here those that are called, the bindings and `main` are written
 * behind kernels/pointwise.wgsl. Shapes, strides, offsets and constants of one element go into the uniform block, so that
 * chains of one structure are one text and one pipeline. Reshaped, transposed, sliced and repeated operands are read where they
 * lie; `pad` reads zero outside of its operand's box, and `concat` is the union, bit by bit, of operands that are zero outside
 * of theirs.
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

/** The text of `main` and its uniform block as they grow. */
interface Draft {
  readonly functions: Set<string>;
  readonly lines: string[];
  readonly numbers: number[];
  /** The names of what was computed, by what it is. */
  readonly known: Map<string, string>;
}

/** Puts up to four numbers into the uniform block. */
const put = ({ numbers }: Draft, ...words: readonly number[]): string => {
  numbers.push(...words, ...new Array<number>(4 - words.length).fill(0));
  return `program.words[${numbers.length / 4 - 1}]`;
};

/** Gives an expression a name. */
const define = ({ lines }: Draft, expression: string): string => {
  // As many names as lines: those that store give up theirs.
  const name = `v${lines.length}`;
  lines.push(`let ${name} = ${expression};`);
  return name;
};

const once = ({ known }: Draft, key: string, make: () => string): string => {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
};

/** The axes of each shape, of all operands together that need coordinates, so that they are divided out once. */
const axesByShape = (steps: readonly Pointwise[], reads: readonly number[]): ((shape: Shape) => Axes) => {
  const made = new Map<string, Axes>();
  return (shape) => {
    const key = shape.join();
    const known = made.get(key);
    if (known !== undefined) return known;
    const alike = steps.filter(({ output }) => output.shape.join() === key);
    const walked = alike.flatMap((step) =>
      step.reads.filter((read) => reads.includes(read.slot) && !isFlat(read)),
    );
    const axes = axesOf(shape, walked);
    made.set(key, axes);
    return axes;
  };
};

/** Loads the element of an operand that is bound under a name. */
const load = (draft: Draft, operand: string, read: Read, axesFor: () => Axes): string => {
  const { view, box } = read;
  if (isFlat(read)) {
    const at = put(draft, coalesce([view]).strides[0]?.[0] ?? 0, view.offset);
    return define(draft, `${operand}[i * ${at}.x + ${at}.y]`);
  }
  const axes = axesFor();
  const [outer = 1, middle = 1] = axes.sizes;
  const c = once(draft, `coordinates ${axes.sizes.join()}`, () =>
    define(draft, `${outer * middle === 1 ? 'rows' : 'coordinates'}(i, ${put(draft, ...axes.sizes)})`),
  );
  const at = `dot(${c}, ${put(draft, ...axes.strides(read))}) + ${put(draft, view.offset)}.x`;
  if (box === undefined) return define(draft, `${operand}[${at}]`);
  const { from, count } = axes.box(box);
  const is = define(draft, `inside(${c}, ${put(draft, ...from)}, ${put(draft, ...count)})`);
  return define(draft, `select(0u, ${operand}[select(0u, ${at}, ${is})], ${is})`);
};

/** The functions that are called, the bindings and `main`. */
const textOf = ({ functions, lines, numbers }: Draft, reads: number, writes: number): string => {
  const bound = Array.from({ length: reads + writes }, (_, i) =>
    i < reads ? `<storage, read> operand${i}` : `<storage, read_write> output${i - reads}`,
  );
  const variables = bound.map((own, i) => `@group(0) @binding(${i + 1}) var${own}: array<u32>;\n`);
  return `${[...functions].join('')}struct Program { size: u32, unused0: u32, unused1: u32, unused2: u32, words: array<vec4<u32>, ${numbers.length / 4}> }
@group(0) @binding(0) var<uniform> program: Program;
${variables.join('')}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
let i = id.x + id.y * groups.x * 64u;
if (i >= program.size) {
return;
}
${lines.join('\n')}
}
`;
};

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
  const draft: Draft = { functions: new Set(), lines: [], numbers: [], known: new Map() };
  const axesFor = axesByShape(steps, reads);
  const valueOf = (read: Read, shape: Shape): string => {
    const { slot, view, box } = read;
    const key = [slot, view.offset, view.strides, view.shape, box?.from, box?.count].join('|');
    return once(draft, inside.has(slot) ? `${slot}` : key, () => {
      const word = wordOf(slot);
      return word === undefined
        ? load(draft, `operand${reads.indexOf(slot)}`, read, () => axesFor(shape))
        : define(draft, `${put(draft, word)}.x`);
    });
  };
  for (const { reads: own, operation, output } of steps) {
    const taken = own.map((read) => valueOf(read, output.shape));
    if (operation?.text !== undefined) draft.functions.add(operation.text);
    const value = operation === undefined ? (taken[0] ?? '') : define(draft, operation.call(taken));
    draft.known.set(`${output.slot}`, value);
    const place = writes.indexOf(output.slot);
    if (place >= 0) draft.lines.push(`output${place}[i] = ${value};`);
  }
  if (draft.numbers.length === 0) put(draft);
  const size = sizeOf(steps[0]?.output.shape ?? []);
  const dispatch = {
    ...{ kernel: 'pointwise', constants: {}, uniforms: [size, 0, 0, 0, ...draft.numbers] },
    ...{ operands: reads.map((_, i) => i), threads: size, workgroupSize: 64 },
  };
  return { dispatch, text: textOf(draft, reads.length, writes.length) };
};
