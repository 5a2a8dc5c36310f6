/** `batchgfn select FILE`: which rows of a table to label next. */
import { command, positional } from 'cmd-ts';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { batchWork, checkBatchSize } from '../batch-work.js';
import { printed, type Work } from '../command.js';
import { batchSize, checkSampler, json, samplerOptions, type SamplerChoice } from '../common-options.js';
import { required } from '../options.js';
import {
  features,
  fileDescription,
  readPoolFile,
  targetDoc,
  targetName,
  type PoolFile,
} from '../pool-file.js';
import { renderBatch, renderJson } from '../render.js';
import { delimiter } from '../table-file.js';
import { surrogateSpecOf, surrogateOptions, task, type SurrogateChoice } from '../surrogate-options.js';

/** Decoded options of select. */
export interface SelectOptions extends PoolFile, SurrogateChoice, SamplerChoice {
  readonly batchSize: number;
  readonly json: boolean;
}

/** The work of select. Everything that the user brought is checked before an engine is asked for. */
export const selectWork =
  (options: SelectOptions): Work =>
  (context) =>
    pipe(
      TE.fromEither(surrogateSpecOf(options, options.seed)),
      TE.chainFirstEitherK(() => checkSampler(options)),
      TE.bindTo('surrogate'),
      TE.bindW('pool', () =>
        readPoolFile(options, context, options.task === 'classes' ? 'classes' : 'numbers'),
      ),
      TE.chainFirstEitherKW(({ pool: { problem } }) =>
        checkBatchSize(options.batchSize, problem.pool.rows.length),
      ),
      TE.chain(({ surrogate, pool }) => {
        pool.remarks.forEach(context.remark);
        return batchWork(pool.problem, {
          batchSize: options.batchSize,
          surrogate,
          sampler: options,
        })(context);
      }),
      TE.map(({ report }) => (options.json ? renderJson(report) : renderBatch(report))),
      TE.map(printed),
    );

/** The command, with its options and help. */
export const select = command({
  name: 'select',
  description: 'Choose the batch of rows to label next: rows with an empty target cell are the pool.',
  examples: [
    { description: 'the 10 rows of a table to label next', command: 'batchgfn select data.csv -t y -b 10' },
  ],
  args: {
    file: positional({ displayName: 'FILE', description: fileDescription }),
    target: required(targetDoc, targetName),
    features,
    delimiter,
    batchSize,
    ...surrogateOptions,
    task,
    ...samplerOptions,
    json,
  },
  handler: selectWork,
});
