/** Common subexpressions: nodes of the same primitive, type, attributes and operands are one value. */
import { type Tensor, type TypedArray } from '../tensor/expression.js';

/** A node after common subexpressions were merged, with what planning learns of it. */
export interface Value {
  readonly node: Tensor;
  readonly operands: readonly number[];
  readonly varying: boolean;
}

/** Attributes are flat: names, numbers, and lists of numbers. What is not is written out. */
const keyOf = (attributes: object): string => {
  let key = '';
  for (const value of Object.values(attributes) as unknown[])
    key +=
      typeof value === 'number'
        ? `|${value}`
        : Array.isArray(value)
          ? `[${value.join()}`
          : `|${JSON.stringify(value)}`;
  return key;
};

const attributesKey = (node: Tensor, constants: Map<TypedArray, number>): string => {
  if (node.primitive !== 'constant') return keyOf(node.attributes);
  const { values } = node.attributes;
  if (values.length <= 4)
    return Array.from(values)
      .map((x) => (Object.is(x, -0) ? '-0' : String(x)))
      .join();
  const known = constants.get(values) ?? constants.size;
  constants.set(values, known);
  return `#${known}`;
};

/** Merges structurally equal nodes. Returns the values in order and where each node went. */
export const mergeCommon = (order: readonly Tensor[], carried: ReadonlySet<string>) => {
  const values: Value[] = [];
  const indexOf = new Map<Tensor, number>();
  const byKey = new Map<string, number>();
  const constants = new Map<TypedArray, number>();
  for (const node of order) {
    const operands = node.operands.map((operand) => indexOf.get(operand) ?? -1);
    const key = `${node.primitive}|${node.dtype}|${node.shape.join()}|${operands.join()}|${attributesKey(node, constants)}`;
    const known = byKey.get(key);
    if (known !== undefined) {
      indexOf.set(node, known);
      continue;
    }
    const varying =
      node.primitive === 'input'
        ? carried.has(node.attributes.name)
        : operands.some((operand) => values[operand]?.varying ?? false);
    byKey.set(key, values.length);
    indexOf.set(node, values.length);
    values.push({ node, operands, varying });
  }
  return { values, at: (node: Tensor): number => indexOf.get(node) ?? -1 };
};
