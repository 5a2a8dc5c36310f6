/** `batchgfn verify`: train on a pool with an exact answer, and say how far the sampler is from it. */
import { command, flag } from 'cmd-ts';
import * as A from 'fp-ts/lib/ReadonlyArray.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { EngineChoice } from '../../engine/index.js';
import type { Failure } from '../../failure.js';
import { objectives, type ObjectiveName } from '../../gflownet/objectives/index.js';
import { policies, type PolicyName } from '../../gflownet/policies/index.js';
import { keyFromSeed, split } from '../../random/key.js';
import { maternProblem } from '../../surrogate/matern.js';
import type { Verification } from '../../verify/verification.js';
import { checkBatchSize } from '../batch-work.js';
import type { Work } from '../command.js';
import { engine, json } from '../common-options.js';
import { oneOf, positiveInteger, positiveNumber, seed, share } from '../decoders.js';
import { optional, withDefault } from '../options.js';
import { renderJson, renderVerifications } from '../render.js';
import { shortfallsOf } from '../shortfalls.js';

/** Decoded options of verify. */
export interface VerifyOptions {
  readonly poolSize: number;
  readonly batchSize: number;
  readonly temperature: number;
  readonly policy: PolicyName | 'all';
  readonly objective: ObjectiveName | 'all';
  readonly plainFlows: boolean;
  readonly iterations: number;
  readonly trajectories: number;
  readonly draws: number;
  readonly seed: number;
  readonly engine: EngineChoice;
  readonly maxTv: number | undefined;
  readonly minP: number | undefined;
  readonly json: boolean;
}

/** Which child of the seed's key training draws from; the pool has others. */
const stream = 0x766572;

const namesOf = <K extends string>(choice: K | 'all', record: Readonly<Record<K, unknown>>): readonly K[] =>
  choice === 'all' ? (Object.keys(record) as K[]) : [choice];

/** The work of verify: each policy with each objective, one after the other, on one engine. */
export const verifyWork =
  (options: VerifyOptions): Work =>
  ({ machinery, progress, signal }) => {
    const { poolSize, batchSize, temperature, iterations, trajectories, draws } = options;
    const pairs = namesOf(options.policy, policies).flatMap((policy) =>
      namesOf(options.objective, objectives).map((objective) => ({ policy, objective })),
    );
    const problem = { kind: 'matern', poolSize, batchSize, temperature, seed: options.seed };
    return pipe(
      TE.fromEither(checkBatchSize(batchSize, poolSize)),
      TE.chainEitherKW(() => maternProblem({ poolSize, seed: options.seed })),
      TE.mapLeft((failure): Failure => failure),
      TE.chain(({ posterior }) =>
        machinery.withEngine(options.engine, (machine) =>
          pipe(
            pairs,
            TE.traverseSeqArray(({ policy, objective }) =>
              machinery.verifyProblem(
                machine,
                { whitened: posterior.whitened, batchSize, temperature },
                { policy, objective, forwardLooking: !options.plainFlows, iterations, trajectories, draws },
                split(keyFromSeed(options.seed), stream),
                {
                  signal,
                  onProgress: ({ done, total, loss }) =>
                    progress({
                      stage: `${policy}, ${objective}`,
                      done,
                      total,
                      note: `loss ${loss.toPrecision(3)}`,
                    }),
                },
              ),
            ),
            TE.map((verifications: readonly Verification[]) => {
              const { kind, description, software } = machine;
              const reports = verifications.map((verification) => ({
                ...verification,
                problem,
                iterations,
                trajectories,
                engine: { kind, description, software },
              }));
              return {
                text: options.json
                  ? renderJson(reports.length === 1 ? reports[0] : reports)
                  : renderVerifications(problem, verifications),
                shortfalls: pipe(reports, A.chain(shortfallsOf(options.maxTv, options.minP))),
              };
            }),
          ),
        ),
      ),
    );
  };

/** The command, with its options and help. */
export const verify = command({
  name: 'verify',
  description:
    'Train on a pool with an exact answer (1-D Matérn-5/2) and compare what is sampled with it: all batches where they can be listed, the k-DPP at T = 0.5.',
  args: {
    poolSize: withDefault(
      { long: 'pool-size', placeholder: 'N', description: 'points in the pool' },
      positiveInteger(15, 100_000),
      15,
    ),
    batchSize: withDefault(
      { long: 'batch-size', placeholder: 'B', description: 'points in a batch' },
      positiveInteger(3),
      3,
    ),
    temperature: withDefault(
      {
        long: 'temperature',
        placeholder: 'T',
        description: 'batches are drawn in proportion to exp(JMI / T), JMI in nats',
      },
      positiveNumber(0.5),
      0.5,
    ),
    policy: withDefault(
      {
        long: 'policy',
        placeholder: 'POLICY',
        description: `forward policy: ${Object.keys(policies).join(', ')}, or all`,
      },
      oneOf([...(Object.keys(policies) as PolicyName[]), 'all']),
      'gain',
    ),
    objective: withDefault(
      {
        long: 'objective',
        placeholder: 'LOSS',
        description: `training objective: ${Object.keys(objectives).join(', ')}, or all`,
      },
      oneOf([...(Object.keys(objectives) as ObjectiveName[]), 'all']),
      'logPartitionVariance',
    ),
    plainFlows: flag({
      long: 'plain-flows',
      description: 'state flows without the exact partial reward (not forward-looking)',
    }),
    iterations: withDefault(
      { long: 'iterations', placeholder: 'N', description: 'training iterations' },
      positiveInteger(2000),
      2000,
    ),
    trajectories: withDefault(
      { long: 'trajectories', placeholder: 'N', description: 'trajectories an iteration' },
      positiveInteger(64),
      64,
    ),
    draws: withDefault(
      { long: 'draws', placeholder: 'N', description: 'batches drawn from the trained policy' },
      positiveInteger(2000),
      2000,
    ),
    seed: withDefault(
      { long: 'seed', placeholder: 'N', description: 'every random choice hangs on it' },
      seed,
      0,
    ),
    engine,
    maxTv: optional(
      { long: 'max-tv', placeholder: 'X', description: 'exit code 1 where total variation is above it' },
      share,
    ),
    minP: optional(
      { long: 'min-p', placeholder: 'P', description: 'exit code 1 where the p-value of χ² is below it' },
      share,
    ),
    json,
  },
  handler: verifyWork,
});
