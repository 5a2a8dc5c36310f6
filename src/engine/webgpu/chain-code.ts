/**
 * Pointwise steps as WGSL: one of them, or a chain of steps of one size in one dispatch, what one gives the next in a
 * register; and the epilogue of a product, which gives the first its elements.
 *
 * Each primitive says its own function (src/tensor/pointwise); here those that are called, the bindings and `main` are written
 * behind kernels/pointwise.wgsl; or, behind those of a product (kernels/matmul*.wgsl), `store` in the place of `main`. Shapes,
 * strides, offsets and constants of one element go into the uniform block, so that chains of one structure are one text and one
 * pipeline.
 */
import { sizeOf, type Shape } from '../../tensor/expression.js';
import { coalesce, four, wholeView } from '../../tensor/view.js';
import type { Dispatch } from '../../tensor/primitive.js';
import type { Box, Pointwise, Read } from './pointwise-step.js';

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
  /** What stands behind the kernel's text. */
  readonly text: string;
}

/** A product, and the slot that it would be in. */
export interface Product {
  readonly dispatch: Dispatch;
  readonly slot: number;
}

/** The text of `main` and its uniform block as they grow. */
interface Draft {
  /** The k-th four of the uniform block's numbers. */
  readonly four: (k: number) => string;
  readonly functions: Set<string>;
  readonly lines: string[];
  readonly numbers: number[];
  /** The names of what was computed, by what it is. */
  readonly known: Map<string, string>;
}

/** Puts up to four numbers into the uniform block. */
const put = ({ four: at, numbers }: Draft, ...words: readonly number[]): string => {
  numbers.push(...words, ...new Array<number>(4 - words.length).fill(0));
  return at(numbers.length / 4 - 1);
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

/** So many operands and outputs, bound from a place on. */
const bindingsOf = (reads: number, writes: number, from: number): string => {
  const bound = Array.from({ length: reads + writes }, (_, i) =>
    i < reads ? `<storage, read> operand${i}` : `<storage, read_write> output${i - reads}`,
  );
  return bound.map((own, i) => `@group(0) @binding(${i + from}) var${own}: array<u32>;\n`).join('');
};

/** The functions that are called, the bindings and `main`. */
const mainOf = ({ functions, lines, numbers }: Draft, reads: number, writes: number): string =>
  `${[...functions].join('')}struct Program { size: u32, words: array<vec4<u32>, ${numbers.length / 4}> }
@group(0) @binding(0) var<uniform> program: Program;
${bindingsOf(reads, writes, 1)}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
let i = id.x + id.y * groups.x * 64u;
if (i >= program.size) {
return;
}
${lines.join('\n')}
}
`;

/** The functions that are called, the bindings behind the product's two, and `store`. */
const storeOf = ({ functions, lines, numbers }: Draft, reads: number, writes: number): string =>
  `${[...functions].join('')}const extra = ${numbers.length / 4}u;
${bindingsOf(reads, writes, 3)}
fn store(i: u32, x: f32) {
${lines.join('\n')}
}
`;

/**
 * The code of pointwise steps of one size, each of which reads what earlier ones gave aligned. `reads` and `writes` are
 * the slots that are bound; `wordOf` gives the bits of slots that hold one known element and are not. Of a product, where there is
 * one, they are the epilogue, none where it is stored as it is.
 */
export const codeOf = (
  steps: readonly Pointwise[],
  reads: readonly number[],
  writes: readonly number[],
  wordOf: (slot: number) => number | undefined,
  product?: Product,
): Code => {
  const inside = new Set([product?.slot, ...steps.map(({ output }) => output.slot)]);
  const draft: Draft = {
    four: product === undefined ? (k) => `program.words[${k}]` : (k) => `number(${k}u)`,
    ...{ functions: new Set(), lines: [], numbers: [], known: new Map() },
  };
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
  const give = (slot: number, value: string): void => {
    draft.known.set(`${slot}`, value);
    const place = writes.indexOf(slot);
    if (place >= 0) draft.lines.push(`output${place}[i] = ${value};`);
  };
  if (product !== undefined) give(product.slot, define(draft, 'bitcast<u32>(x)'));
  for (const { reads: own, operation, output } of steps) {
    const taken = own.map((read) => valueOf(read, output.shape));
    if (operation?.text !== undefined) draft.functions.add(operation.text);
    give(output.slot, operation === undefined ? (taken[0] ?? '') : define(draft, operation.call(taken)));
  }
  if (draft.numbers.length === 0) put(draft);
  if (product !== undefined)
    return {
      dispatch: { ...product.dispatch, uniforms: [...product.dispatch.uniforms, ...draft.numbers] },
      text: storeOf(draft, reads.length, writes.length),
    };
  const size = sizeOf(steps[0]?.output.shape ?? []);
  const dispatch = {
    ...{ kernel: 'pointwise', constants: {}, uniforms: [size, 0, 0, 0, ...draft.numbers] },
    ...{ operands: reads.map((_, i) => i), threads: size, workgroupSize: 64 },
  };
  return { dispatch, text: mainOf(draft, reads.length, writes.length) };
};
