/**
 * The constructors: one function a primitive. Elementwise ones take numbers for scalars and repeat axes of size one
 * (NumPy's broadcasting rule) by explicit `broadcast` nodes. All throw a TypeError on misuse, naming shapes and fix.
 * NaN in gives NaN out; primitives/elementwise.ts has the whole rule.
 */
import {
  allocate,
  isFloat,
  misuse,
  sameShape,
  sizeOf,
  type Attributes,
  type DType,
  type PrimitiveName,
  type Shape,
  type Tensor,
  type TensorType,
  type TypedArray,
} from './expression.js';
import type { Composite } from './composite.js';
import { primitives } from './primitives/index.js';
import type { Primitive } from './primitive.js';

/** A node of any primitive; the named constructors below are what people use. */
export const apply = <K extends PrimitiveName>(
  name: K,
  operands: readonly Tensor[],
  attributes: Attributes[K],
  wanted?: TensorType,
): Tensor => {
  const primitive = primitives[name] as unknown as Primitive<K>;
  const { shape, dtype } = primitive.type(operands, attributes, wanted);
  // The union of nodes by name is what K stands for.
  return { primitive: name, operands, attributes, shape, dtype } as unknown as Tensor;
};

/** A tensor, or a number standing for a scalar of the other operand's dtype. */
export type Operand = Tensor | number;

/** A value that the program is given by name. */
export const input = (name: string, dtype: DType, shape: Shape): Tensor =>
  apply('input', [], { name }, { shape, dtype });

/**
 * A value that the program holds, row-major. The values are copied; floats are kept in 64 bits until an engine has them.
 * Throws a TypeError for numbers that an integer dtype does not have.
 */
export const constant = (values: TypedArray | readonly number[], dtype: DType, shape: Shape): Tensor => {
  if (!isFloat(dtype)) {
    const wrong = values.find((value) => !holds(dtype, value));
    if (wrong !== undefined)
      throw misuse(
        'constant',
        [{ dtype, shape }],
        `${wrong} is no number of ${dtype}; make the constant f32`,
      );
  }
  const memory = allocate(isFloat(dtype) ? 'f64' : dtype, values.length);
  memory.set(values);
  return apply('constant', [], { values: memory }, { shape, dtype });
};

/** A scalar constant. */
export const scalar = (value: number, dtype: DType): Tensor => constant([value], dtype, []);

/** One number everywhere; costs no memory. */
export const filled = (value: number, dtype: DType, shape: Shape): Tensor =>
  broadcast(scalar(value, dtype), shape);

/** Each element its coordinate along `axis`. */
export const iota = (dtype: DType, shape: Shape, axis: number): Tensor => {
  const whole = apply('iota', [], { axis }, { shape, dtype });
  // One row of it, repeated: no memory for the rest.
  const row = shape.map((size, own) => (own === axis ? size : 1));
  return sameShape(row, shape) ? whole : broadcast(apply('iota', [], { axis }, { shape: row, dtype }), shape);
};

/** The operand repeated to a larger shape. */
export const broadcast = (a: Tensor, shape: Shape): Tensor =>
  sameShape(a.shape, shape) ? a : apply('broadcast', [a], {}, { shape, dtype: a.dtype });

/** The shape of two operands together under NumPy's rule; undefined where they do not fit. */
const commonShape = (a: Shape, b: Shape): Shape | undefined => {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(Math.max(x, y));
  }
  return shape;
};

/** Whether a number is one of a dtype's: floats round, integers must not. */
const holds = (dtype: DType, value: number): boolean =>
  dtype === 'u32' ? value === value >>> 0 : dtype === 'i32' ? value === (value | 0) : true;

const lift = (name: PrimitiveName, a: Operand, like: TensorType): Tensor => {
  if (typeof a !== 'number') return a;
  if (!holds(like.dtype, a))
    throw misuse(name, [like], `${a} is no number of ${like.dtype}; cast the tensor to f32 first`);
  return scalar(a, like.dtype);
};

const pair = (name: PrimitiveName, a: Operand, b: Operand): readonly [Tensor, Tensor] => {
  const like = typeof a === 'number' ? b : a;
  if (typeof like === 'number') throw misuse(name, [], 'at least one operand must be a tensor');
  const x = lift(name, a, like);
  const y = lift(name, b, like);
  const shape = commonShape(x.shape, y.shape);
  if (shape === undefined)
    throw misuse(
      name,
      [x, y],
      'the shapes do not fit: axes are matched from the last, and only those of size 1 repeat',
    );
  return [broadcast(x, shape), broadcast(y, shape)];
};

/** −a. */
export const neg = (a: Tensor): Tensor => apply('neg', [a], {});
/** e^a. */
export const exp = (a: Tensor): Tensor => apply('exp', [a], {});
/** Natural logarithm: −∞ at 0, NaN below. */
export const log = (a: Tensor): Tensor => apply('log', [a], {});
/** Hyperbolic tangent. */
export const tanh = (a: Tensor): Tensor => apply('tanh', [a], {});
/** Square root, NaN below 0. Its derivative at 0 is infinite; src/tensor/derived/norm.ts has a norm whose is not. */
export const sqrt = (a: Tensor): Tensor => apply('sqrt', [a], {});
/** 1/a. */
export const reciprocal = (a: Tensor): Tensor => apply('reciprocal', [a], {});
/** Sine of an angle in radians. */
export const sin = (a: Tensor): Tensor => apply('sin', [a], {});
/** a + b. */
export const add = (a: Operand, b: Operand): Tensor => apply('add', pair('add', a, b), {});
/** a − b. */
export const sub = (a: Operand, b: Operand): Tensor => apply('sub', pair('sub', a, b), {});
/** a b. */
export const mul = (a: Operand, b: Operand): Tensor => apply('mul', pair('mul', a, b), {});
/** a / b. */
export const div = (a: Operand, b: Operand): Tensor => apply('div', pair('div', a, b), {});
/** The larger of a and b, NaN where one is. The derivative goes to b where they are equal. */
export const maximum = (a: Operand, b: Operand): Tensor => apply('maximum', pair('maximum', a, b), {});
/** The mask a < b (u32); 0 where one is NaN. */
export const less = (a: Operand, b: Operand): Tensor => apply('less', pair('less', a, b), {});
/** The mask a = b (u32); 0 where one is NaN. */
export const equal = (a: Operand, b: Operand): Tensor => apply('equal', pair('equal', a, b), {});

/** a where the mask (u32) is not zero, b elsewhere; all three are broadcast to one shape. */
export const select = (mask: Tensor, a: Operand, b: Operand): Tensor => {
  const [x, y] = pair('select', a, b);
  const shape = commonShape(mask.shape, x.shape);
  if (shape === undefined) throw misuse('select', [mask, x, y], 'the mask does not fit; broadcast it first');
  return apply('select', [broadcast(mask, shape), broadcast(x, shape), broadcast(y, shape)], {});
};

/** The operand in another dtype. Floats become integers towards zero, at the nearest end beyond the range, and NaN becomes 0. */
export const cast = (a: Tensor, dtype: DType): Tensor =>
  a.dtype === dtype ? a : apply('cast', [a], {}, { shape: a.shape, dtype });

/** The operand, without a derivative. */
export const stopGradient = (a: Tensor): Tensor => apply('stopGradient', [a], {});

/** The elements in row-major order under another shape. */
export const reshape = (a: Tensor, shape: Shape): Tensor =>
  sameShape(a.shape, shape) ? a : apply('reshape', [a], {}, { shape, dtype: a.dtype });

/** Axis i of the result is axis permutation[i]; without a permutation the last two axes trade places. */
export const transpose = (a: Tensor, permutation?: readonly number[]): Tensor => {
  const rank = a.shape.length;
  const swapped = a.shape.map((_, axis) =>
    axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
  );
  return apply('transpose', [a], { permutation: permutation ?? swapped });
};

/** The box of shape `shape` that begins at `starts`. */
export const slice = (a: Tensor, starts: readonly number[], shape: Shape): Tensor =>
  sameShape(a.shape, shape) ? a : apply('slice', [a], { starts }, { shape, dtype: a.dtype });

/** The operand inside zeros of shape `shape`, beginning at `before`. */
export const pad = (a: Tensor, before: readonly number[], shape: Shape): Tensor =>
  sameShape(a.shape, shape) ? a : apply('pad', [a], { before }, { shape, dtype: a.dtype });

/** Operands one after another along an axis. */
export const concat = (operands: readonly Tensor[], axis: number): Tensor => {
  const [first] = operands;
  return operands.length === 1 && first !== undefined ? first : apply('concat', operands, { axis });
};

const everyAxis = (a: Tensor): readonly number[] => a.shape.map((_, axis) => axis);

/** Σ over the axes, which disappear; all of them by default. */
export const sum = (a: Tensor, axes: readonly number[] = everyAxis(a)): Tensor =>
  axes.length === 0 ? a : apply('sum', [a], { axes });

/** The largest over the axes, which disappear; all of them by default. NaN where one is. Ties share the derivative. */
export const max = (a: Tensor, axes: readonly number[] = everyAxis(a)): Tensor =>
  axes.length === 0 ? a : apply('max', [a], { axes });

/** The first position of the largest along one axis (u32), or of the first NaN. */
export const argmax = (a: Tensor, axis: number): Tensor => apply('argmax', [a], { axes: [axis] });

/**
 * The matrix product over the last two axes. Leading axes are batches: equal, or missing on one side, which is then
 * shared. [..., m, k] × [..., k, n] → [..., m, n].
 */
export const matmul = (a: Tensor, b: Tensor): Tensor => {
  if (a.shape.length < 2 || b.shape.length < 2)
    throw misuse('matmul', [a, b], 'both operands need two axes at least');
  const lead = a.shape.length >= b.shape.length ? a.shape.slice(0, -2) : b.shape.slice(0, -2);
  const [m, k] = a.shape.slice(-2) as [number, number];
  const [depth, n] = b.shape.slice(-2) as [number, number];
  const alike = [a, b].every(({ shape }) => {
    const own = shape.slice(0, -2);
    return sizeOf(own) === 1 || sameShape(own, lead);
  });
  if (!alike)
    throw misuse('matmul', [a, b], 'the leading axes differ; they must be equal, or missing on one side');
  // Rows of a batch that share one matrix are rows of one product.
  if (b.shape.length === 2 && a.shape.length > 2) {
    const rows = reshape(a, [1, sizeOf(lead) * m, k]);
    return reshape(apply('matmul', [rows, reshape(b, [1, depth, n])], {}), [...lead, m, n]);
  }
  const batch = sizeOf(lead);
  const stacked = (x: Tensor): Tensor => {
    const own = sizeOf(x.shape.slice(0, -2));
    const matrices = reshape(x, [own, ...x.shape.slice(-2)]);
    return own === 1 ? broadcast(matrices, [batch, ...x.shape.slice(-2)]) : matrices;
  };
  return reshape(apply('matmul', [stacked(a), stacked(b)], {}), [...lead, m, n]);
};

/** Rows of a table [rows, …] by indices (u32) of any shape; an index outside gives zeros. */
export const gather = (table: Tensor, indices: Tensor): Tensor => apply('gather', [table, indices], {});

/** Sums of updates by row index: updates [indices' axes, …] → [rows, …]. */
export const scatterAdd = (updates: Tensor, indices: Tensor, rows: number): Tensor =>
  apply('scatterAdd', [updates, indices], {}, { shape: [rows], dtype: updates.dtype });

/** The lower Cholesky factor of symmetric positive definite matrices [..., n, n]; only lower triangles are read. */
export const cholesky = (a: Tensor): Tensor => apply('cholesky', [a], {});

/** X of L X = B, or of Lᵀ X = B: L [..., n, n] lower triangular, B [..., n, m]. */
export const triangularSolve = (l: Tensor, b: Tensor, transposed = false): Tensor =>
  apply('triangularSolve', [l, b], { transpose: transposed });

/** Blocks of Threefry-2x32: key u32[2], counters u32[n, 2] → u32[n, 2]. */
export const threefry = (key: Tensor, counters: Tensor): Tensor => apply('threefry', [key, counters], {});

/** An operation made of others, of the type of its meaning; throws what its meaning throws. */
export const composite = (of: Composite, operands: readonly Tensor[]): Tensor => {
  const { shape, dtype } = of.meaning(operands);
  return apply('composite', operands, of, { shape, dtype });
};
