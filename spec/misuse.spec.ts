/**
 * What a program in JavaScript may get wrong where it calls the library: arguments of another type, empty arrays, NaN, shapes that do
 * not fit. Each is a Failure or an error that names the function and the argument, at once; none comes out of the inside.
 */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as library from '../src/index.js';
import { calls, givingNaN, leftOut } from './support/library-calls.js';

type Call = (...values: readonly never[]) => unknown;

/** What stands where something else belongs; of an array or matrix also what nearly fits. */
const slips = (value: unknown, mayBeEmpty: boolean): readonly unknown[] => {
  const others: unknown[] = [undefined, null, 'x', {}, ...(typeof value === 'function' ? [7] : [() => 1])];
  if (typeof value === 'number') return [...others, NaN, '2', [2]];
  if (typeof value !== 'object') return others;
  if (value instanceof Float64Array)
    return [
      ...others,
      7,
      ...(mayBeEmpty ? [] : [new Float64Array(0)]),
      value.map((x, i) => (i === 0 ? NaN : x)),
    ];
  if (Array.isArray(value)) return [...others, 7, ...(mayBeEmpty ? [] : [[]])];
  if (value !== null && 'data' in value && value.data instanceof Float64Array)
    return [
      ...[...others, 7, []],
      { ...value, rows: 9 },
      { ...value, data: value.data.map((x, i) => (i === 0 ? NaN : x)) },
      { ...value, data: Array.from(value.data) },
    ];
  return [...others, 7, []];
};

const inside =
  /Cannot (read|destructure|convert)|is not (iterable|a function)|Invalid (typed )?array|undefined is not (?!in a pool)/;

/** What comes of a call: the words of a failure or error; undefined where there is an answer. */
const wordsOf = async (call: Call, values: readonly unknown[]): Promise<string | undefined> => {
  try {
    const result = call(...(values as readonly never[]));
    const answer: unknown =
      typeof result === 'function' ? await (result as () => Promise<unknown>)() : result;
    const either = answer as E.Either<library.Failure, unknown>;
    return typeof answer === 'object' && answer !== null && '_tag' in answer && E.isLeft(either)
      ? library.showFailure(either.left)
      : undefined;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
};

/** Whether numbers are what they should be but for one that is NaN. */
const isNaNOf = (slip: unknown): boolean =>
  slip instanceof Float64Array
    ? slip.some(Number.isNaN)
    : typeof slip === 'object' && slip !== null && 'data' in slip && isNaNOf(slip.data);

/** What lies at a path of members, and the whole with something else there. */
const memberAt = (value: unknown, [first, ...path]: readonly string[]): unknown =>
  first === undefined ? value : memberAt((value as Readonly<Record<string, unknown>>)[first], path);

const withMember = (value: unknown, [first, ...path]: readonly string[], put: unknown): unknown => {
  if (first === undefined) return put;
  const inner = withMember(memberAt(value, [first]), path, put);
  return Array.isArray(value) ? value.with(Number(first), inner) : { ...(value as object), [first]: inner };
};

for (const [name, call, values, empty = [], members = []] of calls)
  test(`misuse of ${name} is told in words`, async () => {
    assert.is(await wordsOf(call as Call, values), undefined, 'what is right is taken');
    const places = [...values.keys()].map((place): readonly [number, ...string[]] => [place]);
    for (const [place, ...path] of [...places, ...members]) {
      const own = memberAt(values[place], path);
      for (const slip of slips(own, path.length > 0 || empty.includes(place))) {
        if (givingNaN.includes(name) && isNaNOf(slip)) continue;
        if (
          slip === undefined &&
          leftOut.some(([of, at]) => of === name && at === place && path.length === 0)
        )
          continue;
        const words = await wordsOf(call as Call, values.with(place, withMember(values[place], path, slip)));
        const what = `argument ${[place, ...path].join('.')} ${String(slip)}`;
        assert.ok(words !== undefined, `${what} was taken`);
        assert.not.match(words, inside, what);
        assert.ok(words.length > 20, words);
      }
    }
  });

test('the function and the argument stand first; points that come twice and broken numbers of rows are told', () => {
  const whitened = library.matrixFrom(5, 2, (i, j) => i + j);
  const posterior = { mean: new Float64Array(5), whitened, noiseVariance: 1 };
  assert.throws(
    () => library.greedyBatch(posterior, 2, [1, 1]),
    /^greedyBatch: without\[1\] is '1 again'; give each point once/,
  );
  for (const shape of [
    { rows: 2.5, columns: 4 },
    { rows: 4, columns: 2.5 },
  ])
    assert.throws(
      () => library.jointMutualInformation({ ...whitened, ...shape }, [0]),
      /^jointMutualInformation: whitened is an object; give a matrix/,
    );
  const kind = 'no such map' as 'linear';
  const fit = (featureMap: unknown) =>
    library.fitBayesianLinear(whitened, new Float64Array(5), { featureMap } as never);
  assert.throws(
    () => fit({ kind }),
    /^fitBayesianLinear: featureMap.kind is 'no such map'; give one of linear/,
  );
  assert.throws(() => fit(7), /^fitBayesianLinear: featureMap is 7; give an object with a kind of linear/);
});

test('what memory cannot hold is refused before it is made', () => {
  let asked = 0;
  const entry = () => asked++;
  assert.throws(
    () => library.matrixFrom(1e9, 2, entry),
    /matrixFrom: 1000000000×2 entries take 15 GiB; give at most 1073741824/,
  );
  assert.throws(() => library.matrixFrom(2 ** 27, 8.5, entry), /the shape is '134217728×8.5'; give whole/);
  assert.throws(() => library.matrixFrom(2 ** 26 + 1, 16, entry), /give at most/);
  assert.is(asked, 0);
  assert.is(library.matrixFrom(2, 3, entry).data.length, 6);
});

test.run();
