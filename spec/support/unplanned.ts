/**
 * A program's meaning without a plan: every node of the graph is computed once a step, into memory of its own,
 * row-major. Movement is done here by coordinates, not by views; everything else by the primitive's own meaning on the
 * host. What this and an engine disagree on is a fault of planning: memory handed on too early, a view that reads
 * elsewhere, a step hoisted that varies, slots that trade places wrongly.
 */
import { expanded } from '../../src/engine/expanded.js';
import { allocate, sizeOf, type DType, type Tensor, type TypedArray } from '../../src/tensor/expression.js';
import type { HostCall } from '../../src/tensor/primitive.js';
import { primitives } from '../../src/tensor/primitives/index.js';
import { topologicalOrder, type Program } from '../../src/tensor/program.js';
import { wholeView } from '../../src/tensor/view.js';
import { coordinates, position } from './operands.js';

const converted = (values: ArrayLike<number>, dtype: DType): TypedArray => {
  const memory = allocate(dtype, values.length);
  memory.set(values);
  return memory;
};

/** The node's elements picked from its operand's by coordinates. */
const picked = (
  node: Tensor,
  from: TypedArray,
  where: (at: readonly number[]) => readonly number[],
): TypedArray => {
  const [operand] = node.operands;
  const memory = allocate(node.dtype, sizeOf(node.shape));
  for (let i = 0; i < memory.length; i++)
    memory[i] = from[position(operand?.shape ?? [], where(coordinates(node.shape, i)))] ?? NaN;
  return memory;
};

const computed = (node: Tensor, operands: readonly TypedArray[]): TypedArray => {
  const { lowering } = primitives[node.primitive];
  if (lowering.kind !== 'compute' && lowering.kind !== 'pointwise')
    throw new Error(`${node.primitive} is not computed`);
  const data = allocate(node.dtype, sizeOf(node.shape));
  const call = {
    attributes: node.attributes,
    operands: node.operands.map(({ shape, dtype }, i) => ({
      shape,
      dtype,
      view: wholeView(shape),
      data: operands[i],
    })),
    output: { shape: node.shape, dtype: node.dtype, data },
  } as unknown as HostCall<never>;
  (lowering.host as (call: HostCall<never>) => void)(call);
  return data;
};

const evaluated = (
  node: Tensor,
  operands: readonly TypedArray[],
  inputs: Readonly<Record<string, TypedArray>>,
): TypedArray => {
  const [first = new Float32Array(0)] = operands;
  switch (node.primitive) {
    case 'input':
      return converted(inputs[node.attributes.name] ?? [], node.dtype);
    case 'constant':
      return converted(node.attributes.values, node.dtype);
    case 'stopGradient':
    case 'reshape':
      return first.slice();
    case 'transpose': {
      const { permutation } = node.attributes;
      return picked(node, first, (at) => permutation.map((_, axis) => at[permutation.indexOf(axis)] ?? 0));
    }
    case 'broadcast': {
      const own = node.operands[0]?.shape ?? [];
      return picked(node, first, (at) =>
        own.map((size, axis) => (size === 1 ? 0 : (at[at.length - own.length + axis] ?? 0))),
      );
    }
    case 'slice': {
      const { starts } = node.attributes;
      return picked(node, first, (at) => at.map((c, axis) => c + (starts[axis] ?? 0)));
    }
    default:
      return computed(node, operands);
  }
};

/** The values of all outputs after the last step (none where there was no step), and of all carried inputs. */
export interface Meaning {
  readonly outputs: Readonly<Record<string, TypedArray>>;
  readonly carry: Readonly<Record<string, TypedArray>>;
}

/** What a program means. */
export const meaningOf = (
  running: Program,
  inputs: Readonly<Record<string, TypedArray>>,
  steps: number,
): Meaning => {
  const { outputs, carry } = expanded(running, () => false);
  const order = topologicalOrder([...Object.values(outputs), ...Object.values(carry)]);
  let current = inputs;
  let last: Meaning = {
    outputs: {},
    carry: Object.fromEntries(
      Object.entries(carry).map(([name, { dtype }]) => [name, converted(inputs[name] ?? [], dtype)]),
    ),
  };
  for (let step = 0; step < steps; step++) {
    const memory = new Map<Tensor, TypedArray>();
    const valueOf = (node: Tensor): TypedArray => memory.get(node) ?? new Float32Array(0);
    for (const node of order) memory.set(node, evaluated(node, node.operands.map(valueOf), current));
    const all = (record: Readonly<Record<string, Tensor>>) =>
      Object.fromEntries(Object.entries(record).map(([name, node]) => [name, valueOf(node)]));
    last = { outputs: all(outputs), carry: all(carry) };
    current = { ...current, ...last.carry };
  }
  return last;
};
