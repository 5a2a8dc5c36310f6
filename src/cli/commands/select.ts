/** `batchgfn select FILE`: which rows of a table to label next. */
import { command, positional } from 'cmd-ts';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import { labelledPool, type LabelledPool } from '../../data/labelled-pool.js';
import { readTable } from '../../data/read-table.js';
import type { Failure } from '../../failure.js';
import type { BatchProblem } from '../batch-report.js';
import { batchWork, checkBatchSize } from '../batch-work.js';
import { printed, type Work } from '../command.js';
import {
  batchSize,
  checkSampler,
  featureMapOf,
  json,
  samplerOptions,
  surrogateOptions,
  type SamplerChoice,
  type SurrogateChoice,
} from '../common-options.js';
import { nameList, text } from '../decoders.js';
import { optional, required } from '../options.js';
import { renderBatch, renderJson } from '../render.js';

/** Decoded options of select. */
export interface SelectOptions extends SurrogateChoice, SamplerChoice {
  readonly file: string;
  readonly target: string;
  readonly features: readonly string[] | undefined;
  readonly batchSize: number;
  readonly json: boolean;
}

const problemOf = (file: string, pool: LabelledPool): BatchProblem => ({
  source: file,
  rowKind: 'line',
  targetName: pool.targetName,
  featureNames: pool.featureNames,
  labelled: pool.labelled,
  pool: { rows: pool.pool.lines, features: pool.pool.features },
});

/** The work of select. Everything that the user brought is checked before an engine is asked for. */
export const selectWork =
  (options: SelectOptions): Work =>
  (context) =>
    pipe(
      TE.fromEither(featureMapOf(options, options.seed)),
      TE.chainFirstEitherK(() => checkSampler(options)),
      TE.bindTo('featureMap'),
      TE.bind('table', () => readTable(options.file)),
      TE.bind('pool', ({ table }) =>
        TE.fromEither(
          labelledPool(table, {
            target: options.target,
            ...(options.features === undefined ? {} : { features: options.features }),
          }),
        ),
      ),
      TE.chainFirstEitherK(({ pool }) => checkBatchSize(options.batchSize, pool.pool.lines.length)),
      TE.mapLeft((failure): Failure => failure),
      TE.chain(({ featureMap, pool }) => {
        pool.remarks.forEach(context.remark);
        return batchWork(problemOf(options.file, pool), {
          batchSize: options.batchSize,
          featureMap,
          sampler: {
            acquisition: options.acquisition,
            temperature: options.temperature,
            policy: options.policy,
            objective: options.objective,
            iterations: options.iterations,
            trajectories: options.trajectories,
            seed: options.seed,
            engine: options.engine,
          },
        })(context);
      }),
      TE.map(options.json ? renderJson : renderBatch),
      TE.map(printed),
    );

/** The command, with its options and help. */
export const select = command({
  name: 'select',
  description: 'Choose the batch of rows to label next: rows with an empty target cell are the pool.',
  args: {
    file: positional({
      displayName: 'FILE',
      description: 'a CSV file with a header; comma, semicolon or tab between cells',
    }),
    target: required(
      {
        long: 'target',
        placeholder: 'COLUMN',
        description: 'the column of labels',
        once: 'One label column at a time is handled: give one, and leave the others out with --features',
      },
      text('the name of a column', 'Name the column of labels as in the header'),
    ),
    features: optional(
      {
        long: 'features',
        placeholder: 'A,B,C',
        description: 'the columns that describe a row (all others if left out)',
        once: 'Give it once, with commas between the names',
      },
      nameList,
    ),
    batchSize,
    ...surrogateOptions,
    ...samplerOptions,
    json,
  },
  handler: selectWork,
});
