/**
 * How is a slip of a program in JavaScript told, where types were not checked? A TypeError from the function that was called, that
 * names the argument, what it is, and what to give. Numbers that are not finite are not here: they come with the data.
 */
import type { Matrix } from './linear-algebra/matrix.js';

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value}'`
    : typeof value === 'object' && value !== null
      ? 'an object'
      : typeof value === 'function'
        ? 'a function'
        : String(value);

/** The error for an argument: which function, which argument, what it is, and what to give. */
export const wrongArgument = (where: string, name: string, value: unknown, wanted: string): TypeError =>
  new TypeError(`${where}: ${name} is ${shown(value)}; give ${wanted}`);

/** Whether a value is an object, of whatever members. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Throws unless a value is a matrix by its form. */
export const requireMatrix = (where: string, name: string, value: unknown): void => {
  const { rows, columns, data }: Readonly<Record<string, unknown>> = isRecord(value) ? value : {};
  if (
    !(data instanceof Float64Array) ||
    !Number.isInteger(rows) ||
    !Number.isInteger(columns) ||
    data.length !== Number(rows) * Number(columns)
  )
    throw wrongArgument(
      where,
      name,
      value,
      'a matrix { rows, columns, data }, data a Float64Array of rows × columns',
    );
};

/** Throws unless a value has a member of a kind: a model, a specification. */
export const requireKind = (where: string, name: string, value: unknown, kinds: readonly string[]): void => {
  const kind = isRecord(value) ? value['kind'] : undefined;
  if (typeof kind !== 'string' || !kinds.includes(kind))
    throw isRecord(value)
      ? wrongArgument(where, `${name}.kind`, kind, `one of ${kinds.join(', ')}`)
      : wrongArgument(where, name, value, `an object with a kind of ${kinds.join(', ')}`);
};

/** Throws unless a value is an array of numbers, typed or not. */
export const requireNumbers = (where: string, name: string, value: unknown): void => {
  const list: unknown[] | undefined = Array.isArray(value)
    ? value
    : ArrayBuffer.isView(value) && !(value instanceof DataView)
      ? []
      : undefined;
  if (list?.every((x) => typeof x === 'number') !== true)
    throw wrongArgument(where, name, value, 'an array of numbers');
};

/** Throws unless labelled rows, their targets, options and the pool in them, if any, are such by their form. */
export const requireLabelled = (
  where: string,
  inputs: Matrix,
  targets: Float64Array,
  options: { readonly pool?: Matrix },
  kinds: Readonly<Record<string, readonly string[]>>,
): void => {
  requireMatrix(where, 'inputs', inputs);
  const given: unknown = targets;
  if (!(given instanceof Float64Array)) throw wrongArgument(where, 'targets', given, 'a Float64Array');
  const all: unknown = options;
  if (!isRecord(all)) throw wrongArgument(where, 'options', all, 'an object');
  if (all['pool'] !== undefined) requireMatrix(where, 'pool', all['pool']);
  for (const [name, names] of Object.entries(kinds)) requireKind(where, name, all[name], names);
};

/** Throws unless a value is the fit of a Gaussian process by its form. */
export const requireFit = (where: string, fit: unknown): void => {
  const model = isRecord(fit) ? fit['model'] : undefined;
  if (model === undefined) throw wrongArgument(where, 'fit', fit, 'what fitGaussianProcess gives');
  requireKind(where, 'fit.model', model, ['gaussian-process']);
};
