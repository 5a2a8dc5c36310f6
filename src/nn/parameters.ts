/**
 * Parameters of a network: named tensors that live in one flat vector, so that an optimiser is a handful of operations
 * whatever the network, and a checkpoint is one array.
 */
import { uniforms, split, type Key } from '../random/key.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/expression.js';
import { concat, reshape, slice } from '../tensor/operations.js';

/** One parameter: its shape, and how its first values are drawn. */
export interface ParameterSpec {
  readonly shape: Shape;
  /** Half-width of the uniform distribution around zero of the first values; 0 for zeros. */
  readonly spread: number;
}

/** Parameters by name. Their order is the order in the flat vector. */
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** Expressions by parameter name. */
export type Parameters<S extends ParameterSpecs = ParameterSpecs> = { readonly [K in keyof S]: Tensor };

/** A weight matrix [from, to], uniform with variance gain²/from (Glorot and Bengio 2010, their fan-in form). */
export const weights = (from: number, to: number, gain = 1): ParameterSpec => ({
  shape: [from, to],
  spread: gain * Math.sqrt(3 / from),
});

/** Zeros of a shape: biases, and last layers that begin as the zero function. */
export const zeros = (...shape: Shape): ParameterSpec => ({ shape, spread: 0 });

/** The number of elements of all parameters. */
export const parameterCount = (specs: ParameterSpecs): number =>
  Object.values(specs).reduce((total, { shape }) => total + sizeOf(shape), 0);

/** Where the elements of a parameter begin in the flat vector. Throws a RangeError for a name that is not there. */
export const parameterOffset = (specs: ParameterSpecs, name: string): number => {
  const names = Object.keys(specs);
  if (!names.includes(name))
    throw new RangeError(`parameterOffset: no parameter ${name} among ${names.join(', ')}`);
  return parameterCount(Object.fromEntries(Object.entries(specs).slice(0, names.indexOf(name))));
};

/** First values, flat, from a key: each parameter draws from its own child of the key. */
export const initialParameters = (specs: ParameterSpecs, key: Key): Float64Array => {
  const flat = new Float64Array(parameterCount(specs));
  let offset = 0;
  Object.values(specs).forEach(({ shape, spread }, i) => {
    const size = sizeOf(shape);
    if (spread > 0)
      flat.set(
        uniforms(split(key, i), size).map((u) => spread * (2 * u - 1)),
        offset,
      );
    offset += size;
  });
  return flat;
};

/** The named tensors inside a flat vector of [parameterCount] elements: views, nothing is copied. */
export const unpack = <S extends ParameterSpecs>(specs: S, flat: Tensor): Parameters<S> => {
  let offset = 0;
  const entries = Object.entries(specs).map(([name, { shape }]) => {
    const part = reshape(slice(flat, [offset], [sizeOf(shape)]), shape);
    offset += sizeOf(shape);
    return [name, part] as const;
  });
  return Object.fromEntries(entries) as Parameters<S>;
};

/** The flat vector of named tensors: the inverse of {@link unpack}. */
export const pack = <S extends ParameterSpecs>(specs: S, tensors: Parameters<S>): Tensor =>
  concat(
    Object.entries(specs).map(([name, { shape }]) => reshape(tensors[name] as Tensor, [sizeOf(shape)])),
    0,
  );
