/**
 * Which policies are compared with one that is trained from scratch on a round's posterior, and from what do they start
 * there? NAME+k is trained there for k iterations.
 *
 *  - fresh+k: from nothing.
 *  - pretrained+0: `messagePassing` with its pretrained weights (src/gflownet/pretrained).
 *  - Between rounds (from round 1 on): carried+k, from the policy trained from scratch in the round before; once+0, from that
 *    of round 0; pending+0, the carried one after training while labels are pending, on the posterior that the batch leaves
 *    if hyperparameters stay (lookahead/hypothetical.ts); ahead+0, on posteriors after batches that might have been asked
 *    for (lookahead/train-ahead.ts).
 *  - Between problems: across+k, from one trained on other problems (lookahead/train-across.ts).
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import { watchedBy } from '../../acquisition/certified.js';
import type { proposeBatch } from '../../acquisition/index.js';
import { defaultPolicy } from '../../gflownet/policies/index.js';
import type { StrategySettings } from '../../acquisition/settings.js';
import type { Progress } from '../../acquisition/strategy.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { defaultTraining } from '../../gflownet/defaults.js';
import { forPool, type TrainedModel } from '../../gflownet/model-file.js';
import { pretrainedPolicy } from '../../gflownet/pretrained/pretrained.js';
import type { TrainingOptions } from '../../gflownet/training-program.js';
import { type Matrix, rowsAt } from '../../linear-algebra/matrix.js';
import { type Key, keyFromSeed, split, uniforms } from '../../random/key.js';
import type { Posterior } from '../../surrogate/posterior.js';
import { type AnchoredPolicy, anchoredAt } from '../lookahead/anchored-policy.js';
import { problemOn, trainAfter, trainAhead } from '../lookahead/train-ahead.js';
import { trainAcross } from '../lookahead/train-across.js';
import { alignTo } from '../lookahead/align.js';
import type { Experiment, PolicyStudy } from './experiment.js';
import { stateAfter } from './state.js';
import { coordinatePosterior } from './coordinates.js';
import { present } from '../../present.js';

/** A round's posterior, over the rows that are left. */
export interface RoundSnapshot {
  readonly left: readonly number[];
  readonly posterior: Posterior;
  /** Features of the study's anchors, A×D, in the posterior's basis; no rows where it has none. */
  readonly anchors: Matrix;
}

/** A moment, the policy trained from scratch there, and the batch that it proposed: indices into `left`. */
export interface Trained extends RoundSnapshot {
  readonly policy: TrainedModel;
  readonly batch: readonly number[];
}

/** Where a policy starts on a posterior, and for how many iterations it is trained there. */
export interface TrainedFrom {
  readonly start: TrainedModel | undefined;
  readonly iterations: number;
}

/** A policy to compare; without a start it is, there, the one trained from scratch. */
export interface Contender {
  readonly name: string;
  readonly from: TrainedFrom | undefined;
}

/** What training is given. */
export interface PolicyContext {
  readonly engine: Engine;
  /** Of the seed and the round. */
  readonly key: Key;
  readonly settings: StrategySettings;
  readonly batchSize: number;
  readonly propose: typeof proposeBatch;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** For how many iterations policies of a kind are trained on a posterior. */
const counts = {
  fresh: [0, 10],
  pretrained: [0],
  carried: [0, 5, 10, 25, 50],
  once: [0],
  pending: [0],
  ahead: [0],
  across: [0, 10, 25],
} as const;

type Kind = keyof typeof counts;

const kinds: Readonly<Record<PolicyStudy['kind'], readonly Kind[]>> = {
  rounds: ['fresh', 'pretrained', 'carried', 'once', 'pending', 'ahead'],
  problems: ['fresh', 'pretrained', 'across'],
};

const nameOf = (kind: Kind, iterations: number): string => `${kind}+${iterations}`;

/** The names of the policies that a study compares with one trained from scratch. */
export const contenderNames = (kind: PolicyStudy['kind']): readonly string[] =>
  kinds[kind].flatMap((own) => counts[own].map((iterations) => nameOf(own, iterations)));

/** What was trained from scratch in round 0 and in the round before; none in round 0. */
export type Before = { readonly first: Trained; readonly last: Trained } | undefined;

/** Where policies of a kind start: with nothing learned, from a policy, or as the one trained from scratch there. */
type Start = 'fresh' | 'scratch' | TrainedModel;

/** Where policies of a kind start at a moment. */
type StartAt = (
  kind: Kind,
  moment: RoundSnapshot,
  before: Before,
  context: PolicyContext,
) => TE.TaskEither<Failure, Start>;

/** Hypothetical batches; their posteriors share the iterations of a training from scratch. */
const HYPOTHETICAL = 4;

const trainingOf = ({
  policy = defaultPolicy,
  objective,
  iterations,
  trajectories,
}: StrategySettings): TrainingOptions => {
  const usual = defaultTraining(policy);
  return {
    ...usual,
    objective: objective ?? usual.objective,
    iterations: iterations ?? usual.iterations,
    trajectories: trajectories ?? usual.trajectories,
  };
};

/** What was learned then, at the rows that are left now. */
const stillThere = (
  { left: now }: RoundSnapshot,
  left: readonly number[],
  learned: AnchoredPolicy,
): AnchoredPolicy => {
  const place = new Map(left.map((row, index) => [row, index]));
  return anchoredAt(
    learned,
    now.map((row) => place.get(row) ?? NaN),
  );
};

const temperatureOf = ({ settings: { temperature } }: PolicyContext) =>
  temperature === undefined ? {} : { temperature };

const signalOf = ({ signal }: PolicyContext) => (signal === undefined ? {} : { signal });

/** Policies of the rounds before. Before any batch was labelled they are the one trained from scratch. */
const betweenRounds: StartAt = (kind, moment, before, context) => {
  if (kind === 'fresh') return TE.right(kind);
  if (before === undefined) return TE.right('scratch');
  const { first, last } = before;
  const learnedIn = ({ policy, posterior: { whitened, classes } }: Trained): AnchoredPolicy => ({
    ...{ trained: policy, whitened },
    ...present({ classes }),
  });
  const usual = trainingOf(context.settings);
  const after = (fraction: number) => ({
    training: { ...usual, iterations: Math.ceil(fraction * usual.iterations) },
    key: context.key,
    ...signalOf(context),
    ...temperatureOf(context),
  });
  const learned = (): TE.TaskEither<Failure, AnchoredPolicy> => {
    switch (kind) {
      case 'pending':
        return trainAfter(context.engine, learnedIn(last), last.batch, after(1 / 2));
      case 'ahead':
        return trainAhead(context.engine, learnedIn(last), {
          ...{ rounds: HYPOTHETICAL, source: 'mixture', ...after(1 / HYPOTHETICAL) },
        });
      default:
        return TE.right(learnedIn(kind === 'once' ? first : last));
    }
  };
  return pipe(
    learned(),
    TE.chainEitherKW((one) =>
      alignTo(stillThere(moment, (kind === 'once' ? first : last).left, one), moment.posterior.whitened),
    ),
  );
};

/** Columns of the frame in which a policy learns across problems: about as many as a posterior has features. */
const FRAME = 256;

/** A policy trained on the study's problems: the same for every seed. */
const trainedAcross = (
  experiment: Experiment,
  study: Extract<PolicyStudy, { kind: 'problems' }>,
  context: PolicyContext,
): TE.TaskEither<Failure, AnchoredPolicy> => {
  const key = split(keyFromSeed(0), 0x61637273);
  const [least, most] = study.labels;
  return trainAcross(
    context.engine,
    (index) => {
      const own = split(key, index);
      const [part = 0] = uniforms(split(own, 0), 1);
      const data = study.problem(index, least + Math.floor(part * (most - least + 1)));
      return pipe(
        stateAfter(context.engine, experiment, data, [], watchedBy(context)),
        TE.chain(({ fits, left }) =>
          coordinatePosterior(at(fits, 0), rowsAt(data.table.inputs, left), study.anchors),
        ),
        TE.map(({ posterior: { whitened }, anchors }) => {
          const { policy = defaultPolicy } = context.settings;
          const of = { policy, ...temperatureOf(context) };
          return { problem: problemOn(whitened, context.batchSize, of, split(own, 1)).problem, anchors };
        }),
      );
    },
    {
      ...{ problems: study.problems, policy: context.settings.policy ?? defaultPolicy, features: FRAME, key },
      training: trainingOf(context.settings),
      ...signalOf(context),
      onProgress: ({ done, total }) =>
        context.onProgress?.({ stage: 'training across problems', done, total, note: 'problems' }),
    },
  );
};

/** The pretrained policy on a moment's posterior; its parameters depend on no temperature. */
const pretrainedThere = (
  { posterior: { whitened } }: RoundSnapshot,
  { batchSize }: PolicyContext,
): TE.TaskEither<Failure, Start> => pretrainedPolicy({ whitened, batchSize, temperature: 1 });

/** The policies of a study at a moment, of the names given; what they start from is made for those alone. */
export type ContendersAt = (
  names: readonly string[],
  moment: RoundSnapshot,
  before: Before,
  context: PolicyContext,
) => TE.TaskEither<Failure, readonly Contender[]>;

const named =
  (study: PolicyStudy, startAt: StartAt): ContendersAt =>
  (names, moment, before, context) =>
    pipe(
      kinds[study.kind].map((kind) => ({
        kind,
        wanted: counts[kind].filter((iterations) => names.includes(nameOf(kind, iterations))),
      })),
      TE.traverseSeqArray(({ kind, wanted }) =>
        wanted.length === 0
          ? TE.right([])
          : pipe(
              kind === 'pretrained'
                ? pretrainedThere(moment, context)
                : startAt(kind, moment, before, context),
              TE.map((start) =>
                wanted.map((iterations): Contender => ({
                  name: nameOf(kind, iterations),
                  from:
                    start === 'scratch'
                      ? undefined
                      : { start: start === 'fresh' ? undefined : start, iterations },
                })),
              ),
            ),
      ),
      TE.map((parts) => parts.flat()),
    );

/** The policies of an experiment's study; those of other problems are trained for it, once for all seeds. */
export const contendersOf = (
  experiment: Experiment,
  study: PolicyStudy,
  context: PolicyContext,
): TE.TaskEither<Failure, ContendersAt> =>
  study.kind === 'rounds'
    ? TE.right(named(study, betweenRounds))
    : pipe(
        trainedAcross(experiment, study, context),
        TE.map((across) =>
          named(study, (kind, { anchors, left }) =>
            kind === 'fresh'
              ? TE.right(kind)
              : pipe(
                  TE.fromEither(alignTo(across, anchors)),
                  TE.map((turned) => forPool(turned, left.length)),
                ),
          ),
        ),
      );
