/**
 * Products as dispatches, by the class of the shape and never by the shape itself: matmul-blocks.wgsl, 8×8 or 8×16 outputs
 * a thread; matmul.wgsl, 4×4 or 1×4 where those would be cut off; matmul-long.wgsl, a workgroup for 4×4 outputs where the sum
 * is long and outputs are few.
 */
import type { Dispatch, KernelCall, OperandView } from '../../../tensor/primitive.js';
import { crossovers } from './crossovers.js';

/** One operand as the kernels walk it: strides of the batch, of the axis that the output keeps, and of the sum. */
interface Walk {
  readonly operand: number;
  /** The size of the axis that is kept. */
  readonly size: number;
  readonly strides: readonly [batch: number, kept: number, summed: number];
  readonly offset: number;
  /** The output's stride along the axis that is kept. */
  readonly written: number;
}

const walkOf = (operand: number, { view }: OperandView, kept: 1 | 2, written: number): Walk => {
  // The stride of an axis of size one is never walked, so that it may as well be zero.
  const [batch = 0, along = 0, summed = 0] = [0, kept, 3 - kept].map((axis) =>
    view.shape[axis] === 1 ? 0 : view.strides[axis],
  );
  return {
    operand,
    size: view.shape[kept] ?? NaN,
    strides: [batch, along, summed],
    offset: view.offset,
    written,
  };
};

/**
 * Whether elements along the kept axis lie in fours: next to each other, and each four where a vector may begin. The
 * last four may be cut off, for engines make memory in whole fours.
 */
const isDense = ({ strides: [batch, kept, summed], offset }: Walk): boolean =>
  kept === 1 && [batch, summed, offset].every((words) => words % 4 === 0);

/**
 * Which kernel, on which side each operand, and how many threads. As C^T = B^T A^T, either operand may be the right
 * one, whose columns are the faster to read.
 */
export const matmul = ({ operands: [a, b], output }: KernelCall<'matmul'>): readonly Dispatch[] => {
  if (a === undefined || b === undefined) return [];
  const [batch = 0, m = 0, n = 0] = output.shape;
  const k = a.shape[2] ?? NaN;
  const sides = [walkOf(0, a, 1, n), walkOf(1, b, 2, 1)] as const;
  const swapped = [sides[1], sides[0]] as const;
  const blocks = ([left, right]: typeof sides, height: number, width: number): number =>
    batch * Math.ceil(left.size / height) * Math.ceil(right.size / width);
  const dispatch = (
    kernel: string,
    constants: Dispatch['constants'],
    [left, right]: typeof sides,
    threads: number,
  ): Dispatch => ({
    kernel,
    constants,
    uniforms: [
      ...[batch, left.size, k, right.size],
      ...[...left.strides, left.offset],
      ...[...right.strides, right.offset],
      ...[m * n, left.written, right.written, 0],
    ],
    operands: [left.operand, right.operand],
    threads,
    workgroupSize: 64,
  });

  const small = blocks(sides, 4, 4);
  if (k >= crossovers.longSum && small <= k / crossovers.termsABlock)
    return [dispatch('matmul-long', {}, sides, 64 * small)];
  if (m === 1 || n === 1) {
    const thin = m === 1 ? sides : swapped;
    return [dispatch('matmul', { THIN: 1 }, thin, blocks(thin, 1, 4))];
  }
  const turned = isDense(sides[0]) && !isDense(sides[1]) ? swapped : sides;
  const dense = isDense(turned[1]) ? 1 : 0;
  // Large blocks where there are many and they compute at most a quarter more than small ones.
  const pays = (width: 8 | 16, many: number): boolean => {
    const large = blocks(turned, 8, width);
    return large >= many && large * width * 8 <= crossovers.pastEdges * small * 16;
  };
  if (pays(16, crossovers.wideBlocks))
    return [dispatch('matmul-blocks', { WIDE: 1, DENSE: dense }, turned, blocks(turned, 8, 16))];
  if (pays(8, crossovers.blocks))
    return [dispatch('matmul-blocks', { WIDE: 0, DENSE: dense }, turned, blocks(turned, 8, 8))];
  return [dispatch('matmul', { THIN: 0 }, sides, small)];
};
