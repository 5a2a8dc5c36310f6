/** `batchgfn verify [FILE]`: train on a pool, and say how far the sampler is from what is known of the target. */
import * as A from '#fp-ts/ReadonlyArray';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { proxyProblem } from '../../acquisition/proxy.js';
import { candidatePart } from '../../acquisition/on-candidates.js';
import { watchedBy } from '../../acquisition/certified.js';
import { contextOf } from '../../acquisition/summary.js';
import { scoredPoolOf } from '../../acquisition/scored-pool.js';
import { cpuEngine, type Engine } from '../../engine/index.js';
import { inputFailure, type Failure } from '../../failure.js';
import { objectives } from '../../gflownet/objectives/index.js';
import { policies } from '../../gflownet/policies/index.js';
import type { Problem } from '../../gflownet/problem.js';
import type { TrainingProgress } from '../../gflownet/train.js';
import { rewards } from '../../reward/index.js';
import { scannedOn } from '../../reward/scan.js';
import { keyFromSeed, split } from '../../random/key.js';
import type { BatchSurrogate } from '../../learning/fit-for-batch.js';
import { maternProblem } from '../../surrogate/matern.js';
import type { Posterior } from '../../surrogate/posterior.js';
import type { VerificationTrace } from '../../verify/verification.js';
import { present } from '../../present.js';
import { checkBatchSize } from '../batch-work.js';
import { command, type Context, type Printed, type Work } from '../command.js';
import { fitPosterior, type Fitted } from '../fit-posterior.js';
import { checkPlot, drawnInto } from '../plot-option.js';
import { readPoolFile, type PoolOfFile } from '../pool-file.js';
import { compilingShown } from '../progress.js';
import { renderJson } from '../render.js';
import { shortfallsOf } from '../shortfalls.js';
import { surrogateSpecOf } from '../surrogate-options.js';
import { pictureOf } from '../verification-picture.js';
import {
  reportedProblem,
  reportedTraining,
  verificationReport,
  type ReportedProblem,
} from '../verification-report.js';
import { renderVerifications } from '../verification-text.js';
import { verifyOptions } from '../verify-options.js';
import { planOf, type VerifyOptions, type VerifyPlan } from '../verify-plan.js';

/** Which child of the seed's key training draws from; the pool has others. */
const stream = 0x766572;

const namesOf = <K extends string>(choice: K | 'all', record: Readonly<Record<K, unknown>>): readonly K[] =>
  choice === 'all' ? (Object.keys(record) as K[]) : [choice];

/** What the options say, and what the file has to say to that. */
interface Checked {
  readonly plan: VerifyPlan;
  readonly surrogate: BatchSurrogate;
  readonly file: PoolOfFile | undefined;
  readonly poolSize: number;
}

/** All that the user brought, checked. */
const check = (options: VerifyOptions, context: Context): TE.TaskEither<Failure, Checked> =>
  pipe(
    TE.fromEither(planOf(options)),
    TE.bindTo('plan'),
    TE.bind('surrogate', () => TE.fromEither(surrogateSpecOf(options, options.seed))),
    TE.chainFirstW(() => checkPlot(options.plot, context)),
    TE.bindW('file', ({ plan: { pool } }) =>
      pool.kind === 'file'
        ? readPoolFile({ ...options, ...pool }, context)
        : TE.right<Failure, PoolOfFile | undefined>(undefined),
    ),
    TE.let('poolSize', ({ plan: { pool }, file }) =>
      pool.kind === 'matern' ? pool.poolSize : (file?.problem.pool.rows.length ?? 0),
    ),
    TE.chainFirstEitherKW(({ plan, poolSize }) => checkBatchSize(plan.batchSize, poolSize)),
  );

/** The posterior over the pool: of the surrogate fitted to the file, or generated. */
interface Pool {
  readonly fitted: Fitted | undefined;
  readonly posterior: Posterior;
}

const poolOf = (
  { seed }: VerifyOptions,
  { file, surrogate, poolSize }: Checked,
  context: Context,
): TE.TaskEither<Failure, Pool> =>
  file === undefined
    ? pipe(
        TE.fromEither(maternProblem({ poolSize, seed })),
        TE.map(({ posterior }) => ({ fitted: undefined, posterior })),
      )
    : pipe(
        fitPosterior(file.problem, surrogate, context),
        TE.map((fitted) => ({ fitted, posterior: fitted.posterior })),
      );

/** Random batches by which a reward's proxy is scaled. */
const SCALED_BY = 64;

/** The problem of the options on a pool. An InputFailure where its reward is of batches of one size and these vary. */
const problemOf = (
  options: VerifyOptions,
  { batchSize, smallestBatch }: VerifyPlan,
  posterior: Posterior,
  context: Context,
): TE.TaskEither<Failure, Problem> => {
  const { temperature, pointCost, seed, reward, candidates } = options;
  const by = {
    ...{ batchSize, seed, draws: SCALED_BY },
    ...(reward === undefined ? {} : { reward: rewards[reward] }),
  };
  // Those that select has with the same seed.
  const asked = function* () {
    const part =
      candidates === undefined
        ? { posterior, reward: {} }
        : yield* candidatePart(posterior, scoredPoolOf(posterior, by.reward), by, candidates);
    return yield* contextOf(part.posterior, { ...by, ...part.reward });
  };
  return pipe(
    scannedOn(cpuEngine({ threads: 1 }), asked, watchedBy({ ...context, onProgress: context.progress })),
    TE.map((found) => proxyProblem(found, by, temperature)),
    TE.chain((problem) =>
      problem.utility === undefined
        ? TE.right({ ...problem, smallestBatch, pointCost })
        : smallestBatch === batchSize
          ? TE.right(problem)
          : TE.left(
              inputFailure({
                source: '--smallest-batch',
                problem: `--reward ${reward ?? ''} is of batches of one size`,
                remedy: 'Remove one of the two',
              }),
            ),
    ),
  );
};

/** What is verified, and what it was made of. */
interface Prepared {
  readonly problem: Problem;
  readonly reported: ReportedProblem;
  readonly fitted: Fitted | undefined;
}

const prepare = (options: VerifyOptions, context: Context): TE.TaskEither<Failure, Prepared> =>
  pipe(
    check(options, context),
    TE.chain((checked) => {
      const { plan, file, poolSize } = checked;
      file?.remarks.forEach(context.remark);
      return pipe(
        poolOf(options, checked, context),
        TE.bind('problem', ({ posterior }) => problemOf(options, plan, posterior, context)),
        TE.map(({ fitted, problem }) => ({
          problem,
          reported: reportedProblem(options, plan, poolSize, file?.problem),
          fitted,
        })),
      );
    }),
  );

/** Each policy with each objective, one after the other, on one engine, beside one answer. All have the same key. */
const verifyAll = (
  options: VerifyOptions,
  problem: Problem,
  machine: Engine,
  { services, progress, signal }: Context,
): TE.TaskEither<Failure, readonly VerificationTrace[]> => {
  const training = reportedTraining(options);
  const key = split(keyFromSeed(options.seed), stream);
  const all = namesOf(options.policy, policies).flatMap((policy) =>
    namesOf(options.objective, objectives).map((objective) => ({
      ...{ policy, objective, backward: options.backward, ...training },
    })),
  );
  const shown =
    (stage: string) =>
    ({ done, total, loss }: TrainingProgress): void =>
      progress({ stage, done, total, note: `loss ${loss.toPrecision(3)}` });
  return pipe(
    services.answerFor(
      problem,
      key,
      { signal, onProgress: (work) => progress({ ...work, note: '' }) },
      { engine: machine },
    ),
    TE.chain((answer) =>
      pipe(
        all,
        TE.traverseSeqArray((one) =>
          services.verifyProblem(machine, problem, one, key, {
            ...{ answer, signal },
            onProgress: shown(`${one.policy}, ${one.objective}`),
          }),
        ),
      ),
    ),
  );
};

/**
 * The work of verify. Everything that the user brought is checked before an engine is asked for. A picture that cannot be
 * written in the end is a shortfall: the numbers are printed all the same.
 */
export const verifyWork =
  (options: VerifyOptions): Work =>
  (context) =>
    pipe(
      prepare(options, context),
      TE.chain(({ problem, reported, fitted }) =>
        context.services.withEngine(
          options.engine,
          (machine) =>
            pipe(
              verifyAll(options, problem, machine, context),
              TE.bindTo('traces'),
              TE.bind('unwritten', ({ traces }) =>
                drawnInto(options.plot, context, () =>
                  context.services.drawing.svg(pictureOf(reported, traces)),
                ),
              ),
              TE.map(({ traces, unwritten }): Printed => {
                const training = reportedTraining(options);
                const reports = traces.map((trace) =>
                  verificationReport(trace, reported, training, machine, fitted),
                );
                return {
                  text: options.json
                    ? renderJson(reports.length === 1 ? reports[0] : reports)
                    : renderVerifications(reports),
                  shortfalls: [
                    ...pipe(reports, A.chain(shortfallsOf(options.maxTv, options.minP))),
                    ...unwritten,
                  ],
                };
              }),
            ),
          compilingShown(context.progress),
          present({ threads: options.threads }),
        ),
      ),
    );

/** The command, with its options and help. */
export const verify = command({
  name: 'verify',
  description:
    'Train on a pool, generated (1-D Matérn-5/2) or from a CSV file, and compare what is sampled with the target.',
  examples: [
    {
      description: 'learned against exact, as numbers and a picture',
      command: 'batchgfn verify -n 15 -b 3 -T 0.2 --plot verify.svg',
    },
  ],
  args: verifyOptions,
  handler: verifyWork,
});
