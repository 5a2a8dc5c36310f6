/**
 * What a program in JavaScript may get wrong where it calls the library: arguments of another type, empty arrays, NaN, shapes that do
 * not fit. Each is a Failure or an error that names the function and the argument, at once; none comes out of the inside.
 */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as library from '../src/index.js';
import * as learning from '../src/learning/index.js';
import type { SessionStart } from '../src/learning/index.js';
import * as verify from '../src/verify/index.js';
import { right } from './linear-algebra/arbitrary.js';

type Call = (...values: readonly never[]) => unknown;

const inputs = library.matrixFromRows([
  [0.1, 1],
  [0.5, -1],
  [0.9, 0.3],
  [0.2, 0.7],
]);
const targets = Float64Array.of(1, 2, 3, 1);
const labels = Float64Array.of(0, 1, 0, 1);
const pool = library.matrixFromRows([
  [0.2, 0],
  [0.3, 1],
]);
const kernel = { kind: 'rbf', lengthScales: 'shared' } as const;
const model = right(library.fitBayesianLinear(inputs, targets, { featureMap: { kind: 'linear' } }));
const fit = right(library.fitGaussianProcess(inputs, targets, { kernel }));
const start: SessionStart = {
  ...{ version: 1, featureNames: ['a'], targetName: 'y', rows: [2, 3, 4], features: [[1], [2], [3]] },
  ...{ labels: [[2, 0.5]], surrogate: { kind: 'bayesian-linear', featureMap: { kind: 'linear' } } },
  ...{ acquisition: 'greedy', settings: {}, seed: 1 },
};
const session = right(learning.sessionFrom(start));
const half = Float64Array.of(0.5, 0.5);

/** Functions with arguments that are right, and where they may be empty. */
const calls: readonly (readonly [
  name: string,
  call: unknown,
  values: readonly unknown[],
  empty?: readonly number[],
])[] = [
  [
    'matrixFromRows',
    library.matrixFromRows,
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [0],
  ],
  ['fitBayesianLinear', library.fitBayesianLinear, [inputs, targets, { featureMap: { kind: 'linear' } }]],
  ['posteriorOver', library.posteriorOver, [model, pool]],
  ['fitGaussianProcess', library.fitGaussianProcess, [inputs, targets, { kernel }]],
  ['gaussianProcessPosterior', library.gaussianProcessPosterior, [fit, pool]],
  ['withLabels', library.withLabels, [fit, pool, Float64Array.of(1, 2)]],
  [
    'fitGaussianProcessClasses',
    library.fitGaussianProcessClasses,
    [inputs, labels, { kernel, draws: 4, seed: 0 }],
  ],
  ['fitSurrogate', library.fitSurrogate, [{ kind: 'gaussian-process', kernel }, inputs, targets]],
  [
    'categoricalPosterior',
    library.categoricalPosterior,
    [
      [1, 1, 2],
      [-Math.LN2, -Math.LN2],
    ],
  ],
  ['tell', (told: never) => learning.tell(told)(session), [[[3, 1]]], [0]],
  ['skip', (rows: never) => learning.skip(rows)(session), [[3]], [0]],
  ['totalVariation', verify.totalVariation, [half, half]],
  ['l1Distance', verify.l1Distance, [half, half]],
  ['kullbackLeibler', verify.kullbackLeibler, [half, half]],
  ['jensenShannon', verify.jensenShannon, [half, half]],
  ['spearman', verify.spearman, [half, Float64Array.of(1, 2)]],
  ['averageRanks', verify.averageRanks, [half], [0]],
  [
    'chiSquareTest',
    verify.chiSquareTest,
    [
      [50, 50],
      [0.5, 0.5],
    ],
  ],
  [
    'gTest',
    verify.gTest,
    [
      [50, 50],
      [0.5, 0.5],
    ],
  ],
  [
    'twoSampleTest',
    verify.twoSampleTest,
    [
      [50, 50],
      [40, 60],
    ],
  ],
  ['perfectSamplerTotalVariation', verify.perfectSamplerTotalVariation, [half, 100], [0]],
];

/** What stands where something else belongs; of an array or matrix also what nearly fits. */
const slips = (value: unknown, mayBeEmpty: boolean): readonly unknown[] => {
  const others: unknown[] = [undefined, null, 'x', {}, () => 1];
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
  /Cannot (read|destructure|convert)|is not (iterable|a function)|Invalid (typed )?array|undefined is not/;

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

for (const [name, call, values, empty = []] of calls)
  test(`misuse of ${name} is told in words`, async () => {
    assert.is(await wordsOf(call as Call, values), undefined, 'what is right is taken');
    for (const [place, value] of values.entries())
      for (const slip of slips(value, empty.includes(place))) {
        const words = await wordsOf(call as Call, values.with(place, slip));
        const what = `argument ${place} ${String(slip)}`;
        assert.ok(words !== undefined, `${what} was taken`);
        assert.not.match(words, inside, what);
        assert.ok(words.length > 20, words);
      }
  });

test.run();
