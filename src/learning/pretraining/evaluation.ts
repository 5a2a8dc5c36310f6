/**
 * How good is a pretrained policy on pools that it has never seen? Its effective sample size and ELBO on problems of the held-out
 * stream (posteriors.ts), beside log Z by annealing (src/gibbs/annealing.ts), which knows nothing of the policy.
 */
import { pipe } from '#fp-ts/function';
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import type { Progress } from '../../acquisition/strategy.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { annealed } from '../../gibbs/annealing.js';
import { atOnce, turnOfOthers } from '../../work.js';
import { defaultModel } from '../../gflownet/defaults.js';
import { pretrainedAt } from '../../gflownet/pretrained/pretrained.js';
import { gibbsTargetOf, type Problem } from '../../gflownet/problem.js';
import { draw } from '../../gflownet/sample.js';
import { type Key, keyFromSeed, split } from '../../random/key.js';
import type { TypedArray } from '../../tensor/expression.js';
import { generatedClassProblem } from './class-posteriors.js';
import { defaultTemperatureOf, generatedProblem, problemKey } from './posteriors.js';

/** A policy on one problem. */
export interface Evaluated {
  readonly effectiveSampleSize: number;
  /** Nats. */
  readonly elbo: number;
  /** By annealing, nats. */
  readonly logPartition: number;
}

/** Sizes of the problems that pretrained policies are held against. */
const heldOutSizes = { points: [40, 100], batch: [2, 12] } as const;

/** What the labels of problems are: numbers, of Gaussian posteriors (posteriors.ts), or classes (class-posteriors.ts). */
export type LabelKind = 'numbers' | 'classes';

/** The kinds, in the order in which they are told. */
export const labelKinds: readonly LabelKind[] = ['numbers', 'classes'];

const heldOutProblem: Readonly<Record<LabelKind, (key: Key, multiple: number) => Problem>> = {
  numbers: (key, multiple) => {
    const problem = generatedProblem(key, heldOutSizes);
    const usual = defaultTemperatureOf(problem.whitened, problem.batchSize, split(key, 5));
    return { ...problem, temperature: multiple * usual };
  },
  // The policy is exact in the last two picks of the proxy: three show what it has learned.
  classes: (key, multiple) => generatedClassProblem(key, { ...heldOutSizes, batch: [3, 12] }, multiple),
};

/** Problems of a kind that training never sees, at some multiple of their default temperatures. */
export const heldOutProblems = (
  seed: number,
  count: number,
  multiple: number,
  kind: LabelKind = 'numbers',
): readonly Problem[] =>
  Array.from({ length: count }, (_, i) => heldOutProblem[kind](problemKey(seed, 'heldOut', i), multiple));

/** log Z in nats by annealing, with fewer updates where gains take long. */
export const annealedLogPartition = (problem: Problem, seed: number): number => {
  const { target, beta } = gibbsTargetOf(problem);
  const effort = problem.utility === undefined ? {} : { updates: 4 * problem.batchSize };
  return atOnce(annealed(target, beta, { key: split(keyFromSeed(seed), 0x616e), ...effort })).logPartition;
};

/** Draws to judge by. */
const draws = 256;

/** The network's parameters on a problem. Fails where the engine does. */
export const evaluate = (
  engine: Engine,
  parameters: TypedArray,
  problem: Problem,
  logPartition: number,
): TE.TaskEither<Failure, Evaluated> => {
  const model = defaultModel('messagePassing', problem);
  return pipe(
    draw(engine, model, problem, pretrainedAt(model, parameters), draws, keyFromSeed(1)),
    TE.map(({ estimates: { effectiveSampleSize, elbo } }) => ({ effectiveSampleSize, elbo, logPartition })),
  );
};

/** Means over problems. */
export interface MeanEvaluation {
  readonly effectiveSampleSize: number;
  /** log Z − ELBO, nats. */
  readonly gap: number;
}

/** A pretrained policy beside the untrained one on problems of a kind, at a multiple of their default temperatures. */
export interface Comparison {
  readonly labels: LabelKind;
  readonly multiple: number;
  readonly trained: MeanEvaluation;
  readonly untrained: MeanEvaluation;
}

const meanOf = (all: readonly Evaluated[]): MeanEvaluation => ({
  effectiveSampleSize: all.reduce((sum, own) => sum + own.effectiveSampleSize, 0) / all.length,
  gap: all.reduce((sum, own) => sum + own.logPartition - own.elbo, 0) / all.length,
});

/** What to hold a policy against: so many problems of each kind, at each multiple. */
export interface ComparisonOptions {
  readonly seed: number;
  readonly count: number;
  readonly multiples: readonly number[];
}

/**
 * The network's parameters beside untrained ones on held-out problems. Fails with Interrupted between problems, and where the engine
 * does.
 */
export const compared = (
  engine: Engine,
  parameters: TypedArray,
  { seed, count, multiples }: ComparisonOptions,
  control: { readonly signal: AbortSignal; readonly progress: (progress: Progress) => void },
): TE.TaskEither<Failure, readonly Comparison[]> => {
  const untrained = new Float64Array(parameters.length);
  const parts = labelKinds.flatMap((labels) => multiples.map((multiple) => ({ labels, multiple })));
  const one =
    (problem: Problem, done: number): TE.TaskEither<Failure, readonly [Evaluated, Evaluated]> =>
    async () => {
      // Ctrl-C gets its turn.
      await turnOfOthers();
      if (control.signal.aborted) return E.left({ _tag: 'Interrupted', during: 'evaluation' });
      control.progress({ stage: 'evaluation', done, total: count * parts.length, note: '' });
      const logPartition = annealedLogPartition(problem, seed);
      return pipe(
        evaluate(engine, parameters, problem, logPartition),
        TE.bindTo('after'),
        TE.bind('before', () => evaluate(engine, untrained, problem, logPartition)),
        TE.map(({ after, before }) => [after, before] as const),
      )();
    };
  return pipe(
    parts,
    TE.traverseSeqArrayWithIndex((part, { labels, multiple }) =>
      pipe(
        heldOutProblems(seed, count, multiple, labels),
        TE.traverseSeqArrayWithIndex((i, problem) => one(problem, part * count + i)),
        TE.map((pairs) => ({
          ...{ labels, multiple },
          trained: meanOf(pairs.map(([after]) => after)),
          untrained: meanOf(pairs.map(([, before]) => before)),
        })),
      ),
    ),
  );
};
