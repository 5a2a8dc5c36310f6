/**
 * The same program in fewer nodes, before equal ones are merged: what nobody can tell apart from its operand is its operand.
 *
 *   reshape(reshape(a))                          reshape(a), or a itself where that has the shape
 *   slice of concat(…, a, …), within one a       slice(a), or a itself where that is all of it
 *
 * stopGradient stays: of two walks over the same states one is told apart from the other by it, so that nothing of the first
 * has to be kept for the second. The last rule undoes what a composite puts together for a kernel's one output, where there is no
 * kernel; what nobody asks for is then not computed.
 */
import { sameShape, type Tensor } from '../tensor/expression.js';
import { reshape, slice } from '../tensor/operations.js';
import { topologicalOrder, type Program } from '../tensor/program.js';

/** The operand of a concat that a box lies in, and where the box begins in it; undefined where it lies in several. */
const partOf = (whole: Tensor & { readonly primitive: 'concat' }, starts: readonly number[], box: Tensor) => {
  const { axis } = whole.attributes;
  const from = starts[axis] ?? 0;
  let begin = 0;
  for (const part of whole.operands) {
    const size = part.shape[axis] ?? 0;
    if (from >= begin && from + (box.shape[axis] ?? 0) <= begin + size)
      return { part, starts: starts.map((start, i) => (i === axis ? start - begin : start)) };
    begin += size;
  }
  return undefined;
};

/** A node, its operands being simple. */
const simple = (node: Tensor): Tensor => {
  const [operand] = node.operands;
  if (operand === undefined) return node;
  if (node.primitive === 'reshape') {
    const [inner = operand] = operand.primitive === 'reshape' ? operand.operands : [operand];
    return inner === operand && !sameShape(inner.shape, node.shape) ? node : reshape(inner, node.shape);
  }
  if (node.primitive === 'slice' && operand.primitive === 'concat') {
    const found = partOf(operand, node.attributes.starts, node);
    if (found !== undefined) return slice(found.part, found.starts, node.shape);
  }
  return node;
};

/** The program of simple nodes. */
export const simplified = (original: Program): Program => {
  const images = new Map<Tensor, Tensor>();
  const image = (node: Tensor): Tensor => images.get(node) ?? node;
  const roots = [...Object.values(original.outputs), ...Object.values(original.carry)];
  for (const node of topologicalOrder(roots)) {
    const operands = node.operands.map(image);
    const same = operands.every((operand, i) => operand === node.operands[i]);
    images.set(node, simple(same ? node : { ...node, operands }));
  }
  const all = (record: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(record).map(([name, node]) => [name, image(node)]));
  return { inputs: original.inputs, outputs: all(original.outputs), carry: all(original.carry) };
};
