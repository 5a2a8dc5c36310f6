/** Composites that an engine has no kernel for, replaced by what they mean, before anything is planned. */
import { sizeOf, type Node, type Tensor } from '../tensor/expression.js';
import { topologicalOrder, type Program } from '../tensor/program.js';
import { wholeView } from '../tensor/view.js';

/** A composite in a graph. */
export type CompositeNode = Node<'composite'>;

/** Which composites an engine computes by a kernel. */
export type Keeps = (node: CompositeNode) => boolean;

/** What the kernel of a composite says of it; undefined where it has none for these types. */
const kernelOf = ({ attributes, operands, shape, dtype }: CompositeNode) =>
  attributes.kernel?.({
    attributes,
    operands: operands.map((operand) => ({
      shape: operand.shape,
      dtype: operand.dtype,
      view: wholeView(operand.shape),
    })),
    output: { shape, dtype },
  });

/** Elements of memory that a composite with a kernel needs, its output's and those behind. */
export const elementsOf = (node: CompositeNode): number =>
  sizeOf(node.shape) + (kernelOf(node)?.scratch ?? 0);

/** Keeps the composites whose kernel takes them and whose memory, with that of their operands, is within a bound. */
export const keepsWithin =
  (elements: number): Keeps =>
  (node) =>
    kernelOf(node) !== undefined &&
    elementsOf(node) <= elements &&
    node.operands.every(({ shape }) => sizeOf(shape) <= elements);

/**
 * The program with the composites that are not kept replaced by their meanings, those inside meanings too; by what they have
 * for engines of large operations, where they have it and `wide` is asked for.
 */
export const expanded = (original: Program, keeps: Keeps, wide = false): Program => {
  const images = new Map<Tensor, Tensor>();
  const image = (node: Tensor): Tensor => images.get(node) ?? node;
  const walk = (roots: readonly Tensor[]): void => {
    for (const node of topologicalOrder(roots, images)) {
      const operands = node.operands.map(image);
      const own = operands.every((operand, i) => operand === node.operands[i]) ? node : { ...node, operands };
      if (own.primitive !== 'composite' || keeps(own)) {
        images.set(node, own);
        continue;
      }
      const { meaning: made, wide: madeWide } = own.attributes;
      const meaning = (wide ? (madeWide ?? made) : made)(operands);
      for (const operand of operands) images.set(operand, operand);
      walk([meaning]);
      images.set(node, image(meaning));
    }
  };
  walk([...Object.values(original.outputs), ...Object.values(original.carry)]);
  const all = (record: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(record).map(([name, node]) => [name, image(node)]));
  return { inputs: original.inputs, outputs: all(original.outputs), carry: all(original.carry) };
};
