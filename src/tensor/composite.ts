/**
 * Composites: operations with a meaning in the language itself and, where it pays, a kernel of their own.
 *
 *   composite(of, operands) = of.meaning(operands)
 *
 * The meaning is the one definition: derivatives go through it, and an engine without a kernel computes it instead. A
 * kernel is another way to the same value, held against the meaning by the specs. The idea is that of StableHLO's
 * `composite` operation with its decomposition.
 */
import type { Tensor } from './expression.js';
import type { Dispatch, KernelCall } from './primitive.js';

/** What a kernel of a composite does. */
export interface CompositeKernel {
  readonly dispatches: readonly Dispatch[];
  /** Elements right behind the output's own that the dispatches use as memory; none if left out. */
  readonly scratch?: number;
}

/** An operation made of others. */
export interface Composite {
  readonly name: string;
  /** What its meaning and its kernel depend on besides the operands, as JSON: with the name it tells composites apart. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Its value. Float operands may be f32 or f64, and the value must follow them. */
  readonly meaning: (operands: readonly Tensor[]) => Tensor;
  /**
   * The same value in fewer and larger operations, for engines to which an operation costs more than the memory between two
   * does: of what a kernel gave with one operand, say, that the meaning makes anew from the others.
   */
  readonly wide?: (operands: readonly Tensor[]) => Tensor;
  /**
   * Its dispatches, operands row-major from their views' offsets; undefined where these types are better off by the
   * meaning. Which it is may depend on types alone, not on offsets.
   */
  readonly kernel?: (call: KernelCall<'composite'>) => CompositeKernel | undefined;
  /** Cotangents of the operands, where they are to be had in a better way than through the meaning. */
  readonly pullback?: (operands: readonly Tensor[], cotangent: Tensor) => readonly (Tensor | undefined)[];
}
