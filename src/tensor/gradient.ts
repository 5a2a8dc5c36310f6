/**
 * Reverse-mode derivatives, graph to graph: the gradient of a scalar is again a set of expressions, so it can be
 * derived again, put into an optimiser's step, or printed.
 */
import { isFloat, misuse, type PrimitiveName, type Tensor } from './expression.js';
import { derivatives, zerosLike, type Derivative, type Pullback } from './derivatives.js';
import { add, filled } from './operations.js';
import { topologicalOrder } from './program.js';

/** What no derivative goes through: no need to look behind it. */
const constants = {
  has: ({ primitive, dtype }: Tensor): boolean => primitive === 'stopGradient' || !isFloat(dtype),
};

/** The targets, and nodes of the order from which one of them can be reached: only they need cotangents. */
const reaching = (order: readonly Tensor[], targets: readonly Tensor[]): ReadonlySet<Tensor> => {
  const found = new Set(targets);
  for (const node of order) if (node.operands.some((operand) => found.has(operand))) found.add(node);
  return found;
};

/** Cotangents of `targets` for given cotangents of `outputs`; undefined where no output depends on a target. */
export const cotangentsOf: Pullback = (outputs, cotangents, targets) => {
  const order = topologicalOrder(outputs, constants);
  const needed = reaching(order, targets);
  const gathered = new Map<Tensor, Tensor>();
  const give = (node: Tensor, cotangent: Tensor): void => {
    const known = gathered.get(node);
    gathered.set(node, known === undefined ? cotangent : add(known, cotangent));
  };
  outputs.forEach((output, i) => {
    const cotangent = cotangents[i];
    if (cotangent !== undefined) give(output, cotangent);
  });
  for (const node of [...order].reverse()) {
    const cotangent = gathered.get(node);
    if (cotangent === undefined || !needed.has(node)) continue;
    const rule = derivatives[node.primitive] as Derivative<PrimitiveName>;
    const [a, b, c] = node.operands;
    // Rules read only as many operands as their primitive has.
    const operands = [a, b, c] as unknown as readonly [Tensor, Tensor, Tensor];
    rule(node, cotangent, operands, node, cotangentsOf).forEach((share, i) => {
      const operand = node.operands[i];
      if (share !== undefined && operand !== undefined && needed.has(operand)) give(operand, share);
    });
  }
  return targets.map((target) => gathered.get(target));
};

/** As many tensors as there are targets. */
export type Each<Targets extends readonly Tensor[]> = { readonly [I in keyof Targets]: Tensor };

/** Cotangents of `targets` for given cotangents of `outputs` (the vector–Jacobian product), each like its target. */
export const pullback = <const Targets extends readonly Tensor[]>(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  targets: Targets,
): Each<Targets> =>
  cotangentsOf(outputs, cotangents, targets).map(
    (share, i) => share ?? zerosLike(targets[i] as Tensor),
  ) as readonly Tensor[] as Each<Targets>;

/**
 * The gradient of a scalar with respect to some nodes of its graph, each of its node's shape; zeros where the scalar
 * does not depend on it. Throws a TypeError where `loss` is no scalar of floats.
 */
export const gradient = <const Targets extends readonly Tensor[]>(
  loss: Tensor,
  targets: Targets,
): Each<Targets> => {
  if (loss.shape.length !== 0 || !isFloat(loss.dtype))
    throw misuse('gradient', [loss], 'the gradient is of a scalar of floats; sum it first');
  return pullback([loss], [filled(1, loss.dtype, [])], targets);
};
