/**
 * How good is a pretrained policy on pools that it has never seen? Its effective sample size and ELBO on problems of the held-out
 * stream (posteriors.ts), beside log Z by annealing (src/gibbs/annealing.ts), which knows nothing of the policy.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { annealed } from '../../gibbs/annealing.js';
import { atOnce } from '../../gibbs/work.js';
import { defaultModel } from '../../gflownet/defaults.js';
import { pretrainedAt } from '../../gflownet/pretrained/pretrained.js';
import { gibbsTargetOf, type Problem } from '../../gflownet/problem.js';
import { draw } from '../../gflownet/sample.js';
import { keyFromSeed, split } from '../../random/key.js';
import type { TypedArray } from '../../tensor/expression.js';
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

/** Problems that training never sees, at some multiple of their default temperatures. */
export const heldOutProblems = (seed: number, count: number, multiple: number): readonly Problem[] =>
  Array.from({ length: count }, (_, i) => {
    const key = problemKey(seed, 'heldOut', i);
    const problem = generatedProblem(key, heldOutSizes);
    const usual = defaultTemperatureOf(problem.whitened, problem.batchSize, split(key, 5));
    return { ...problem, temperature: multiple * usual };
  });

/** log Z in nats by annealing. */
export const annealedLogPartition = (problem: Problem, seed: number): number => {
  const { target, beta } = gibbsTargetOf(problem);
  return atOnce(annealed(target, beta, { key: split(keyFromSeed(seed), 0x616e) })).logPartition;
};

/** Draws to judge by. */
const draws = 512;

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
