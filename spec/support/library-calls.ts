/** Functions of the library with arguments that are right: what programs in JavaScript may put something else in the place of. */
import * as library from '../../src/index.js';
import * as learning from '../../src/learning/index.js';
import type { SessionStart } from '../../src/learning/index.js';
import * as verify from '../../src/verify/index.js';
import { right } from '../linear-algebra/arbitrary.js';

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
const engine = library.cpuEngine();
const points = library.matrixFromRows([
  [0.2, 0],
  [0.3, 1],
  [0.9, -1],
  [0.5, 0.5],
  [-0.4, 0.1],
]);
const posterior: library.Posterior = { mean: new Float64Array(5), whitened: points, noiseVariance: 1 };
const key = library.keyFromSeed(1);
const dpp = right(verify.kdpp(points, 2));
const sized = right(verify.sizedKdpp(points, [1, 2]));
const problem = { whitened: points, batchSize: 2, temperature: 0.5 };
const untrained = library.defaultModel('gain', problem);
const learned: learning.AnchoredPolicy = {
  trained: { model: untrained, parameters: new Float32Array(untrained.size) },
  whitened: points,
};
const lookahead: learning.LookaheadOptions = {
  ...{ rounds: 1, source: 'random', key },
  training: { ...library.defaultTraining('gain'), iterations: 1, trajectories: 2 },
};

/** The functions; which arguments may be empty, and members of arguments that slips are put into too. */
export const calls: readonly (readonly [
  name: string,
  call: unknown,
  values: readonly unknown[],
  empty?: readonly number[],
  members?: readonly (readonly [place: number, ...path: string[]])[],
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
  ['posteriorOfDraws', library.posteriorOfDraws, [points, { noiseVariance: 1 }]],
  [
    'posteriorOfProbabilities',
    library.posteriorOfProbabilities,
    [
      [1, 1, 2],
      [0.5, 0.5],
    ],
  ],
  [
    'posteriorOfCovariance',
    library.posteriorOfCovariance,
    [{ rows: 1, columns: 1, data: Float64Array.of(2) }, { noiseVariance: 1 }],
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
  ['matrixFrom', library.matrixFrom, [2, 2, () => 1]],
  ['jointMutualInformation', library.jointMutualInformation, [points, [0, 1]], [1], [[1, '0']]],
  [
    'greedyBatch',
    library.greedyBatch,
    [posterior, 2, [1], library.information],
    [2],
    [
      [0, 'mean'],
      [0, 'whitened'],
      [0, 'noiseVariance'],
      [2, '0'],
      [3, 'utilityFor'],
    ],
  ],
  [
    'randomBatches',
    library.randomBatches,
    [posterior, { batchSize: 2, count: 3, key }],
    [],
    [
      [0, 'whitened'],
      [1, 'batchSize'],
      [1, 'count'],
      [1, 'key'],
    ],
  ],
  [
    'defaultTemperature',
    library.defaultTemperature,
    [{ greedy: 2, random: 1, poolSize: 5, batchSize: 2 }],
    [],
    [
      [0, 'greedy'],
      [0, 'random'],
      [0, 'poolSize'],
      [0, 'batchSize'],
    ],
  ],
  [
    'ask',
    (on: never, options: never, of: never) => learning.ask(on, options)(of),
    [engine, { batchSize: 2 }, session],
    [],
    [[1, 'batchSize']],
  ],
  [
    'trainAhead',
    learning.trainAhead,
    [engine, learned, lookahead],
    [],
    [
      [1, 'trained'],
      [1, 'whitened'],
      [2, 'rounds'],
      [2, 'source'],
      [2, 'training'],
      [2, 'key'],
      [2, 'training', 'objective'],
      [2, 'training', 'iterations'],
      [2, 'training', 'trajectories'],
    ],
  ],
  ['kdpp', verify.kdpp, [points, 2]],
  ['kdppLogZ', verify.kdppLogZ, [points, 2]],
  ['containing', (of: never, on: never) => verify.containing(of)(on), [[1], dpp], [0], [[0, '0']]],
  ['ofSize', (size: never, on: never) => verify.ofSize(size)(on), [1, dpp]],
  ['kdppLogProbability', verify.kdppLogProbability, [dpp, [0, 1]], [], [[1, '0']]],
  ['inclusionProbabilities', verify.inclusionProbabilities, [dpp], [], [[0, 'whitened']]],
  [
    'pairInclusionProbabilities',
    verify.pairInclusionProbabilities,
    [dpp, [[0, 1]]],
    [1],
    [
      [1, '0'],
      [1, '0', '1'],
    ],
  ],
  ['kdppLogFlow', verify.kdppLogFlow, [dpp, [0]], [1], [[1, '0']]],
  ['kdppLogPolicy', verify.kdppLogPolicy, [dpp, [0]], [1], [[1, '0']]],
  ['kdppSampler', (on: never, by: never) => verify.kdppSampler(on)(by), [dpp, key]],
  [
    'kdppBatches',
    verify.kdppBatches,
    [dpp, { count: 2, key }],
    [],
    [
      [1, 'count'],
      [1, 'key'],
    ],
  ],
  [
    'kdppBatchSampler',
    (on: never, seed: never, count: never) => verify.kdppBatchSampler(on).sample(seed, count),
    [dpp, 1, 2],
  ],
  [
    'sizedKdpp',
    verify.sizedKdpp,
    [points, [1, 2]],
    [],
    [
      [1, '0'],
      [1, '1'],
    ],
  ],
  ['sizedKdppLogProbability', verify.sizedKdppLogProbability, [sized, [0]], [], [[1, '0']]],
  ['sizedKdppInclusion', verify.sizedKdppInclusion, [sized], [], [[0, 'logSizes']]],
  ['sizedKdppSampler', (on: never, by: never) => verify.sizedKdppSampler(on)(by), [sized, key]],
  [
    'sizedKdppBatchSampler',
    (on: never, seed: never, count: never) => verify.sizedKdppBatchSampler(on).sample(seed, count),
    [sized, 1, 2],
  ],
  ['logGamma', verify.logGamma, [2]],
  ['upperGamma', verify.upperGamma, [2, 3]],
  ['lowerGamma', verify.lowerGamma, [2, 3]],
  ['chiSquareSurvival', verify.chiSquareSurvival, [2, 3]],
  ['normalSurvival', verify.normalSurvival, [2]],
];

/** Those whose answer is NaN where a number is. */
export const givingNaN = ['jointMutualInformation', 'inclusionProbabilities', 'sizedKdppInclusion'];

/** What may be left out, which is no slip. */
export const leftOut: readonly (readonly [name: string, place: number])[] = [
  ['greedyBatch', 2],
  ['greedyBatch', 3],
];
