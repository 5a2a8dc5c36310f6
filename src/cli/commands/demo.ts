/** `batchgfn demo`: the paper's one-dimensional toy function, with labelled points and a pool from a seed. */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { toyFunction, toyProblem } from '../../data/toy.js';
import type { Failure } from '../../failure.js';
import type { BatchProblem } from '../batch-report.js';
import { batchPicture } from '../batch-picture.js';
import { batchWork, checkBatchSize } from '../batch-work.js';
import { command, type Work } from '../command.js';
import { fitPosterior } from '../fit-posterior.js';
import {
  batchSize,
  checkSampler,
  json,
  samplerAcquisition,
  samplerOptions,
  type Sampler,
} from '../common-options.js';
import { positiveInteger } from '../decoders.js';
import { withDefault } from '../options.js';
import { checkPlot, drawnInto, plotOption } from '../plot-option.js';
import { renderBatch, renderJson } from '../render.js';
import type { SurrogateChoice } from '../surrogate-offers.js';
import { surrogateSpecOf, surrogateOptions } from '../surrogate-options.js';

/** Decoded options of demo. */
export interface DemoOptions extends SurrogateChoice, Sampler {
  readonly labelled: number;
  readonly poolSize: number;
  readonly batchSize: number;
  readonly plot: string | undefined;
  readonly json: boolean;
}

const MOST_POINTS = 100_000;

const problemOf = ({ seed, labelled, poolSize }: DemoOptions): BatchProblem => {
  const toy = toyProblem({ seed, labelled, pool: poolSize });
  return {
    source: `the toy pool of seed ${seed}`,
    rowKind: 'point',
    targetName: 'y',
    featureNames: ['x'],
    labelled: toy.labelled,
    pool: { rows: Array.from({ length: poolSize }, (_, i) => i + 1), features: toy.pool.features },
  };
};

/** The work of demo. */
export const demoWork =
  (options: DemoOptions): Work =>
  (context) => {
    const problem = problemOf(options);
    return pipe(
      TE.fromEither(surrogateSpecOf(options, options.seed)),
      TE.chainFirstEitherK(() => checkSampler(options)),
      TE.chainFirstEitherK(() => checkBatchSize(options.batchSize, options.poolSize)),
      TE.mapLeft((failure): Failure => failure),
      TE.chainFirst(() => checkPlot(options.plot, context)),
      TE.chain((surrogate) =>
        pipe(
          batchWork(problem, fitPosterior(problem, surrogate, context), {
            batchSize: options.batchSize,
            sampler: options,
            gains: options.json,
          })(context),
          TE.bindTo('outcome'),
          TE.bind('shortfalls', ({ outcome }) =>
            drawnInto(options.plot, context, () =>
              context.services.drawing.batch(batchPicture(problem, toyFunction, outcome)),
            ),
          ),
        ),
      ),
      TE.map(({ outcome: { report }, shortfalls }) => ({
        text: options.json ? renderJson(report) : renderBatch(report),
        shortfalls,
      })),
    );
  };

/** The command, with its options and help. */
export const demo = command({
  name: 'demo',
  description:
    'Choose a batch from a generated pool: the one-dimensional toy function of the BatchGFN paper.',
  examples: [
    { description: 'a batch of the toy problem, without training', command: 'batchgfn demo -a annealed' },
  ],
  args: {
    labelled: withDefault(
      { long: 'labelled', placeholder: 'N', description: 'labelled points' },
      positiveInteger(10, MOST_POINTS),
      10,
    ),
    poolSize: withDefault(
      { long: 'pool-size', placeholder: 'N', description: 'points in the pool' },
      positiveInteger(100, MOST_POINTS),
      100,
    ),
    batchSize,
    ...surrogateOptions,
    ...samplerOptions,
    acquisition: samplerAcquisition,
    plot: plotOption('a picture: the posterior, the labelled points and the batch', 'batch'),
    json,
  },
  handler: demoWork,
});
