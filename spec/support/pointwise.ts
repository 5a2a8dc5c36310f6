/** The pointwise primitives of one and of two operands, and rows of tables for all of a kind. */
import { pointwise, type PointwiseName } from '../../src/tensor/pointwise/index.js';
import type { Binary, Unary } from '../../src/tensor/pointwise/record.js';

/** The names whose constructors are of a kind, which they differ in by the number of domains. */
type NamesOf<Kind extends Unary | Binary> = {
  readonly [K in PointwiseName]: (typeof pointwise)[K] extends { readonly domains: Kind['domains'] }
    ? K
    : never;
}[PointwiseName];

const ofArity = (operands: number): object =>
  Object.fromEntries(Object.entries(pointwise).filter(([, { domains }]) => domains.length === operands));

/** Those of one operand. */
export const unaries = ofArity(1) as { readonly [K in NamesOf<Unary>]: Unary };

/** Those of two operands. */
export const binaries = ofArity(2) as { readonly [K in NamesOf<Binary>]: Binary };

/** The same names, each with what `f` makes of its value. */
export const mapValues = <K extends string, A, B>(
  values: Readonly<Record<K, A>>,
  f: (value: A, name: K) => B,
): Readonly<Record<K, B>> =>
  // The names are those of `values`.
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, f(value as A, name as K)]),
  ) as Readonly<Record<K, B>>;
