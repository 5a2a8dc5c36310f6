/** Printing expressions and programs for people: numbered lines, or a Graphviz drawing. */
import { showType, type Tensor } from './expression.js';
import { topologicalOrder, type Program } from './program.js';

const attributeText = (node: Tensor): string => {
  switch (node.primitive) {
    case 'input':
      return ` '${node.attributes.name}'`;
    case 'constant': {
      const { values } = node.attributes;
      const head = Array.from(values.subarray(0, 4)).map((x) => Number(x.toPrecision(6)));
      return ` ${head.join(' ')}${values.length > 4 ? ' …' : ''}`;
    }
    case 'composite': {
      const { name, settings } = node.attributes;
      const entries = Object.entries(settings);
      return ` '${name}'${entries.map(([key, value]) => ` ${key}=${JSON.stringify(value)}`).join('')}`;
    }
    default: {
      const entries = Object.entries(node.attributes as Record<string, unknown>);
      return entries.map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join('');
    }
  }
};

const numbered = (roots: readonly Tensor[]) => {
  const order = topologicalOrder(roots);
  return { order, number: new Map(order.map((node, i) => [node, i])) };
};

const lines = (
  roots: readonly Tensor[],
): { text: readonly string[]; number: ReadonlyMap<Tensor, number> } => {
  const { order, number } = numbered(roots);
  const text = order.map((node, i) => {
    const operands = node.operands.map((operand) => ` %${number.get(operand) ?? '?'}`).join('');
    return `%${i} = ${node.primitive}${operands}${attributeText(node)} : ${showType(node)}`;
  });
  return { text, number };
};

/** An expression as text, a node a line: `%2 = add %0 %1 : f32[3]`. */
export const show = (root: Tensor): string => lines([root]).text.join('\n');

/** A program as text: the nodes, then its outputs and what it carries. */
export const showProgram = ({ outputs, carry }: Program): string => {
  const { text, number } = lines([...Object.values(outputs), ...Object.values(carry)]);
  const names = (record: Readonly<Record<string, Tensor>>, verb: string) =>
    Object.entries(record).map(([name, node]) => `${verb} ${name} = %${number.get(node) ?? '?'}`);
  return [...text, ...names(outputs, 'output'), ...names(carry, 'carry')].join('\n');
};

/** An expression or several as a Graphviz digraph. */
export const showDot = (roots: readonly Tensor[]): string => {
  const { order, number } = numbered(roots);
  const nodes = order.map((node, i) => {
    const label = `${node.primitive}${attributeText(node)}\\n${showType(node)}`.replaceAll('"', "'");
    return `  n${i} [shape=box, label="${label}"];`;
  });
  const edges = order.flatMap((node, i) =>
    node.operands.map((operand) => `  n${number.get(operand) ?? NaN} -> n${i};`),
  );
  return ['digraph expression {', ...nodes, ...edges, '}'].join('\n');
};
