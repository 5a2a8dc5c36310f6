/**
 * How is a slip of a program in JavaScript told, where types were not checked? A TypeError from the function that was called, that
 * names the argument, what it is, and what to give. Entries that are not finite come with the data: they are a Failure where a function
 * gives one, and an error of this kind where it gives a plain answer.
 */
import type { Matrix } from './linear-algebra/matrix.js';
import { heldIn } from './linear-algebra/vector.js';

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value}'`
    : Array.isArray(value)
      ? 'an array'
      : isRecord(value)
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

/** The members of an argument that has to be an object; throws unless it is one. */
export const membersOf = (
  where: string,
  name: string,
  value: unknown,
  wanted: string,
): Readonly<Record<string, unknown>> => {
  if (!isRecord(value)) throw wrongArgument(where, name, value, wanted);
  return value;
};

/** Throws unless arguments, by their names, are objects. */
export const requireObjects = (where: string, given: Readonly<Record<string, unknown>>): void => {
  for (const name in given) membersOf(where, name, given[name], 'an object');
};

/** Throws unless a value is a whole number from `least` to `most`. */
export const requireWhole = (
  where: string,
  name: string,
  value: unknown,
  least = 0,
  most = Infinity,
): void => {
  if (!(Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most))
    throw wrongArgument(
      where,
      name,
      value,
      `a whole number from ${least} ${most === Infinity ? 'up' : `to ${most}`}`,
    );
};

/** Throws unless a value is a number, of whatever size. */
export const requireNumber = (where: string, name: string, value: unknown): void => {
  if (typeof value !== 'number') throw wrongArgument(where, name, value, 'a number');
};

/** Throws unless a value is a finite number. */
export const requireFinite = (where: string, name: string, value: unknown): void => {
  if (!Number.isFinite(value)) throw wrongArgument(where, name, value, 'a finite number');
};

/** Throws unless a value is an array. */
export const requireArray = (where: string, name: string, value: unknown): void => {
  if (!Array.isArray(value)) throw wrongArgument(where, name, value, 'an array');
};

/** Throws unless a value can be gone through: an array, a set, a typed array. */
export const requireIterable = (where: string, name: string, value: unknown): void => {
  if (!isRecord(value) || !(Symbol.iterator in value))
    throw wrongArgument(where, name, value, 'an array of indices of the pool');
};

/** The index itself; throws a RangeError where it is not one of a pool of so many points. */
export const requirePoint = (where: string, n: number, points: number): number => {
  if (!Number.isInteger(n) || n < 0 || n >= points)
    throw new RangeError(`${where}: point ${n} is not in a pool of ${points} points (0 … ${points - 1})`);
  return n;
};

/** Throws unless a value is a list of different points of a pool of so many. */
export const requirePoints = (where: string, name: string, value: unknown, points: number): void => {
  if (!Array.isArray(value)) throw wrongArgument(where, name, value, 'an array of indices of the pool');
  const seen = new Set<unknown>();
  value.forEach((n: unknown, i) => {
    requireWhole(where, `${name}[${i}]`, n, 0, points - 1);
    if (seen.has(n)) throw wrongArgument(where, `${name}[${i}]`, `${String(n)} again`, 'each point once');
    seen.add(n);
  });
};

/** Throws unless a value is a function. */
export const requireFunction = (where: string, name: string, value: unknown): void => {
  if (typeof value !== 'function') throw wrongArgument(where, name, value, 'a function');
};

/** Throws unless a value is an engine by its form. */
export const requireEngine = (where: string, engine: unknown): void => {
  if (!(isRecord(engine) && typeof engine['load'] === 'function'))
    throw wrongArgument(where, 'engine', engine, 'what cpuEngine or openEngine gives');
};

/** Throws unless a value, where there is one, is a reward by its form. */
export const requireReward = (where: string, reward: unknown): void => {
  if (reward !== undefined && !(isRecord(reward) && typeof reward['utilityFor'] === 'function'))
    throw wrongArgument(where, 'reward', reward, 'one of rewards, or what reward gives');
};

/** Throws unless a value is a key of randomness. */
export const requireKey = (where: string, name: string, value: unknown): void => {
  const { word0, word1 }: Readonly<Record<string, unknown>> = isRecord(value) ? value : {};
  if (!(Number.isInteger(word0) && Number.isInteger(word1)))
    throw wrongArgument(where, name, value, 'what keyFromSeed gives');
};

/** Throws unless a value is a matrix by its form. */
export const requireMatrix = (where: string, name: string, value: unknown): void => {
  const matrix: Readonly<Record<string, unknown>> = isRecord(value) && 'data' in value ? value : {};
  const { rows, columns, single } = matrix;
  const data = single ?? matrix['data'];
  if (
    !(data instanceof (single === undefined ? Float64Array : Float32Array)) ||
    !Number.isInteger(rows) ||
    !Number.isInteger(columns) ||
    data.length !== Number(rows) * Number(columns)
  )
    throw wrongArgument(
      where,
      name,
      value,
      'a matrix { rows, columns, data: Float64Array of rows × columns }',
    );
};

/** Throws a TypeError unless a value is a posterior by its form. */
export const requirePosterior = (where: string, posterior: unknown): void => {
  const { mean, whitened, noiseVariance } = membersOf(
    where,
    'posterior',
    posterior,
    'what posteriorOver or classPosterior gives',
  );
  requireMatrix(where, 'posterior.whitened', whitened);
  const rows = isRecord(whitened) ? whitened['rows'] : undefined;
  if (!(mean instanceof Float64Array) || mean.length !== rows)
    throw wrongArgument(
      where,
      'posterior.mean',
      mean instanceof Float64Array ? `of ${mean.length} numbers` : mean,
      `a Float64Array of ${String(rows)}, one a point`,
    );
  if (!(typeof noiseVariance === 'number' && noiseVariance > 0))
    throw wrongArgument(where, 'posterior.noiseVariance', noiseVariance, 'a number above 0');
};

/** The same, and throws where one of its numbers is not finite. */
export const requireFinitePosterior = (
  where: string,
  posterior: { readonly mean: Float64Array; readonly whitened: Matrix },
): void => {
  requirePosterior(where, posterior);
  const { mean, whitened } = posterior;
  for (const [name, data, columns] of [
    ['posterior.mean', mean, 1],
    ['posterior.whitened', heldIn(whitened), whitened.columns],
  ] as const) {
    // 0 x is 0 of what is finite and NaN of all else: one sum tells at a tenth of the time that looking takes.
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += 0 * (data[i] ?? NaN);
    if (sum !== 0) {
      const at = data.findIndex((x) => !Number.isFinite(x));
      throw wrongArgument(
        where,
        `${name}, row ${Math.floor(at / columns)}, column ${at % columns} (from 0)`,
        data[at],
        'finite numbers',
      );
    }
  }
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
  const list: readonly unknown[] | undefined = Array.isArray(value)
    ? value
    : ArrayBuffer.isView(value) && 'at' in value
      ? [...(value as Float64Array).subarray(0, 1)]
      : undefined;
  if (list === undefined) throw wrongArgument(where, name, value, 'an array of numbers');
  const at = list.findIndex((x) => typeof x !== 'number');
  if (at >= 0) requireNumber(where, `${name}[${at}]`, list[at]);
};

/** Throws unless labelled rows, as many targets, options and the pool in them, if any, are such by their form. */
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
  if (inputs.rows !== targets.length)
    throw new RangeError(`${where}: ${inputs.rows} rows of inputs and ${targets.length} targets`);
};

/** Throws unless a value is the fit of a Gaussian process by its form. */
export const requireFit = (where: string, fit: unknown): void => {
  const model = isRecord(fit) ? fit['model'] : undefined;
  if (model === undefined) throw wrongArgument(where, 'fit', fit, 'what fitGaussianProcess gives');
  requireKind(where, 'fit.model', model, ['gaussian-process']);
};
