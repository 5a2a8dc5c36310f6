/**
 * Programs: what an engine loads. Named inputs, named outputs, and a carry.
 *
 * The carry says which outputs become inputs of the next step: `carry[name]` is the next value of the input `name`.
 * A program is pure data; running it is the engines' business (src/engine).
 */
import { at } from '../at.js';
import { sameShape, showType, type DType, type Node, type Tensor, type TensorType } from './expression.js';

/** Named outputs, and for each carried input the expression of its next value. */
export interface Program {
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly carry: Readonly<Record<string, Tensor>>;
}

/**
 * All nodes that the roots need, operands before their users, each once; none of those that are `known`, nor what only
 * they need.
 */
export const topologicalOrder = (
  roots: readonly Tensor[],
  known: { readonly has: (node: Tensor) => boolean } = new Set<Tensor>(),
): readonly Tensor[] => {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  // An explicit stack, of nodes and of their operands that come next: unrolled graphs are deeper than JavaScript's own.
  const stack: Tensor[] = [];
  const next: number[] = [];
  const enter = (node: Tensor): void => {
    if (seen.has(node) || known.has(node)) return;
    seen.add(node);
    stack.push(node);
    next.push(0);
  };
  for (const root of roots) {
    enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const last = stack.length - 1;
      const place = at(next, last);
      const operand = top.operands[place];
      if (operand === undefined) {
        order.push(top);
        stack.pop();
        next.pop();
      } else {
        next[last] = place + 1;
        enter(operand);
      }
    }
  }
  return order;
};

const isInput = (node: Tensor): node is Node<'input'> => node.primitive === 'input';

/**
 * A program from its outputs and its carry. Inputs are found in the expressions; `declared` names some that the program takes
 * whether or not it reads them, so that programs of one family can be given the same values. Throws a TypeError where one name
 * stands for two types, where a carried name is no input, or where a carried value has another type than its input.
 */
export const program = (
  outputs: Readonly<Record<string, Tensor>>,
  carry: Readonly<Record<string, Tensor>> = {},
  declared: readonly Tensor[] = [],
): Program => {
  const inputs: Record<string, TensorType> = {};
  const roots = [...Object.values(outputs), ...Object.values(carry), ...declared];
  for (const node of topologicalOrder(roots).filter(isInput)) {
    const { name } = node.attributes;
    const known = inputs[name];
    if (known !== undefined && showType(known) !== showType(node))
      throw new TypeError(
        `program: the input '${name}' is both ${showType(known)} and ${showType(node)}; rename one of them`,
      );
    inputs[name] = { shape: node.shape, dtype: node.dtype };
  }
  for (const [name, next] of Object.entries(carry)) {
    if (outputs[name] !== undefined)
      throw new TypeError(`program: '${name}' is both an output and carried; name the output otherwise`);
    const own = inputs[name];
    if (own === undefined)
      throw new TypeError(`program: '${name}' is carried but no expression reads an input of that name`);
    if (own.dtype !== next.dtype || !sameShape(own.shape, next.shape))
      throw new TypeError(
        `program: the input '${name}' is ${showType(own)} but its next value ${showType(next)}; make them alike`,
      );
  }
  return { inputs, outputs, carry };
};

/** A node with other operands and another type: how rewrites rebuild a graph. */
const rebuilt = (node: Tensor, operands: readonly Tensor[], type: TensorType): Tensor => ({
  ...node,
  operands,
  shape: type.shape,
  dtype: type.dtype,
});

/**
 * The same program with every f32 in another float type (integers stay): how an f32 program is held against its own
 * f64 meaning on the CPU engine.
 */
export const withPrecision = (dtype: DType & ('f32' | 'f64'), original: Program): Program => {
  const images = new Map<Tensor, Tensor>();
  const image = (node: Tensor): Tensor => images.get(node) ?? node;
  const roots = [...Object.values(original.outputs), ...Object.values(original.carry)];
  for (const node of topologicalOrder(roots)) {
    const type = node.dtype === 'f32' || node.dtype === 'f64' ? dtype : node.dtype;
    images.set(node, rebuilt(node, node.operands.map(image), { shape: node.shape, dtype: type }));
  }
  const all = (record: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(record).map(([name, node]) => [name, image(node)]));
  const rewritten = program(all(original.outputs), all(original.carry));
  const declared = Object.entries(original.inputs).map(([name, { shape, dtype: own }]) => [
    name,
    { shape, dtype: own === 'f32' || own === 'f64' ? dtype : own },
  ]);
  return { ...rewritten, inputs: Object.fromEntries(declared) as Program['inputs'] };
};
