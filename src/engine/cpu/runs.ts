/**
 * Runs: neighbouring elementwise steps that are walked together, tile by tile, so that what one step writes the next reads
 * before it has left the cache.
 *
 * Steps of one size are cut alike into rows of the last axis, and rows into stretches. That is right as long as a tile
 * depends on no other tile of the run, see `joins`. What only one run ever sees is never written out: it has room for one
 * tile, which all tiles use in turn.
 */
import { at } from '../../at.js';
import { bytesOf, sizeOf } from '../../tensor/expression.js';
import { coalesce, isContiguous, wholeView } from '../../tensor/view.js';
import { keptSlots, type Plan } from '../plan.js';
import type { Place, Step } from '../step.js';
import { elementwiseKernel, type ElementwiseKernel } from './elementwise-kernels.js';

/** An elementwise step that the kernels can do. */
export interface Elementwise {
  readonly step: Step;
  readonly kernel: ElementwiseKernel;
  readonly size: number;
  /** The length of rows that the operands prescribe; undefined where any stretch will do. */
  readonly inner: number | undefined;
  /** What it reads, and whether tile t of it is tile t of the output. */
  readonly reads: readonly { readonly slot: number; readonly aligned: boolean }[];
}

/** Steps that are done together: a run, or one step of another kind. */
export type Group =
  | { readonly kind: 'run'; readonly run: readonly Elementwise[] }
  | { readonly kind: 'step'; readonly step: Step };

/** The steps of a group. */
export const stepsOf = (group: Group): readonly Step[] =>
  group.kind === 'run' ? group.run.map(({ step }) => step) : [group.step];

const isAligned = ({ view }: Place, size: number): boolean =>
  view.offset === 0 && isContiguous(view) && sizeOf(view.shape) === size;

/** Rows shorter than this cost more in calls than the kernels save. */
const minInner = 16;

/** The step as an elementwise one; undefined where the kernels cannot do it. */
const elementwiseOf = (step: Step): Elementwise | undefined => {
  const { operands, output } = step;
  const kernel = elementwiseKernel(step);
  if (kernel === undefined) return undefined;
  const size = sizeOf(output.shape);
  const { shape, strides } = coalesce([wholeView(output.shape), ...operands.map(({ view }) => view)]);
  const last = shape.length - 1;
  const fits = strides
    .slice(1)
    .every((own) => shape.length === 0 || own[last] === 1 || (own[last] === 0 && kernel.strided));
  if (!fits || (shape.length > 1 && at(shape, last) < minInner)) return undefined;
  return {
    step,
    size,
    kernel,
    inner: shape.length > 1 ? shape[last] : undefined,
    reads: operands.map((operand) => ({ slot: operand.slot, aligned: isAligned(operand, size) })),
  };
};

/** Whether a step may be walked tile by tile with those before it. */
const joins = (run: readonly Elementwise[], next: Elementwise): boolean => {
  const [first] = run;
  if (first === undefined) return true;
  const inner = run.find((step) => step.inner !== undefined)?.inner;
  const { slot: written } = next.step.output;
  return (
    next.size === first.size &&
    (inner === undefined || next.inner === undefined || inner === next.inner) &&
    // What it reads of the run's outputs, it reads tile by tile; what it writes, nobody before reads otherwise.
    next.reads.every(({ slot, aligned }) => aligned || !run.some(({ step }) => step.output.slot === slot)) &&
    run.every(({ reads }) => reads.every(({ slot, aligned }) => aligned || slot !== written))
  );
};

/** Steps in groups, in order. */
export const groupsOf = (steps: readonly Step[]): readonly Group[] => {
  const groups: Group[] = [];
  let run: Elementwise[] = [];
  const finish = (): void => {
    if (run.length > 0) groups.push({ kind: 'run', run });
    run = [];
  };
  for (const step of steps) {
    const elementwise = elementwiseOf(step);
    if (elementwise !== undefined && joins(run, elementwise)) {
      run.push(elementwise);
      continue;
    }
    finish();
    if (elementwise === undefined) groups.push({ kind: 'step', step });
    else run = [elementwise];
  }
  finish();
  return groups;
};

/** Elements of a stretch: a few operands of it stay in the first-level cache. */
export const stretch = 2048;

/** Elements of the longest tile of a run. */
export const tileLength = (run: readonly Elementwise[]): number => {
  const inner = run.find((step) => step.inner !== undefined)?.inner ?? run[0]?.size ?? 0;
  return Math.min(inner, stretch);
};

/** Slots that need room for one tile only, with the byte at which it begins, and the bytes that all such room takes. */
export interface TileSlots {
  readonly offsets: ReadonlyMap<number, number>;
  readonly bytes: number;
}

/** A cache line. */
const alignment = 64;

/** The slots of a plan that one run writes and reads and nobody else sees. Runs are not under way at the same time. */
export const tileSlots = (plan: Plan, groups: readonly Group[]): TileSlots => {
  const seen = new Map<number, Group | undefined>();
  const see = (slot: number, group: Group | undefined): void => {
    seen.set(slot, seen.has(slot) && seen.get(slot) !== group ? undefined : group);
  };
  for (const group of groups)
    for (const { operands, output } of stepsOf(group))
      for (const { slot } of [...operands, output]) see(slot, group);
  for (const slot of keptSlots(plan)) seen.set(slot, undefined);

  const offsets = new Map<number, number>();
  let bytes = 0;
  for (const group of groups) {
    if (group.kind === 'step') continue;
    let end = 0;
    for (const { step } of group.run) {
      const { slot, dtype } = step.output;
      if (seen.get(slot) !== group || offsets.has(slot)) continue;
      offsets.set(slot, end);
      end += Math.ceil((tileLength(group.run) * bytesOf(dtype)) / alignment) * alignment;
    }
    bytes = Math.max(bytes, end);
  }
  return { offsets, bytes };
};
