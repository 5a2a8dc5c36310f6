/** A model's own log-probabilities at any states, for the exact distribution of its draws. */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { Engine, Values } from '../../engine/engine.js';
import { withProgram } from '../../engine/with-program.js';
import type { Failure } from '../../failure.js';
import { logSoftmax } from '../../tensor/derived/softmax.js';
import type { TypedArray } from '../../tensor/expression.js';
import { program, type Program } from '../../tensor/program.js';
import { allowedActions } from '../environment.js';
import { modelInputs, problemValues, samplerOf, type Model } from '../model.js';
import { batchSizes, type Problem } from '../problem.js';
import { givenSubsets, logitsAt } from '../rollout.js';
import { binomial } from './subsets.js';
import { defaultBlock, terminalDistributionWith, type LogPolicyOfSize } from './terminal.js';

/** The program that gives log-probabilities [S, N] of the next point after subsets u32 [S, k] (input `subsets`, k ≥ 1). */
export const logPolicyProgram = (model: Model, size: number, count: number): Program => {
  const inputs = modelInputs(model);
  const sampler = samplerOf(model, inputs);
  const subsets = givenSubsets(sampler, size, count);
  return program(
    { logPolicy: logSoftmax(logitsAt(sampler, subsets), allowedActions(subsets, sampler.stopFrom)) },
    {},
    Object.values(inputs),
  );
};

/**
 * The exact probability of every batch under a model's policy, in the order of `batchOrder`. One program is loaded
 * for each size of subsets. Fails where the engine does.
 */
export const exactDistribution = (
  engine: Engine,
  model: Model,
  problem: Problem,
  parameters: TypedArray,
): TE.TaskEither<Failure, Float64Array> => {
  const poolSize = problem.whitened.rows;
  const shared = { ...problemValues(model, problem), parameters };
  return terminalDistributionWith(poolSize, batchSizes(problem), (size, use) => {
    const width = Math.min(defaultBlock, binomial(poolSize, size));
    return withProgram(engine, logPolicyProgram(model, size, width), (loaded) => {
      // What all blocks share goes with the first.
      let inputs: Values = shared;
      const states = new Uint32Array(width * size);
      const logPolicy: LogPolicyOfSize = (subsets, count) => {
        // A block that is not full is filled up with its first subset, whose further answers are dropped.
        states.set(subsets);
        for (let row = count; row < width; row++) states.copyWithin(row * size, 0, size);
        const request = { inputs: size > 0 ? { ...inputs, subsets: states } : inputs };
        inputs = {};
        return pipe(
          loaded.run(request),
          TE.map(({ logPolicy: logs = new Float64Array(0) }) =>
            logs.subarray(0, (logs.length / width) * count),
          ),
        );
      };
      return use(logPolicy);
    });
  });
};
