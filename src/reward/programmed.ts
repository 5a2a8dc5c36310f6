/**
 * A reward from one expression. What engines compute while a policy trains is computed on the host too, in f64: by the same
 * expression, one program for each size of batch,
 *
 *   U(B)                   of one batch
 *   U(s + n) − U(s)        of s with each point n: N batches side by side
 */
import { programAtOnce } from '../engine/cpu/index.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { requirePoint } from '../misuse.js';
import type { Posterior } from '../surrogate/posterior.js';
import { sizeOf, type Tensor } from '../tensor/expression.js';
import { input } from '../tensor/operations.js';
import { program, withPrecision } from '../tensor/program.js';
import { batchFromSource, type UtilitySource } from './mutable-batch.js';
import type { PartialBatch, ProgrammedUtility, Reward, Table, Utility } from './utility.js';

/** Operations of an evaluation of U that are reckoned with: nobody knows what an expression takes. */
const evaluation = 2e4;

/** Batches side by side in one run. */
const maxBatches = 1024;

/** The tables of a utility as inputs of a program, by the names of {@link tableValues}. */
export const tableInputs = (
  { tables }: ProgrammedUtility,
  dtype: 'f32' | 'f64' = 'f32',
): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [
      name,
      input(`utility.${name}`, table.dtype === 'f32' ? dtype : table.dtype, table.shape),
    ]),
  );

/** The values of those inputs. */
export const tableValues = ({ tables }: ProgrammedUtility): Readonly<Record<string, Table['values']>> =>
  Object.fromEntries(Object.entries(tables).map(([name, { values }]) => [`utility.${name}`, values]));

/** Throws a RangeError where a batch has a point outside a pool of N points. */
export const inPool = (points: number, batch: readonly number[]): void => {
  for (const n of batch) requirePoint('reward', n, points);
};

/** U of batches of one size, side by side: points [K × b] → [K]. */
export type HostUtility = (batches: Uint32Array, size: number) => Float64Array;

/** In f64, from what it is for each size, `most` batches at once; the empty batch is worth 0. */
export const onHost = (
  programmedFor: (size: number) => ProgrammedUtility,
  most: number = maxBatches,
): HostUtility => {
  const loaded = new Map<string, (batches: Uint32Array) => ArrayLike<number>>();
  const loadedFor = (count: number, size: number) => {
    const name = `${count} ${size}`;
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const programmed = programmedFor(size);
    const utility = programmed.value(tableInputs(programmed), input('batches', 'u32', [count, size]));
    const expression = program({ utility });
    const run = programAtOnce(withPrecision('f64', expression));
    // An expression may leave a table unread. What is set stays: tables are given once.
    let unset = Object.fromEntries(
      Object.entries(tableValues(programmed)).filter(([table]) => table in expression.inputs),
    );
    const fresh = (batches: Uint32Array) => {
      const outputs = run({ ...unset, batches });
      unset = {};
      return outputs['utility'] ?? new Float64Array(count);
    };
    loaded.set(name, fresh);
    return fresh;
  };
  return (batches: Uint32Array, size: number): Float64Array => {
    const count = size === 0 ? 1 : batches.length / size;
    const out = new Float64Array(count);
    if (size === 0) return out;
    const side = Math.min(most, count);
    const block = new Uint32Array(side * size);
    for (let from = 0; from < count; from += side) {
      // The last block is filled up with what stood there before, whose answers are dropped.
      block.set(batches.subarray(from * size, Math.min(count, from + side) * size));
      const utilities = loadedFor(side, size)(block);
      for (let i = 0; i < side && from + i < count; i++) out[from + i] = utilities[i] ?? NaN;
    }
    return out;
  };
};

/**
 * Batches that change, by evaluations of U: the gains at a position take one for each of the N − k points that may join the k
 * others, and one for U(s ∖ m) itself, unless they are remembered.
 */
const evaluatedBatches =
  (all: HostUtility, indices: readonly number[]): Utility['batchFrom'] =>
  (members) => {
    let evaluations = 0;
    const utilities = (batches: Uint32Array, size: number): Float64Array => {
      evaluations += size === 0 ? 0 : batches.length / size;
      return all(batches, size);
    };
    const of = (batch: readonly number[]): number =>
      utilities(Uint32Array.from(batch), batch.length)[0] ?? NaN;
    const source: UtilitySource = {
      of,
      utilities: (others, joining) => ({
        own: of(others),
        joined: utilities(Uint32Array.from(joining.flatMap((n) => [...others, n])), others.length + 1),
      }),
      evaluations: () => evaluations,
    };
    return batchFromSource(indices, source, members);
  };

/**
 * A utility of N points from its expression for each size of batches, `most` of which are computed at once; an evaluation takes so
 * many operations, by order of magnitude. The proxy may go by what single points are worth.
 */
export const sizedUtility = (
  points: number,
  proxy: (alone: () => Float64Array) => Matrix,
  programmedFor: (size: number) => ProgrammedUtility,
  {
    most = maxBatches,
    operations = evaluation,
  }: { readonly most?: number; readonly operations?: number } = {},
): Utility => {
  const all = onHost(programmedFor, most);
  const partial = (chosen: readonly number[], own: number): PartialBatch => {
    const grown = (n: number): readonly number[] => [...chosen, n];
    return {
      chosen,
      gains: () => {
        const taken = new Set(chosen);
        const free = Array.from({ length: points }, (_, n) => n).filter((n) => !taken.has(n));
        const utilities = all(Uint32Array.from(free.flatMap(grown)), chosen.length + 1);
        const gains = new Float64Array(points);
        free.forEach((n, i) => (gains[n] = (utilities[i] ?? NaN) - own));
        return gains;
      },
      with: (n) => {
        inPool(points, [n]);
        const next = grown(n);
        return partial(next, all(Uint32Array.from(next), next.length)[0] ?? NaN);
      },
    };
  };
  const of = (batch: readonly number[]): number => {
    inPool(points, batch);
    return all(Uint32Array.from(batch), batch.length)[0] ?? NaN;
  };
  const empty = partial([], 0);
  return {
    points,
    value: of,
    empty,
    batchFrom: evaluatedBatches(
      all,
      Array.from({ length: points }, (_, n) => n),
    ),
    batchesWithin: (indices) => evaluatedBatches(all, indices),
    gainOperations: () => operations,
    proxyFeatures: proxy(empty.gains),
    programmed: programmedFor,
  };
};

/** A utility from its expression, on N points. Throws a RangeError where a table has not as many values as its shape says. */
export const utilityOf = (proxy: Matrix, programmed: ProgrammedUtility): Utility => {
  for (const [name, { shape, values }] of Object.entries(programmed.tables))
    if (values.length !== sizeOf(shape))
      throw new RangeError(
        `utility: the table ${name} has ${values.length} values for [${shape.join(', ')}]; give ${sizeOf(shape)}`,
      );
  return sizedUtility(
    proxy.rows,
    () => proxy,
    () => programmed,
  );
};

/** A matrix as a table. */
export const tableOf = ({ rows, columns, data }: Matrix): Table => ({
  shape: [rows, columns],
  dtype: 'f32',
  values: data,
});

/** What a reward of one's own reads, by name: matrices, or one number for each of N points. */
export type OwnTables<Name extends string> = Readonly<Record<Name, Matrix | Float64Array>>;

/** What else is said of a reward of one's own. */
export interface OwnRewardOptions {
  /** Of its utilities; `units` if left out. */
  readonly unit?: string;
  /** Features whose JMI is like U, N×D; the posterior's own if left out. */
  readonly proxy?: (posterior: Posterior) => Matrix;
}

/**
 * A reward of one's own: its name, what it reads on a posterior, and what batches are worth by that, as one expression of batches
 * u32 [K, b] → [K]; see {@link ProgrammedUtility}. The empty batch is worth 0. On the host it is computed in f64, in programs in
 * f32.
 */
export const reward = <Name extends string>(
  name: string,
  tablesOn: (posterior: Posterior) => OwnTables<Name>,
  utility: (tables: Readonly<Record<NoInfer<Name>, Tensor>>, batches: Tensor) => Tensor,
  { unit = 'units', proxy = ({ whitened }) => whitened }: OwnRewardOptions = {},
): Reward => ({
  name,
  unit,
  utilityFor: (posterior) =>
    utilityOf(proxy(posterior), {
      tables: Object.fromEntries(
        Object.entries<Matrix | Float64Array>(tablesOn(posterior)).map(([table, values]): [string, Table] => [
          table,
          values instanceof Float64Array ? { shape: [values.length], dtype: 'f32', values } : tableOf(values),
        ]),
      ),
      value: utility,
    }),
});
