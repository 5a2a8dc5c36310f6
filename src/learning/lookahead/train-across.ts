/**
 * One policy for many problems: it is trained on one after the other, and can then be used on a new one without training.
 * Problems have other points and other features. What they have in common are anchors: inputs whose features are known in
 * each. The policy learns in a frame of F columns, that of the first problem's anchors; for each problem its weights are
 * turned to where the anchors' features are closest to those of the frame (align.ts), and back after training. A problem with
 * fewer features has zeros behind them, so that nothing is lost on the way.
 *
 * Source: the idea is that of Malik et al., BatchGFN (2023), arXiv 2306.15058, whose policy reads labelled points instead.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { defaultModel } from '../../gflownet/defaults.js';
import { firstParameters } from '../../gflownet/model.js';
import { forPool } from '../../gflownet/model-file.js';
import type { PolicyName } from '../../gflownet/policies/index.js';
import type { Problem } from '../../gflownet/problem.js';
import { startTraining } from '../../gflownet/start.js';
import { train } from '../../gflownet/train.js';
import type { TrainingOptions } from '../../gflownet/training-program.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import { type Key, split } from '../../random/key.js';
import type { AnchoredPolicy } from './anchored-policy.js';
import { alignForAWhile, widened } from './align.js';

/** A problem to train on: its pool at a temperature, and the features of the anchors, A×D, in the same basis. */
export interface AnchoredProblem {
  readonly problem: Problem;
  readonly anchors: Matrix;
}

/** How to train across problems. */
export interface AcrossOptions {
  /** At least one. */
  readonly problems: number;
  readonly policy: PolicyName;
  /** F. Of a problem with more features the frame keeps as many. */
  readonly features: number;
  /** Of each problem. */
  readonly training: TrainingOptions;
  readonly key: Key;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/**
 * A policy trained on problems that are asked for one after the other, and the anchors' features in its frame, A×F. Fails as
 * training and `problemAt` do, with Interrupted once `signal` is aborted.
 */
export const trainAcross = (
  engine: Engine,
  problemAt: (index: number) => TE.TaskEither<Failure, AnchoredProblem>,
  { problems, policy, features, training, key, onProgress, signal }: AcrossOptions,
): TE.TaskEither<Failure, AnchoredPolicy> => {
  const trainedOn = (
    learned: AnchoredPolicy,
    { problem, anchors }: AnchoredProblem,
    own: Key,
  ): TE.TaskEither<Failure, AnchoredPolicy> =>
    pipe(
      TE.fromEither(alignForAWhile(learned, anchors)),
      TE.mapLeft((failure): Failure => failure),
      TE.chain(({ there, back }) => {
        const { model, parameters } = forPool(there, problem.whitened.rows);
        return pipe(
          startTraining(engine, model, problem, training, own, parameters),
          TE.chain((state) =>
            train(engine, model, problem, training, state, signal === undefined ? {} : { signal }),
          ),
          TE.map(({ parameters: learnt }) => back({ model, parameters: learnt })),
        );
      }),
      TE.map((trained) => ({ ...learned, trained })),
    );
  const frameOf = ({ problem, anchors }: AnchoredProblem): AnchoredPolicy => {
    // A first problem with more features makes the frame as wide.
    const model = defaultModel(policy, problem);
    return { trained: { model, parameters: firstParameters(model, key) }, whitened: anchors };
  };
  const from = (index: number, learned: AnchoredPolicy | undefined): TE.TaskEither<Failure, AnchoredPolicy> =>
    pipe(
      problemAt(index),
      TE.map(({ problem, anchors }) => ({
        problem: { ...problem, whitened: widened(problem.whitened, features) },
        anchors: widened(anchors, features),
      })),
      TE.chain((one) => trainedOn(learned ?? frameOf(one), one, split(key, index))),
      TE.chainFirstIOK(() => () => onProgress?.({ done: index + 1, total: problems })),
      TE.chain((next) => (index + 1 < problems ? from(index + 1, next) : TE.right(next))),
    );
  return from(0, undefined);
};
