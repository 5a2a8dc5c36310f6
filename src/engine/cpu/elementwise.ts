/**
 * Elementwise steps on the WebAssembly kernels, a run of neighbouring steps at a time.
 *
 * Steps of one size are cut alike into tiles, rows of the last axis or stretches that stay in the cache, and a run of steps
 * goes tile by tile: what one step writes the next reads before it has left the cache. That is right as long as a tile
 * depends on no other tile of the run, see `joins`.
 */
import { bytesOf, sizeOf } from '../../tensor/expression.js';
import { coalesce, isContiguous, wholeView } from '../../tensor/view.js';
import { startOf, type Located, type LocatedStep } from './located.js';
import type { WasmKernels } from './wasm/exports.js';

/** n elements: output, then each operand with its stride, 0 or 1. */
type Kernel = (
  n: number,
  out: number,
  a: number,
  as: number,
  b: number,
  bs: number,
  c: number,
  cs: number,
) => void;

/** The kernel of a step, undefined where there is none. */
const kernelOf = (k: WasmKernels, { step, operands, output }: LocatedStep): Kernel | undefined => {
  const [first, second] = operands;
  const dtype = first?.dtype;
  const unary =
    (f: (n: number, out: number, a: number) => void): Kernel =>
    (n, out, a) =>
      f(n, out, a);
  switch (`${step.primitive} ${dtype ?? ''}`) {
    case 'neg f32':
      return unary(k.negF32);
    case 'exp f32':
      return unary(k.expF32);
    case 'log f32':
      return unary(k.logF32);
    case 'tanh f32':
      return unary(k.tanhF32);
    case 'sqrt f32':
      return unary(k.sqrtF32);
    case 'reciprocal f32':
      return unary(k.reciprocalF32);
    case 'add f32':
      return k.addF32;
    case 'sub f32':
      return k.subF32;
    case 'mul f32':
      return k.mulF32;
    case 'div f32':
      return k.divF32;
    case 'maximum f32':
      return k.maximumF32;
    case 'less f32':
      return k.lessF32;
    case 'equal f32':
      return k.equalF32;
    case 'less u32':
      return k.lessU32;
    case 'equal u32':
    case 'equal i32':
      return k.equalU32;
    case 'add u32':
    case 'add i32':
      return k.addU32;
    case 'sub u32':
    case 'sub i32':
      return k.subU32;
    case 'mul u32':
    case 'mul i32':
      return k.mulU32;
    case 'div u32':
      return k.divU32;
    case 'select u32':
      return second !== undefined && bytesOf(second.dtype) === 4 ? k.select32 : undefined;
    case 'cast u32':
      return output.dtype === 'f32' ? unary(k.castU32F32) : undefined;
    case 'cast f32':
      return output.dtype === 'u32' ? unary(k.castF32U32) : undefined;
    default:
      return undefined;
  }
};

/** Whether a kernel reads strides: unary ones read every element. */
const repeats = ({ operands }: LocatedStep): boolean => operands.length > 1;

/** An elementwise step ready to be cut into tiles. */
export interface Elementwise {
  readonly located: LocatedStep;
  readonly size: number;
  /** The length of rows that the operands prescribe; undefined where any stretch will do. */
  readonly inner: number | undefined;
  /** What it reads, and whether tile t of it is tile t of the output. */
  readonly reads: readonly { readonly slot: number; readonly aligned: boolean }[];
  readonly writes: number;
  readonly kernel: Kernel;
}

const isAligned = ({ view }: Located, size: number): boolean =>
  view.offset === 0 && isContiguous(view) && sizeOf(view.shape) === size;

/** Rows shorter than this cost more in calls than the kernels save. */
const leastInner = 16;

/** The step as an elementwise one; undefined where the kernels cannot do it. */
export const elementwiseOf = (kernels: WasmKernels, located: LocatedStep): Elementwise | undefined => {
  const { operands, output } = located;
  const kernel = kernelOf(kernels, located);
  if (kernel === undefined) return undefined;
  const size = sizeOf(output.shape);
  const { shape, strides } = coalesce([wholeView(output.shape), ...operands.map(({ view }) => view)]);
  const last = shape.length - 1;
  const fits = strides
    .slice(1)
    .every((own) => shape.length === 0 || own[last] === 1 || (own[last] === 0 && repeats(located)));
  if (!fits || (shape.length > 1 && (shape[last] ?? 0) < leastInner)) return undefined;
  return {
    located,
    size,
    inner: shape.length > 1 ? shape[last] : undefined,
    reads: operands.map((operand) => ({ slot: operand.slot, aligned: isAligned(operand, size) })),
    writes: output.slot,
    kernel,
  };
};

/** Whether a step may be walked tile by tile with those before it. */
export const joins = (run: readonly Elementwise[], next: Elementwise): boolean => {
  const [first] = run;
  if (first === undefined) return true;
  const inner = run.find((step) => step.inner !== undefined)?.inner;
  return (
    next.size === first.size &&
    (inner === undefined || next.inner === undefined || inner === next.inner) &&
    // What it reads of the run's outputs, it reads tile by tile; what it writes, nobody before reads otherwise.
    next.reads.every(({ slot, aligned }) => aligned || !run.some(({ writes }) => writes === slot)) &&
    run.every(({ reads }) => reads.every(({ slot, aligned }) => aligned || slot !== next.writes))
  );
};

/** Elements of a tile where nothing prescribes it: a few operands of it stay in the first-level cache. */
const stretch = 2048;

/** Byte offsets of all rows of an operand from its first element. */
const rowOffsets = (operand: Located, rows: number, inner: number): Int32Array => {
  const bytes = bytesOf(operand.dtype);
  const { shape, strides } = coalesce([operand.view, wholeView(operand.shape)]);
  const [own = []] = strides;
  const offsets = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let at = row * inner;
    let offset = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] ?? 1;
      offset += (at % length) * (own[axis] ?? 0);
      at = Math.floor(at / length);
    }
    offsets[row] = offset * bytes;
  }
  return offsets;
};

/** What a step does to one tile of the run. */
const tileOf = (
  { located, kernel }: Elementwise,
  rows: number,
  inner: number,
  size: number,
): ((tile: number) => void) => {
  const { operands, output } = located;
  const width = bytesOf(output.dtype);
  const stream = (operand: Located | undefined) => {
    if (operand === undefined) return { start: 0, offsets: new Int32Array(rows), stride: 0 };
    const { shape, strides } = coalesce([operand.view, wholeView(operand.shape)]);
    const own = strides[0] ?? [];
    return {
      start: startOf(operand),
      offsets: rowOffsets(operand, rows, inner),
      stride: shape.length === 0 ? 0 : (own[shape.length - 1] ?? 0),
    };
  };
  const [a, b, c] = [stream(operands[0]), stream(operands[1]), stream(operands[2])];
  const out = output.address;
  return (tile) => {
    const from = tile * inner;
    kernel(
      Math.min(inner, size - from),
      out + from * width,
      a.start + (a.offsets[tile] as number),
      a.stride,
      b.start + (b.offsets[tile] as number),
      b.stride,
      c.start + (c.offsets[tile] as number),
      c.stride,
    );
  };
};

/** A run of steps as one action. */
export const runOf = (run: readonly Elementwise[]): (() => void) => {
  const size = run[0]?.size ?? 0;
  const inner = run.find((step) => step.inner !== undefined)?.inner ?? Math.min(stretch, size);
  const rows = Math.ceil(size / inner);
  const tiles = run.map((step) => tileOf(step, rows, inner, size));
  return () => {
    for (let tile = 0; tile < rows; tile++) for (const step of tiles) step(tile);
  };
};
