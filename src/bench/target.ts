/**
 * How long until a policy samples well? Seconds from the start of training until 2,000 batches drawn from the policy have a
 * given effective sample size, on the 1-D Matérn pool at T = ½. The policy is asked every 50 iterations; the seconds are
 * those of training and of everything before it (the first levels, planning, loading), not of the asking, which is told
 * apart. Repeats train from keys of their own: the spread is that of training, not of the clock.
 *
 * The effective sample size does not see what the policy never draws; so the ELBO of the same draws and the EUBO, over batches
 * of the target, stand beside it (src/verify/eubo.ts).
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import { withProgram } from '../engine/with-program.js';
import type { Failure } from '../failure.js';
import { defaultModel, defaultTraining } from '../gflownet/defaults.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { Problem } from '../gflownet/problem.js';
import { draw } from '../gflownet/sample.js';
import { startTraining } from '../gflownet/start.js';
import { trainingValues, withTaught } from '../gflownet/train.js';
import { trainingProgram } from '../gflownet/training-program.js';
import { keyFromSeed, split, type Key } from '../random/key.js';
import { maternProblem } from '../surrogate/matern.js';
import { targetDraws, type TargetDraws } from '../verify/target-answer.js';
import { euboOf } from '../verify/eubo.js';
import type { Trained } from '../verify/trained.js';
import { atOnce } from '../work.js';
import { clock } from '../clock.js';
import { breathe, interruption, median, timingOf, type BenchControl, type Timing } from './measure.js';

/** What is to be reached, and with which training. */
export interface TargetOptions {
  readonly policy: PolicyName;
  readonly poolSize: number;
  readonly batchSize: number;
  readonly trajectories: number;
  /** Iterations at which training ends, reached or not. */
  readonly iterations: number;
  /** Batches that are drawn to see. */
  readonly draws: number;
  /** Effective sample size, as a fraction of the draws. */
  readonly effectiveSampleSize: number;
}

/** One training. */
export interface TargetRun {
  readonly reached: boolean;
  readonly iterations: number;
  readonly effectiveSampleSize: number;
  /** Of the draws, nats. */
  readonly elbo: number;
  /** Over batches of the target, nats; null where there are none (src/verify/target-answer.ts). */
  readonly eubo: number | null;
  readonly seconds: { readonly train: number; readonly check: number };
}

/** Several trainings. */
export interface TargetResult extends TargetOptions {
  readonly temperature: number;
  readonly runs: readonly TargetRun[];
  /** Of the runs, where all reached it; null otherwise. */
  readonly train: Timing | null;
  /** The median of the iterations that it took, where all reached it; null otherwise. */
  readonly iterationsToTarget: number | null;
}

/** Iterations between two looks. */
const between = 50;

/** Batches of the target that the EUBO is a mean over. */
const euboDraws = 256;

/** The EUBO of a policy, null without batches of the target. */
const euboOfPolicy = (
  trained: Trained,
  target: TargetDraws | undefined,
  key: Key,
): TE.TaskEither<Failure, number | null> =>
  target === undefined
    ? TE.right(null)
    : pipe(
        euboOf(trained, target, key),
        TE.map(({ mean }) => mean),
      );

const oneRun = (
  engine: Engine,
  problem: Problem,
  options: TargetOptions,
  target: TargetDraws | undefined,
  key: Key,
  control: BenchControl,
): TE.TaskEither<Failure, TargetRun> => {
  const { policy, trajectories, iterations, draws } = options;
  const training = { ...defaultTraining(policy), trajectories, iterations };
  const start = clock();
  const model = defaultModel(policy, problem);
  return pipe(
    startTraining(engine, model, problem, training, split(key, 0)),
    TE.chain((state) =>
      withProgram(engine, trainingProgram(model, training), (loaded) => async () => {
        let inputs = trainingValues(
          model,
          problem,
          training,
          atOnce(withTaught(model, problem, training, state)),
        );
        let check = 0;
        for (let done = 0; ;) {
          await breathe();
          const free = interruption(control);
          if (E.isLeft(free)) return free;
          const steps = Math.min(between, iterations - done);
          const trained = await loaded.run({ inputs, steps, read: ['loss', 'parameters'] })();
          if (E.isLeft(trained)) return trained;
          inputs = {};
          done += steps;
          const paused = clock();
          const { parameters = state.parameters } = trained.right;
          const drawn = await draw(engine, model, problem, parameters, draws, split(key, 1))();
          if (E.isLeft(drawn)) return drawn;
          check += clock() - paused;
          const { effectiveSampleSize, elbo } = drawn.right.estimates;
          control.progress({
            stage: 'time to an effective sample size',
            done,
            total: iterations,
            note: `${(100 * effectiveSampleSize).toFixed(0)}%`,
          });
          const reached = effectiveSampleSize >= options.effectiveSampleSize;
          if (!reached && done < iterations) continue;
          const seconds = { train: clock() - start - check, check };
          const eubo = await euboOfPolicy({ engine, model, problem, parameters }, target, split(key, 2))();
          return pipe(
            eubo,
            E.map((own) => ({ reached, iterations: done, effectiveSampleSize, elbo, eubo: own, seconds })),
          );
        }
      }),
    ),
  );
};

/** Trains `repeats` times. Fails where the engine does, where the pool cannot be made, and with Interrupted. */
export const measureTarget = (
  engine: Engine,
  options: TargetOptions,
  repeats: number,
  seed: number,
  control: BenchControl,
): TE.TaskEither<Failure, TargetResult> => {
  const temperature = 0.5;
  return pipe(
    TE.fromEither(maternProblem({ poolSize: options.poolSize, seed })),
    TE.mapLeft((failure): Failure => failure),
    TE.chain(({ posterior: { whitened } }) => {
      const problem: Problem = { whitened, batchSize: options.batchSize, temperature };
      const key = split(keyFromSeed(seed), 2);
      return pipe(
        targetDraws(
          problem,
          { draws: euboDraws, key: split(key, repeats), engine },
          { signal: control.signal },
        ),
        TE.map((target) => (target.kind === 'uncertified' ? undefined : target)),
        TE.chain((target) =>
          pipe(
            Array.from({ length: repeats }, (_, i) => split(key, i)),
            TE.traverseSeqArray((own) => oneRun(engine, problem, options, target, own, control)),
          ),
        ),
      );
    }),
    TE.map((runs): TargetResult => {
      const all = runs.every(({ reached }) => reached);
      return {
        ...options,
        temperature,
        runs,
        train: all ? timingOf(runs.map(({ seconds }) => seconds.train)) : null,
        iterationsToTarget: all ? median(runs.map(({ iterations }) => iterations)) : null,
      };
    }),
  );
};
