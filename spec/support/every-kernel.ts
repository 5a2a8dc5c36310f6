/**
 * Every kernel of the CPU engine by its name, each f(sizes, places in memory): kernels/cpu/every.ts, compiled for the specs.
 *
 * All arguments are 32-bit integers. `out`, `a`, `b`, … are byte offsets into the memory with which the kernels were
 * instantiated, at multiples of the element's size; n, rows, strides count elements. The strides `as`, `bs`, `ms` are
 * 0 (one element, repeated) or 1. Matrices are row-major unless strides say otherwise. `out` overlaps no operand,
 * except that an elementwise kernel may write over an operand of stride 1 that starts where `out` does. Nothing is
 * read or written outside of the operands, `out` and `scratch`, and nothing is checked.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { WasmKernels } from '../../src/engine/cpu/wasm/exports.js';
import type { WasmMemory } from '../../src/web-assembly.js';

/** out[i] = f(a[i as], b[i bs]) for i < n. */
export type BinaryKernel = (n: number, out: number, a: number, as: number, b: number, bs: number) => void;

/** out[i] = f(a[i]) for i < n. */
export type UnaryKernel = (n: number, out: number, a: number) => void;

/** A reduction of a matrix a[rows, n] whose rows start rowStride elements apart. */
export type ReductionKernel = (rows: number, n: number, out: number, a: number, rowStride: number) => void;

/** out[i] = a[i aStride] for i < n, the stride any count of elements. */
export type CopyKernel = (n: number, out: number, a: number, aStride: number) => void;

/**
 * out[m,n] = Σ_p a[i aRow + p aCol] b[p bRow + j bCol], strides in elements, any. Sums run over blocks of at most 256 terms of
 * k. `scratch` is as large as `productScratch` (src/engine/cpu/products.ts) says. With `adds` 1 the product is added to what
 * out holds.
 */
export type MatmulKernel = (
  out: number,
  a: number,
  aRow: number,
  aCol: number,
  b: number,
  bRow: number,
  bCol: number,
  m: number,
  k: number,
  n: number,
  scratch: number,
  adds: number,
) => void;

/** The kernels, bound to one memory. None of them fails. */
export interface EveryKernel extends WasmKernels {
  readonly matmulF32: MatmulKernel;
  readonly matmulF64: MatmulKernel;

  /** a + b. */
  readonly addF32: BinaryKernel;
  readonly addF64: BinaryKernel;
  /** a + b modulo 2^32; so are i32 added. */
  readonly addU32: BinaryKernel;
  /** a − b. */
  readonly subF32: BinaryKernel;
  readonly subF64: BinaryKernel;
  /** a − b modulo 2^32; so are i32 subtracted. */
  readonly subU32: BinaryKernel;
  /** a b. */
  readonly mulF32: BinaryKernel;
  readonly mulF64: BinaryKernel;
  /** a b modulo 2^32; so are i32 multiplied. */
  readonly mulU32: BinaryKernel;
  /** a / b. */
  readonly divF32: BinaryKernel;
  readonly divF64: BinaryKernel;
  /** a / b truncated; a where b is 0. */
  readonly divU32: BinaryKernel;
  /** a > b ? a : b. */
  readonly maximumF32: BinaryKernel;
  readonly maximumF64: BinaryKernel;
  /** a < b as u32 1 or 0. */
  readonly lessF32: BinaryKernel;
  readonly lessF64: BinaryKernel;
  readonly lessU32: BinaryKernel;
  /** a = b as u32 1 or 0. */
  readonly equalF32: BinaryKernel;
  readonly equalF64: BinaryKernel;
  readonly equalU32: BinaryKernel;
  /** mask[i ms] ≠ 0 ? a[i as] : b[i bs], elements of any 32-bit dtype, the mask u32. */
  readonly select32: (
    n: number,
    out: number,
    mask: number,
    ms: number,
    a: number,
    as: number,
    b: number,
    bs: number,
  ) => void;

  /** −a. */
  readonly negF32: UnaryKernel;
  readonly negF64: UnaryKernel;
  /** √a. */
  readonly sqrtF32: UnaryKernel;
  readonly sqrtF64: UnaryKernel;
  /** 1/a. */
  readonly reciprocalF32: UnaryKernel;
  readonly reciprocalF64: UnaryKernel;
  /** e^a, to 2 units in the last place; Infinity above 88.73, 0 below −103.98. */
  readonly expF32: UnaryKernel;
  /** ln a, to 2 units in the last place, subnormals included; −Infinity at 0 and NaN below. */
  readonly logF32: UnaryKernel;
  /** tanh a, to 2 units in the last place. */
  readonly tanhF32: UnaryKernel;
  /** u32 as f32, rounded to nearest. */
  readonly castU32F32: UnaryKernel;
  /** f32 truncated to u32; out of range the nearest u32, 0 for NaN. */
  readonly castF32U32: UnaryKernel;
  /** i32 as f32, rounded to nearest. */
  readonly castI32F32: UnaryKernel;
  /** f32 truncated to i32; out of range the nearest i32, 0 for NaN. */
  readonly castF32I32: UnaryKernel;
  /** Elements of 4 bytes. */
  readonly copy32: CopyKernel;
  /** Elements of 8 bytes. */
  readonly copy64: CopyKernel;

  /** out[i] = Σ_j a[i, j], summed in 64 bits and rounded once. */
  readonly sumRowsF32: ReductionKernel;
  /** out[j] = Σ_i a[i, j], summed in 64 bits and rounded once. */
  readonly sumColumnsF32: ReductionKernel;
  /** out[i] = max_j a[i, j]; NaN is passed over, −Infinity of nothing. */
  readonly maxRowsF32: ReductionKernel;
  /** out[i], u32: the first j where a[i, j] is largest. */
  readonly argmaxRowsF32: ReductionKernel;

  /** Threefry-2x32-20 of (counters[2i], counters[2i + 1]) under the key (k0, k1), for i < blocks. */
  readonly threefry: (blocks: number, out: number, counters: number, k0: number, k1: number) => void;
}

interface Source {
  readonly file: string;
  readonly text: string;
}
interface Compiler {
  readonly compile: (sources: readonly Source[], entry: string) => Promise<Uint8Array>;
}

const folder = new URL('../../../kernels/', import.meta.url);

/** All kernels over a memory. */
export const everyKernel = async (memory: WasmMemory): Promise<EveryKernel> => {
  const { compile } = (await import(new URL('compile.mjs', folder).href)) as Compiler;
  const sources = readdirSync(new URL('cpu/', folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(new URL(`cpu/${file}`, folder), 'utf8') }));
  const { WebAssembly: wasm } = globalThis as unknown as {
    readonly WebAssembly: {
      readonly instantiate: (
        bytes: Uint8Array,
        imports: object,
      ) => Promise<{ readonly instance: { readonly exports: EveryKernel } }>;
    };
  };
  const { instance } = await wasm.instantiate(await compile(sources, 'every.ts'), { env: { memory } });
  return instance.exports;
};
