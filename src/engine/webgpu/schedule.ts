/**
 * From a plan to dispatches: which kernel runs on which slots, in which order. Pure; the device comes in later
 * (src/engine/webgpu/recording.ts).
 */
import { misuse, type DType } from '../../tensor/expression.js';
import type { Dispatch, KernelCall } from '../../tensor/primitive.js';
import { topologicalOrder, type Program } from '../../tensor/program.js';
import type { Plan, Step } from '../plan.js';
import { codeOf, type Product } from './chain-code.js';
import { pointwiseOf } from './pointwise-step.js';
import { dispatches } from './dispatches/index.js';

/** A dispatch on slots. */
export interface Work {
  readonly dispatch: Dispatch;
  /** What is to be put behind the kernel's text. */
  readonly text?: string;
  /** Whether that calls functions of kernels/pointwise.wgsl, and the kernel is another. */
  readonly calls?: true;
  readonly reads: readonly number[];
  readonly writes: readonly Step['output'][];
}

/** The element types that WGSL has. */
export const dtypes: readonly DType[] = ['f32', 'u32', 'i32'];

/** Throws a TypeError where a program computes in an element type that WGSL does not have. */
export const requireDtypes = (program: Program): void => {
  const roots = [...Object.values(program.outputs), ...Object.values(program.carry)];
  const wrong = topologicalOrder(roots).find(({ dtype }) => !dtypes.includes(dtype));
  if (wrong !== undefined)
    throw misuse(
      `load: webgpu: ${wrong.primitive}`,
      [wrong],
      `the engine has no ${wrong.dtype}; use the cpu engine, or withPrecision('f32', program)`,
    );
};

const worksOf = (step: Step, dispatches: readonly Dispatch[]): readonly Work[] =>
  dispatches.map((dispatch) => ({
    dispatch,
    reads: dispatch.operands.map((operand) => step.operands[operand]?.slot ?? -1),
    writes: [step.output],
  }));

/** What the table says of a step: the plan pairs each primitive with its own attributes. */
const dispatchesOf = (step: Step): readonly Dispatch[] => {
  const own = dispatches[step.primitive as keyof typeof dispatches] as (
    call: KernelCall<never>,
  ) => readonly Dispatch[];
  return own(step as unknown as KernelCall<never>);
};

/** A product without its epilogue; undefined of other steps. */
export const productOf = (step: Step): Product | undefined => {
  const [dispatch] = step.primitive === 'matmul' ? dispatchesOf(step) : [];
  return dispatch === undefined ? undefined : { dispatch, slot: step.output.slot };
};

const workOf = (step: Step): readonly Work[] => {
  const point = step.primitive in dispatches ? undefined : pointwiseOf(step);
  if (point !== undefined) {
    const reads = [...new Set(step.operands.map(({ slot }) => slot))];
    const code = codeOf([point], reads, [step.output.slot], () => undefined);
    return [{ ...code, reads, writes: [step.output] }];
  }
  if (!(step.primitive in dispatches)) throw new TypeError(`webgpu: ${step.primitive} is no step`);
  const product = productOf(step);
  const writes = [step.output.slot];
  return worksOf(step, dispatchesOf(step)).map((work) =>
    product === undefined ? work : { ...work, ...codeOf([], [], writes, () => undefined, product) },
  );
};

/** The dispatches of steps, in order. */
export const scheduleOf = (steps: readonly Step[]): readonly Work[] => steps.flatMap(workOf);

const largestExtent = 65_535; // maxComputeWorkgroupsPerDimension, which every adapter has

/** Workgroups along x and y for so many threads: one row where they fit, else rows of nearly equal length. */
export const workgroupsOf = ({ threads, workgroupSize }: Dispatch): readonly [number, number] => {
  const groups = Math.ceil(threads / workgroupSize);
  const rows = Math.ceil(groups / largestExtent);
  return [Math.ceil(groups / rows), rows];
};

/** The names of the inputs that the prologue depends on: whatever does so through other steps, one of them reads it. */
export const prologueInputs = ({ prologue, inputs }: Plan): ReadonlySet<string> => {
  const read = new Set(prologue.flatMap(({ operands }) => operands.map(({ slot }) => slot)));
  return new Set(Object.keys(inputs).filter((name) => read.has(inputs[name]?.slot ?? -1)));
};
